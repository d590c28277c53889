//! **Identity** on a person's page: who they are as their directory says, and how it is with their
//! local password. Tests: `end2end/tests/user-page.spec.ts`.

use desk::{LocalPassword, LocalState, UserPage};
use leptos::prelude::*;

use crate::admin::words::{account_badges, local_badge};
use crate::components::{Day, directory};
use crate::layout::PageContext;

/// Who they are, as the directory says.
#[component]
pub(super) fn Identity(page: RwSignal<UserPage>) -> impl IntoView {
    let user = Memo::new(move |_| page.with(|page| page.user.clone()));
    let now = PageContext::get().now;
    let local = Memo::new(move |_| {
        let lapsed = |at| at <= now.get();
        page.with(|page| {
            (page.local.clone(), page.closed, page.local.lapses_at.is_some_and(lapsed))
        })
    });
    let (departed, departed_at) = page.with_untracked(|page| (page.departed, page.departed_at));
    // Whom an administrator had disabled before left on a day that nobody has written down.
    let gone = match departed_at {
        Some(at) => view! {
            ", gone since "
            <Day at />
        }
        .into_any(),
        None if departed => ", no longer there".into_any(),
        None => ().into_any(),
    };
    let source = page.with_untracked(|page| page.source);
    // Whoever is gone has the name that they left with: it is the one above.
    let former = move || page.with(|page| page.former.clone().filter(|_| !page.departed));
    let subject = move || page.with(|page| page.subject.clone());
    let fact = |what, text: Option<String>| {
        text.map(|text| {
            view! {
                <dt>{what}</dt>
                <dd>{text}</dd>
            }
        })
    };
    view! {
        <section class="box" aria-labelledby="identity">
            <h2 id="identity">"Identity"</h2>
            <dl class="facts">
                <dt>"NetID"</dt>
                <dd>{move || user.get().netid}{move || user.with(account_badges)}</dd>
                <dt>"Name"</dt>
                <dd>{move || user.get().name}</dd>
                <dt>"E-mail"</dt>
                <dd>{move || user.get().email}</dd>
                <dt>"Role"</dt>
                <dd>{move || user.get().role.title()}</dd>
                <dt>"Directory"</dt>
                <dd>{directory(source)}{gone}</dd>
                {move || fact("Campus log-in", subject())}
                {move || fact("NetID previously held by", former())}
                <dt>"Local password"</dt>
                <dd>
                    {move || {
                        local.with(|(local, closed, lapsed)| local_words(local, *closed, *lapsed))
                    }}
                </dd>
            </dl>
        </section>
    }
}

fn local_words(local: &LocalPassword, closed: bool, lapsed: bool) -> impl IntoView + use<> {
    let set = local.set_at.map(|at| {
        let by = if local.set_by.is_empty() || local.state == LocalState::Own {
            String::new()
        } else {
            format!(" by {}", local.set_by)
        };
        // The badge of one's own is “Set” itself.
        let on = if local.state == LocalState::Own && !closed { " on " } else { " set on " };
        view! {
            {on}
            <Day at />
            {by}
        }
    });
    let lapses = local.lapses_at.map(|at| {
        view! {
            {if lapsed { ", lapsed on " } else { ", lapses on " }}
            <Day at />
        }
    });
    view! {
        {local_badge(local.state, closed)}
        {set}
        {lapses}
    }
}
