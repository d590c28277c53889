//! **Sessions** on a person's page: where they are logged in, for those who may see it, and ending
//! all of it. Tests: `server/tests/server/people/functions.rs`; of the rules
//! `desk/tests/desk/sessions.rs`.

use desk::UserPage;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::api::EndSessionsOf;
use super::confirm::Confirm;
use crate::admin::words::FormNames;
use crate::components::{Ago, browser};
use crate::forms::Done;

/// Where they are logged in, for those who may see it.
#[component]
pub(super) fn Sessions(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    done: Callback<Done>,
) -> impl IntoView {
    let seen = Memo::new(move |_| page.with(|page| page.sessions.is_some()));
    move || seen.get().then(|| view! { <SessionList netid page done /> })
}

#[component]
fn SessionList(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    done: Callback<Done>,
) -> impl IntoView {
    let sessions = Memo::new(move |_| page.with(|page| page.sessions.clone().unwrap_or_default()));
    let may_end = Memo::new(move |_| {
        page.with(|page| {
            page.revoke_denied.is_none()
                && page.sessions.as_ref().is_some_and(|all| !all.is_empty())
        })
    });
    let end = move || {
        may_end.get().then(|| {
            let question = format!(
                "End all sessions of {}? They have to log in again everywhere.",
                netid.get_value()
            );
            let hidden = vec![("netid", netid.get_value())];
            view! {
                <Confirm
                    name=FormNames::END_SESSIONS
                    to=EndSessionsOf::PATH
                    opener="End all sessions"
                    question=question
                    submit="End sessions"
                    hidden=hidden
                    done=done
                />
            }
        })
    };
    let cards = move || {
        let card = |session: desk::SessionView| {
            view! {
                <li class="card">
                    <h3 title=session.agent.clone()>{browser(&session.agent)}</h3>
                    <p class="facts">
                        <span>{session.address}</span>
                        <span>"Logged in "<Ago at=session.created /></span>
                        <span>"Last seen "<Ago at=session.last_seen /></span>
                    </p>
                </li>
            }
        };
        sessions.get().into_iter().map(card).collect_view()
    };
    view! {
        <section class="box" aria-labelledby="sessions">
            <header class="page">
                <h2 id="sessions">"Sessions"</h2>
                {end}
            </header>
            <Show when=move || sessions.with(Vec::is_empty)>
                <p class="empty">"Not logged in anywhere."</p>
            </Show>
            <ul class="cards">{cards}</ul>
        </section>
    }
}
