use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::access_control::AccessControl;
use super::account::{Account, Closed};
use super::api::{Seen, user_page};
use super::history::History;
use super::identity::Identity;
use super::sessions::Sessions;
use super::tokens::Tokens;
use crate::admin::tabs::Tabs;
use crate::forms::Done;
use crate::frame::Visit;
use crate::live::{News, follow};
use crate::parts::loaded;
use crate::paths::escape;

/// `/admin/users/{netid}`.
#[component]
pub fn UserPage() -> impl IntoView {
    let params = use_params_map();
    let netid = Memo::new(move |_| params.with(|params| params.get("netid").unwrap_or_default()));
    let generate = use_query_map().with_untracked(|map| map.get("generate").is_some());
    move || loaded(user_page(netid.get(), generate), |seen| view! { <Person seen/> }.into_any())
}

#[component]
fn Person(seen: Seen) -> impl IntoView {
    let Seen { page, passphrase } = seen;
    let title = title(&page.user.name, &page.user.netid);
    let netid = StoredValue::new(page.user.netid.clone());
    let page = RwSignal::new(page);
    let visit = Visit::get();
    // Nothing is drawn anew but what has changed: each part looks at its own piece of the page.
    let ask_again = move || {
        spawn_local(async move {
            match user_page(netid.get_value(), false).await {
                Ok(seen) if page.try_with_untracked(|page| *page != seen.page) == Some(true) => page.set(seen.page),
                Ok(_) => {}
                Err(fault) if fault.0 == desk::Refusal::SessionEnded => visit.session_ended(),
                // The news comes again; the next change of one's own says what is wrong.
                Err(_) => {}
            }
        });
    };
    let done = Callback::new(move |_: Done| ask_again());
    let heard = Callback::new(move |news| if news == News::Ended { visit.check_session() } else { ask_again() });
    follow(format!("/live?of={}", escape(&netid.get_value())), heard);
    view! {
        <Title text=title.clone()/>
        <Tabs here="/admin/users"/>
        <header class="page"><h1>{title.clone()}</h1></header>
        <Closed netid page done/>
        <div class="columns">
            <div><Identity page/></div>
            <aside><AccessControl page passphrase done/></aside>
            <div><Account netid page done/></div>
        </div>
        <Tokens netid page done/>
        <Sessions netid page done/>
        <History page/>
    }
}

/// `{name} ({netid})`; somebody without a name is their NetID.
fn title(name: &str, netid: &str) -> String {
    if name.is_empty() { netid.to_owned() } else { format!("{name} ({netid})") }
}
