//! **Sessions**: the list of where one is logged in. Tests: `end2end/tests/sessions.spec.ts`.

use desk::{Refusal, SessionView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn as _;

use super::api::{END_OTHERS, EndOtherSessions, EndSession, OwnSessions, end_form};
use crate::client::call;
use crate::components::{Ago, browser};
use crate::forms::{Done, Form, Submit};
use crate::layout::{PageContext, keep_focus};
use crate::login::LogOut;
use crate::settings::Tabs;
use serde::{Deserialize, Serialize};

use crate::pages::Page;

/// **Sessions**: the list, read anew where the account changes while it is open.
#[component]
pub(crate) fn SessionsPage(
    /// The sessions, newest first.
    first: Vec<SessionView>,
) -> impl IntoView {
    let context = PageContext::get();
    let all = RwSignal::new(first);
    let reload = move || {
        spawn_local(async move {
            match call::<OwnSessions>(&[]).await {
                Ok(sessions) => {
                    let _ = all.try_set(sessions);
                    request_animation_frame(keep_focus);
                }
                Err(error) if error.0 == Refusal::SessionEnded => context.session_ended(),
                Err(_) => {}
            }
        });
    };
    Effect::watch(move || context.account_changed.get(), move |_, _, _| reload(), false);
    let done = Callback::new(move |_: Done| reload());
    let others = move || all.with(|all| all.iter().any(|session| !session.this));
    view! {
        <Tabs current=Sessions::PATH />
        <header class="page">
            <h1>"Sessions"</h1>
            <p class="lede">
                "Where you are logged in. If you do not recognise one, log it out and change your \
                    NetID password."
            </p>
            <Show when=others>
                <Form to=EndOtherSessions::PATH name=END_OTHERS class="actions" done=done>
                    <Submit label="Log out everywhere else" class="" />
                </Form>
            </Show>
        </header>
        <h2 class="visually-hidden">"Your sessions"</h2>
        <ul class="cards">
            <For
                each=move || all.get()
                key=|session| (session.id.clone(), session.last_seen)
                let:session
            >
                <Card session done />
            </For>
        </ul>
    }
    .into_any()
}

#[component]
fn Card(session: SessionView, done: Callback<Done>) -> impl IntoView {
    let SessionView { id, created, last_seen, address, agent, this } = session;
    let title = format!("session-{}", id.short());
    // Several may be of one browser: what tells them apart is in their facts.
    let facts = format!("{title}-facts");
    let about = format!("{title} {facts}");
    let end = if this {
        view! {
            <Form to=LogOut::PATH name="log-out-here" class="actions">
                <Submit label="Log out" class="" about=about />
            </Form>
        }
        .into_any()
    } else {
        view! {
            <Form to=EndSession::PATH name=end_form(id.as_str()) class="actions" done=done>
                <input type="hidden" name="id" value=id.to_string() />
                <Submit label="Log out" class="" about=about />
            </Form>
        }
        .into_any()
    };
    view! {
        <li class="card">
            <h2 id=title title=agent.clone()>
                {browser(&agent)}
                {this
                    .then(|| {
                        view! {
                            " "
                            <span class="badge" data-kind="good">
                                "This session"
                            </span>
                        }
                    })}
            </h2>
            <p class="facts" id=facts>
                <span>{address}</span>
                <span>"Logged in "<Ago at=created /></span>
                <span>"Last seen "<Ago at=last_seen /></span>
            </p>
            {end}
        </li>
    }
    .into_any()
}

/// Where one is logged in, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sessions(Vec<SessionView>);

impl Page for Sessions {
    const TITLE: &'static str = "Sessions";
    const PATH: &'static str = "/settings/sessions";
    const TAB: &'static str = Self::TITLE;

    fn draw(self) -> AnyView {
        view! { <SessionsPage first=self.0 /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Sessions {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        Ok(Loaded::Page(Self(crate::server::own::sessions(context).await?)))
    }
}
