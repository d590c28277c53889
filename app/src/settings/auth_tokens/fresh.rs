//! A token that was just made: shown once.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::api::Fresh;
use super::snippets::snippets;
use super::trial::Trial;
use crate::frame::Visit;

/// **Your new auth token**.
#[component]
pub(super) fn FreshToken(
    /// The token.
    fresh: Fresh,
    /// The id of the heading.
    heading: &'static str,
    /// Puts it away.
    done: Callback<()>,
) -> impl IntoView {
    let visit = Visit::get();
    let field = NodeRef::<Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
            });
        }
    });
    let netid = visit.me.with_untracked(|me| me.as_ref().map(|me| me.netid.clone())).unwrap_or_default();
    let base = visit.view(|view| view.base.clone());
    // One open at a time; without script too.
    let lines = snippets(&fresh.secret, &netid, &base).into_iter().enumerate().map(|(place, (name, lines))| {
        view! { <details class="snippet" name="snippet" open=place == 0><summary>{name}</summary><pre tabindex="0">{lines}</pre></details> }
    });
    let put_away = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        done.run(());
    };
    let selected = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let secret = StoredValue::new(fresh.secret.clone());
    view! {
        <h2 id=heading>"Your new auth token"</h2>
        <div class="field">
            <label for="fresh-token">"New auth token"</label>
            <p class="hint" id="fresh-hint">"Treat it like a password. You will not see it again."</p>
            <div class="with-button">
                <input
                    id="fresh-token" class="secret" type="text" readonly=true value=fresh.secret autocomplete="off" spellcheck="false"
                    aria-describedby="fresh-hint" node_ref=field on:focus=selected
                />
                <Show when=move || visit.awake.get()><Copy field/></Show>
            </div>
        </div>
        <div>{lines.collect_view()}</div>
        <Show when=move || visit.awake.get()><Trial secret/></Show>
        <form class="actions" method="get" action=visit.path() on:submit=put_away>
            <button type="submit">"Done"</button>
        </form>
    }
    .into_any()
}

/// Copies what is in the field.
#[component]
fn Copy(field: NodeRef<Input>) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let Some(field) = field.get_untracked() else { return };
        field.select();
        let text = field.value();
        spawn_local(async move {
            let done = copy_text(&text).await;
            let _ = copied.try_set(Some(done));
            if done {
                set_timeout(move || {
                    let _ = copied.try_set(None);
                }, Duration::from_secs(3));
            }
        });
    };
    let label = move || if copied.get() == Some(true) { "Copied" } else { "Copy" };
    // The page's live region is under the dialog: this one is heard.
    let said = move || match copied.get() {
        None => "",
        Some(true) => "Copied",
        Some(false) => "The browser does not let this page copy. The token is selected: press Ctrl+C or ⌘C.",
    };
    let class = move || if copied.get() == Some(false) { "error" } else { "visually-hidden" };
    view! {
        <button type="button" class="primary" on:click=copy>{label}</button>
        <p role="status" class=class>{said}</p>
    }
}

/// A browser offers the clipboard only to https and to this very machine.
async fn copy_text(text: &str) -> bool {
    let navigator = window().navigator();
    let offered = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|clipboard| !clipboard.is_undefined());
    offered && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
