//! **Select User**: looks while somebody types; of answers that come in any order only the newest
//! counts. Tests: `end2end/tests/select-user.spec.ts`.

use std::time::Duration;

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;

use super::api::{FindUsers, FoundUsers};
use super::results::{Results, row_id};
use crate::ApiError;
use crate::admin::tabs::Tabs;
use crate::admin::words::user_path;
use crate::client::call;
use crate::components::{Notice, NoticeBox, Pause};
use crate::layout::{PageContext, SEARCH};
use crate::paths::escape;

use crate::pages::Page;

/// How long a pause in typing counts as "look now".
const PAUSE: Duration = Duration::from_millis(120);

/// Answers that come in any order, of which only the newest counts.
#[derive(Clone, Copy)]
struct Lookup {
    found: RwSignal<FoundUsers>,
    refused: RwSignal<Option<ApiError>>,
    newest: StoredValue<u32>,
    context: PageContext,
}

impl Lookup {
    /// Looks, and shows what it found unless something else was looked for meanwhile.
    fn look(self, query: String, then: impl FnOnce(&FoundUsers) + 'static) {
        let mine = self.newest.get_value() + 1;
        self.newest.set_value(mine);
        spawn_local(async move {
            let answer = call::<FindUsers>(&[("query", &query)]).await;
            if self.newest.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(found) => {
                    then(&found);
                    self.refused.set(None);
                    self.found.set(found);
                }
                Err(ApiError(desk::Refusal::SessionEnded)) => self.context.session_ended(),
                Err(error) => self.refused.set(Some(error)),
            }
        });
    }
}

/// `/admin/users`: **Select User**. The query is in the address: `?q=`, and `&open=1` where Enter
/// opens the only result.
#[component]
fn UsersPage(
    /// What the address asks for.
    first: FoundUsers,
) -> impl IntoView {
    let context = PageContext::get();
    let at_first = first.query.clone();
    let lookup = Lookup {
        found: RwSignal::new(first),
        refused: RwSignal::new(None),
        newest: StoredValue::new(0),
        context,
    };
    let input = NodeRef::<leptos::html::Input>::new();
    let typed = move || {
        input.get_untracked().map(|input| input.value().trim().to_owned()).unwrap_or_default()
    };
    let pause = Pause::new(PAUSE);
    let paused = move || {
        pause.then(move || {
            let query = typed();
            to_address(context, &query);
            lookup.look(query, |_| {});
        });
    };
    // What was typed before the page came to life, and what had no answer while the connection was
    // lost.
    Effect::new(move |_| {
        let is_back = !context.lost.get() && lookup.refused.with_untracked(Option::is_some);
        if is_back || input.get().is_some_and(|input| input.value() != at_first) {
            paused();
        }
    });
    let entered = move |event: SubmitEvent| {
        event.prevent_default();
        // The pause after the last key must not ask once more, which would make this answer stale.
        pause.forget();
        let query = typed();
        to_address(context, &query);
        lookup.look(query, move |found| {
            if let [only] = found.rows.as_slice() {
                context.go(&user_path(&only.netid));
            }
        });
    };
    view! {
        <Tabs current=FoundUsers::PATH />
        <header class="page">
            <h1>"Select User"</h1>
            <a class="button" href="/settings/auth-tokens">
                "Your auth tokens"
            </a>
        </header>
        <form
            class="form"
            role="search"
            method="get"
            action="/admin/users"
            on:submit=entered
            on:keydown=move |event| arrows(&event)
        >
            {search_box(lookup, input, paused)}
        </form>
        <div class="form" on:keydown=move |event| arrows(&event)>
            {move || match lookup.refused.get() {
                Some(error) => {
                    view! {
                        <div role="alert">
                            <NoticeBox notice=Notice::bad(error.to_string()) />
                        </div>
                    }
                        .into_any()
                }
                None => view! { <Results found=lookup.found.into() /> }.into_any(),
            }}
        </div>
    }
}

/// The search box; `typed` follows the typing.
fn search_box(
    lookup: Lookup,
    input: NodeRef<leptos::html::Input>,
    typed: impl Fn() + Send + 'static,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=SEARCH>"NetID, name or e-mail"</label>
            <div class="with-button">
                <input
                    id=SEARCH
                    node_ref=input
                    type="search"
                    name="q"
                    maxlength="100"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus=true
                    value=lookup.found.with_untracked(|found| found.query.clone())
                    on:input=move |_| typed()
                />
                <button type="submit" name="open" value="1">
                    "Search"
                </button>
            </div>
        </div>
    }
}

/// Puts what is looked for into the address, so that it can be kept, sent and gone back to.
fn to_address(context: PageContext, query: &str) {
    context.set_address(&if query.is_empty() {
        "/admin/users".to_owned()
    } else {
        format!("/admin/users?q={}", escape(query))
    });
}

/// Down and up go from the search box through the rows and back; Enter on a row follows its link.
fn arrows(event: &KeyboardEvent) {
    let step: i32 = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let at = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        .map(|element| element.id())
        .unwrap_or_default();
    let place: i32 = at.strip_prefix("user-").and_then(|place| place.parse().ok()).unwrap_or(-1);
    let id = match usize::try_from(place + step) {
        Ok(place) => row_id(place),
        Err(_) => SEARCH.to_owned(),
    };
    if let Some(element) = document()
        .get_element_by_id(&id)
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        event.prevent_default();
        let _ = element.focus();
    }
}

impl Page for FoundUsers {
    const TITLE: &'static str = "Select User";
    const PATH: &'static str = "/admin/users";
    const TAB: &'static str = "Users";

    fn draw(self) -> AnyView {
        view! { <UsersPage first=self /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for FoundUsers {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        let found =
            crate::server::users::find(context, &context.query("q").unwrap_or_default()).await?;
        // By Enter, without script: the only result is opened at once.
        if let ([only], true) = (found.rows.as_slice(), context.query("open").is_some()) {
            return Ok(Loaded::Elsewhere(crate::admin::words::user_path(&only.netid)));
        }
        Ok(Loaded::Page(found))
    }
}
