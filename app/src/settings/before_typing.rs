//! What is to be read before one's local password is typed while it is closed, and none helps.
//! Tests: `server/tests/server/people/closed.rs`.

use leptos::prelude::*;

use crate::components::NoticeBox;
use crate::layout::PageContext;

/// Whom to ask, above the field that asks for it; nothing while it is open, or is not asked for.
pub(crate) fn before_typing() -> impl IntoView {
    let visit = PageContext::get();
    move || {
        visit
            .closed()
            .filter(|_| !visit.is_confirmed())
            .map(|notice| view! { <NoticeBox notice /> })
    }
}
