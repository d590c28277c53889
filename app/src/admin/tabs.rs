//! The sub-tabs of Admin: each visitor sees those that the rules let them open. Tests: `end2end/tests/frame.spec.ts`.

use desk::{Action, Me, NetId, Person, rules};
use leptos::prelude::*;

use crate::layout::PageContext;

/// The sub-tabs of Admin: those that the visitor may open. A courtesy; the desk checks.
#[component]
pub(crate) fn Tabs(
    /// The path of the page that is open.
    here: &'static str,
) -> impl IntoView {
    let visit = PageContext::get();
    let tab = move |path: &'static str, words| view! { <a href=path aria-current=(path == here).then_some("page")>{words}</a> };
    let audit = Memo::new(move |_| visit.me.with(|me| me.as_ref().is_some_and(|me| may(me, Action::ReadAudit))));
    view! {
        <nav class="tabs" aria-label="Admin">
            {tab("/admin/users", "Users")}
            {move || audit.get().then(|| tab("/admin/audit", "Audit"))}
        </nav>
    }
}

/// Whether the rules let a person do this, as far as it is about nobody.
pub(crate) fn may(me: &Me, action: Action) -> bool {
    let Ok(netid) = NetId::parse(&me.netid) else { return false };
    let person = Person { netid, role: me.role, privileged: me.privileged, disabled: false, local: me.local.state };
    rules::check(&person, action, None).is_ok()
}
