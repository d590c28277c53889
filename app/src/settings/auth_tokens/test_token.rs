//! Tries the new token as an application would: presents it to verify, and shows what the
//! application sees.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestCredentials, RequestInit, Response};

use crate::paths::at;

/// What an application sees of a good token, in the order of the documentation.
const SEEN: [&str; 5] =
    ["Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Latchkey-Token"];

/// What became of the test.
#[derive(Clone)]
enum Tried {
    Good(Vec<(&'static str, String)>),
    Refused(&'static str),
}

/// The button, and what came of it.
#[component]
pub(super) fn TestToken(
    /// The token.
    secret: StoredValue<String>,
) -> impl IntoView {
    let tried = RwSignal::new(None::<Tried>);
    // On a small screen it is beyond what is seen.
    let at_answer = NodeRef::<leptos::html::Div>::new();
    let clicked = move |_| {
        spawn_local(async move {
            let answer = present(&secret.get_value())
                .await
                .unwrap_or(Tried::Refused("Latchkey does not answer. Try again in a moment."));
            let _ = tried.try_set(Some(answer));
            request_animation_frame(move || {
                if let Some(at) = at_answer.try_get_untracked().flatten() {
                    at.scroll_into_view_with_bool(false);
                }
            });
        });
    };
    let answer = move || match tried.get()? {
        Tried::Good(headers) => {
            let rows = headers
                .into_iter()
                .map(|(name, value)| {
                    view! {
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    }
                })
                .collect_view();
            Some(
                view! {
                    <p>"It works. This is what an application sees:"</p>
                    <dl class="facts">{rows}</dl>
                }
                .into_any(),
            )
        }
        Tried::Refused(words) => Some(view! { <p class="error">{words}</p> }.into_any()),
    };
    view! {
        <div class="test-token scripted">
            <button type="button" on:click=clicked>
                "Try it"
            </button>
            <div role="status" node_ref=at_answer>
                {answer}
            </div>
        </div>
    }
}

/// A header's value as it was meant. A browser gives each of its bytes as the character of that
/// number (the Fetch standard's isomorphic decoding); verify writes names as UTF-8.
fn utf8(value: String) -> String {
    let bytes = value.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(value)
}

async fn present(token: &str) -> Result<Tried, JsValue> {
    let headers = Headers::new()?;
    headers.set("Authorization", &format!("token {token}"))?;
    // A proxy in between is asked to say what the application was asked for: to read.
    headers.set("X-Original-Method", "GET")?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_credentials(RequestCredentials::Omit);
    let answer: Response =
        JsFuture::from(window().fetch_with_str_and_init(&at("/auth/verify"), &init))
            .await?
            .dyn_into()?;
    Ok(match answer.status() {
        200 => {
            let seen = |name| {
                Some((
                    name,
                    utf8(
                        answer
                            .headers()
                            .get(name)
                            .ok()
                            .flatten()
                            .filter(|value| !value.is_empty())?,
                    ),
                ))
            };
            Tried::Good(SEEN.into_iter().filter_map(seen).collect())
        }
        401 => Tried::Refused("The token does not work: it has been revoked, or it has expired."),
        403 => Tried::Refused(
            "The token works, but not from this browser's address: its networks do not allow it.",
        ),
        429 => Tried::Refused("Too many requests. Try again in a moment."),
        _ => return Err(JsValue::NULL),
    })
}

#[cfg(test)]
mod tests {
    use super::utf8;

    #[test]
    fn a_name_of_any_letters_is_read_as_it_was_written() {
        for name in ["Zoë Ångström", "王小明", "Tia", "Nguyễn Thị Ánh", ""] {
            let as_given = name.bytes().map(char::from).collect();
            assert_eq!(utf8(as_given), name);
        }
        // Read right already, or written by a proxy in Latin-1: as it is.
        assert_eq!(utf8("王小明".to_owned()), "王小明");
        assert_eq!(utf8("Zo\u{eb}".to_owned()), "Zoë");
    }
}
