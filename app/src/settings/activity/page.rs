//! **Activity**: the rows of the audit that are about oneself, in words.

use desk::{AuditPage, Refusal};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::OwnActivity;
use crate::client::call;
use crate::components::{folded, happened_head, happened_line};
use crate::layout::PageContext;
use crate::paths;
use crate::settings::Tabs;
use serde::{Deserialize, Serialize};

use crate::pages::Page;

/// **Activity**. The address names the row that an older page begins after.
#[component]
pub(crate) fn ActivityPage(
    /// The rows, newest first.
    first: AuditPage,
) -> impl IntoView {
    let context = PageContext::get();
    let older = context.query("before").is_some();
    let page = RwSignal::new(first);
    let reload = move || {
        spawn_local(async move {
            match call::<OwnActivity>(&[]).await {
                Ok(newest) => {
                    let _ = page.try_set(newest);
                }
                Err(error) if error.0 == Refusal::SessionEnded => context.session_ended(),
                Err(_) => {}
            }
        });
    };
    if !older {
        Effect::watch(
            move || (context.account_changed.get(), context.tokens_changed.get()),
            move |_, _, _| reload(),
            false,
        );
    }
    let rows = Memo::new(move |_| page.with(|page| folded(page.rows.clone())));
    let next = Memo::new(move |_| page.with(|page| page.next.clone()));
    view! {
        <Tabs current=Activity::PATH />
        <header class="page">
            <h1>"Activity"</h1>
            <p class="lede">
                "What happened to your account, newest first. If something here was not you, \
                    change your NetID password and tell the Help Desk."
            </p>
        </header>
        <Show when=move || rows.with(Vec::is_empty)>
            <p class="empty">"Nothing has happened yet."</p>
        </Show>
        <Show when=move || !rows.with(Vec::is_empty)>
            <div class="scroll">
                <table class="stack">
                    {happened_head()} <tbody>
                        <For
                            each=move || rows.get()
                            key=|(row, many)| (row.id.clone(), *many)
                            let:row
                        >
                            {happened_line(row, true)}
                        </For>
                    </tbody>
                </table>
            </div>
        </Show>
        <nav class="pages" aria-label="Pages">
            {older.then(|| view! { <a href="/settings/activity">"Newest"</a> })}
            {move || {
                next
                    .get()
                    .map(|next| {
                        view! {
                            <a href=format!(
                                "/settings/activity?before={}",
                                paths::escape(&next),
                            )>"Older"</a>
                        }
                    })
            }}
        </nav>
    }
    .into_any()
}

/// What happened, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activity(AuditPage);

impl Page for Activity {
    const TITLE: &'static str = "Activity";
    const PATH: &'static str = "/settings/activity";
    const TAB: &'static str = Self::TITLE;

    fn draw(self) -> AnyView {
        view! { <ActivityPage first=self.0 /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for Activity {
    async fn load(
        context: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        let before = context.query("before").unwrap_or_default();
        Ok(Loaded::Page(Self(crate::server::own::activity(context, &before).await?)))
    }
}
