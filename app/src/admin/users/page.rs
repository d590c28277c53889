use std::time::Duration;

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::api::{Found, find_users};
use super::results::{Results, row_id};
use crate::Fault;
use crate::admin::tabs::Tabs;
use crate::admin::words::user_path;
use crate::errors::RefusedPage;
use crate::frame::{SEARCH, Visit};
use crate::parts::{Pause, loaded};
use crate::paths::escape;

/// How long a pause in typing counts as "look now".
const PAUSE: Duration = Duration::from_millis(120);

/// `/admin/users`: **Select User**. The query is in the address: `?q=`, and `&open=1` where Enter opens the only result.
#[component]
pub fn UsersPage() -> impl IntoView {
    let (query, open) = use_query_map().with_untracked(|map| (map.get("q").unwrap_or_default(), map.get("open").is_some()));
    view! {
        <Title text="Select User"/>
        {loaded(find_users(query, open), |first| view! { <Search first/> }.into_any())}
    }
}

/// Answers that come in any order, of which only the newest counts.
#[derive(Clone, Copy)]
struct Lookup {
    found: RwSignal<Found>,
    refused: RwSignal<Option<Fault>>,
    newest: StoredValue<u32>,
    visit: Visit,
}

impl Lookup {
    /// Looks, and shows what it found unless something else was looked for meanwhile.
    fn look(self, query: String, then: impl FnOnce(&Found) + 'static) {
        let mine = self.newest.get_value() + 1;
        self.newest.set_value(mine);
        spawn_local(async move {
            let answer = find_users(query, false).await;
            if self.newest.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(found) => {
                    then(&found);
                    self.refused.set(None);
                    self.found.set(found);
                }
                Err(Fault(desk::Refusal::SessionEnded)) => self.visit.session_ended(),
                Err(fault) => self.refused.set(Some(fault)),
            }
        });
    }
}

#[component]
fn Search(first: Found) -> impl IntoView {
    let at_first = first.query.clone();
    let lookup = Lookup { found: RwSignal::new(first), refused: RwSignal::new(None), newest: StoredValue::new(0), visit: Visit::get() };
    let input = NodeRef::<leptos::html::Input>::new();
    // What this page put into the address itself: it changes nothing in the box, where the person is typing on.
    let put = StoredValue::new(at_first.clone());
    // What Enter is asking for: the pause after the last key must not ask once more, which would make that answer stale.
    let entering = StoredValue::new(None::<String>);
    let navigate = use_navigate();
    let to_address = {
        let navigate = navigate.clone();
        move |query: &str| {
            put.set_value(query.to_owned());
            let path = if query.is_empty() { "/admin/users".to_owned() } else { format!("/admin/users?q={}", escape(query)) };
            navigate(&path, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        }
    };
    let pause = Pause::new(PAUSE);
    let paused = {
        let to_address = to_address.clone();
        move |query: String| {
            let to_address = to_address.clone();
            pause.then(move || {
                let query = query.trim();
                // Gone with its page: neither then.
                if entering.try_with_value(|entering| entering.as_deref() != Some(query)) == Some(true) {
                    to_address(query);
                }
            });
        }
    };
    let typed = move || input.get_untracked().map(|input| input.value()).unwrap_or_default();

    // The address asks: after a pause in typing, and on going back and forward.
    let address = use_query_map();
    Effect::watch(
        move || address.with(|map| map.get("q").unwrap_or_default()),
        move |query: &String, _, _| {
            entering.set_value(None);
            lookup.look(query.clone(), |_| {});
            if put.with_value(|put| put != query)
                && let Some(input) = input.get_untracked()
            {
                input.set_value(query);
            }
        },
        false,
    );
    // What was typed before the page came to life.
    Effect::new({
        let paused = paused.clone();
        move |_| {
            if input.get().is_some_and(|input| input.value() != at_first) {
                paused(typed());
            }
        }
    });
    let entered = move |event: SubmitEvent| {
        event.prevent_default();
        let (navigate, to_address, query) = (navigate.clone(), to_address.clone(), typed().trim().to_owned());
        entering.set_value(Some(query.clone()));
        lookup.look(query.clone(), move |found| match found.rows.as_slice() {
            [only] => navigate(&user_path(&only.netid), NavigateOptions::default()),
            _ => {
                entering.set_value(None);
                to_address(&query);
            }
        });
    };
    view! {
        <Tabs here="/admin/users"/>
        <header class="page"><h1>"Select User"</h1></header>
        <form class="form" role="search" method="get" action="/admin/users" on:submit=entered on:keydown=move |event| arrows(&event)>
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
                        on:input=move |_| paused(typed())
                    />
                    <button type="submit" name="open" value="1">"Search"</button>
                </div>
            </div>
        </form>
        <div class="form" on:keydown=move |event| arrows(&event)>
            {move || match lookup.refused.get() {
                Some(fault) => view! { <RefusedPage refusal=fault.0/> }.into_any(),
                None => view! { <Results found=lookup.found.into()/> }.into_any(),
            }}
        </div>
    }
}

/// Down and up go from the search box through the rows and back; Enter on a row follows its link.
fn arrows(event: &KeyboardEvent) {
    let step: i32 = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let at =
        event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()).map(|element| element.id()).unwrap_or_default();
    let place: i32 = at.strip_prefix("user-").and_then(|place| place.parse().ok()).unwrap_or(-1);
    let id = match usize::try_from(place + step) {
        Ok(place) => row_id(place),
        Err(_) => SEARCH.to_owned(),
    };
    if let Some(element) = document().get_element_by_id(&id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        let _ = element.focus();
    }
}
