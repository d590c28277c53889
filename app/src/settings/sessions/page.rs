use desk::{Refusal, SessionView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use server_fn::ServerFn as _;

use super::api::{END_OTHERS, EndOtherSessions, EndSession, end_form, own_sessions};
use crate::forms::{Done, Form, Submit};
use crate::frame::Visit;
use crate::login::LogOut;
use crate::parts::{Ago, loaded};
use crate::settings::Tabs;

/// **Sessions**.
#[component]
pub fn SessionsPage() -> impl IntoView {
    view! {
        <Title text="Sessions"/>
        <Tabs here="/settings/sessions"/>
        {loaded(own_sessions(), |told| view! { <Page told/> }.into_any())}
    }
}

#[component]
fn Page(told: Vec<SessionView>) -> impl IntoView {
    let visit = Visit::get();
    let all = RwSignal::new(told);
    let reload = move || {
        spawn_local(async move {
            match own_sessions().await {
                Ok(told) => {
                    let _ = all.try_set(told);
                }
                Err(fault) if fault.0 == Refusal::SessionEnded => visit.session_ended(),
                Err(_) => {}
            }
        });
    };
    Effect::watch(move || visit.account_changed.get(), move |_, _, _| reload(), false);
    let done = Callback::new(move |_: Done| reload());
    let others = move || all.with(|all| all.iter().any(|session| !session.this));
    view! {
        <header class="page">
            <h1>"Sessions"</h1>
            <p class="lede">"Where you are logged in. If you do not know one of them, log it out and change your password."</p>
            <Show when=others>
                <Form to=EndOtherSessions::PATH name=END_OTHERS class="actions" done=done><Submit label="Log out everywhere else" class=""/></Form>
            </Show>
        </header>
        <ul class="cards">
            <For each=move || all.get() key=|session| (session.id.clone(), session.last_seen) let:session><Card session done/></For>
        </ul>
    }
    .into_any()
}

#[component]
fn Card(session: SessionView, done: Callback<Done>) -> impl IntoView {
    let SessionView { id, created, last_seen, address, agent, this } = session;
    let title = format!("session-{}", id.get(..16).unwrap_or(&id));
    let about = title.clone();
    let end = if this {
        view! { <Form to=LogOut::PATH name="log-out-here" class="actions"><Submit label="Log out" class="" about=about/></Form> }.into_any()
    } else {
        view! {
            <Form to=EndSession::PATH name=end_form(&id) class="actions" done=done>
                <input type="hidden" name="id" value=id/>
                <Submit label="Log out" class="" about=about/>
            </Form>
        }
        .into_any()
    };
    view! {
        <li class="card">
            <h3 id=title title=agent.clone()>{browser(&agent)}{this.then(|| view! { " "<span class="badge" data-kind="good">"This session"</span> })}</h3>
            <p class="facts">
                <span>{address}</span>
                <span>"Logged in "<Ago at=created/></span>
                <span>"Last seen "<Ago at=last_seen/></span>
            </p>
            {end}
        </li>
    }
    .into_any()
}

/// A User-Agent in words, as far as it is one of the usual. More than that is guessing.
fn browser(agent: &str) -> String {
    // Each of them names those below it too, to be served like them.
    let browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];
    let systems = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];
    let find = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) if agent.is_empty() => "Unknown browser".to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_browsers_are_named() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
        for (agent, words) in [(edge, "Edge on Windows"), (safari, "Safari on iPhone"), ("curl/8.5.0", "curl"), ("", "Unknown browser"), ("Strange/1", "Strange/1")] {
            assert_eq!(browser(agent), words);
        }
    }
}
