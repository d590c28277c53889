//! A person's page for the desk: each part is drawn anew only where what it shows has changed.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::access_control::AccessControl;
use super::account::{Account, Closed};
use super::api::{Seen, UserPage as AskUserPage};
use super::history::History;
use super::identity::Identity;
use super::sessions::Sessions;
use super::tokens::Tokens;
use crate::admin::tabs::Tabs;
use crate::admin::users::FoundUsers;
use crate::client::call;
use crate::forms::Done;
use crate::layout::{PageContext, keep_focus};
use crate::live::{LiveEvent, follow};
use crate::pages::Page;
use crate::paths::escape;

/// The query's key with the row that an older page of the history begins after.
pub(super) const BEFORE: &str = "before";

/// `/admin/users/{netid}`.
#[component]
fn UserPage(
    /// What there is to see.
    seen: Seen,
) -> impl IntoView {
    let title = seen.name();
    let Seen { page, passphrase, is_saved, words } = seen;
    let netid = StoredValue::new(page.user.netid.clone());
    let page = RwSignal::new(page);
    let words = RwSignal::new(*words);
    let context = PageContext::get();
    let before = StoredValue::new(context.query(BEFORE).unwrap_or_default());
    // Nothing is drawn anew but what has changed: each part looks at its own piece of the page.
    let ask_again = move || {
        spawn_local(async move {
            let of = [("netid", &*netid.get_value()), (BEFORE, &*before.get_value())];
            match call::<AskUserPage>(&of).await {
                Ok(seen) if page.try_with_untracked(|page| *page != seen.page) == Some(true) => {
                    words.set(*seen.words);
                    page.set(seen.page);
                    request_animation_frame(keep_focus);
                }
                Err(error) if error.0 == desk::Refusal::SessionEnded => context.session_ended(),
                // Where it was refused, the news comes again; the next change of one's own says
                // what is wrong.
                Ok(_) | Err(_) => {}
            }
        });
    };
    let done = Callback::new(move |_: Done| ask_again());
    // A form that was done, and whose answer never came.
    Effect::watch(move || context.account_changed.get(), move |_, _, _| ask_again(), false);
    let heard =
        Callback::new(
            move |news| {
                if news == LiveEvent::Ended { context.check_session() } else { ask_again() }
            },
        );
    follow(format!("/live?of={}&since={}", escape(&netid.get_value()), context.made().0), heard);
    view! {
        <Tabs current=FoundUsers::PATH />
        <header class="page">
            <h1>{title}</h1>
        </header>
        <Closed netid page words done />
        <div class="columns">
            <div>
                <Identity page />
            </div>
            <aside>
                <AccessControl netid words passphrase is_saved done />
            </aside>
            <div>
                <Account netid page done />
            </div>
        </div>
        <Tokens netid page done />
        <Sessions netid page done />
        <History page />
    }
}

impl Page for Seen {
    const TITLE: &'static str = "User";
    const PATH: &'static str = "/admin/users/{netid}";

    fn title(&self) -> String {
        self.name()
    }

    fn shows_once(&self) -> bool {
        self.is_saved
    }

    fn draw(self) -> AnyView {
        view! { <UserPage seen=self /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Seen {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        let last = context.uri.path().rsplit('/').next().unwrap_or_default();
        let Some(netid) = crate::paths::unescape(last) else { return Ok(Loaded::Nothing) };
        Ok(Loaded::Page(
            crate::server::user::first_view(
                context,
                &netid,
                &context.query(BEFORE).unwrap_or_default(),
                context.query("generate").is_some(),
            )
            .await?,
        ))
    }
}
