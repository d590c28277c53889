//! The box Access Control: the form for the local password, or why there is none.

use desk::{Action, Denied, LocalState};
use leptos::prelude::*;

use super::change::{ChangeForm, FirstForm};
use crate::components::{Day, NoticeBox};
use crate::layout::PageContext;

/// What the box shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The form that changes the local password.
    Change,
    /// The form that sets the first one.
    First,
    /// Why there is no form.
    WhyNot,
}

/// The box **Access Control**.
#[component]
pub(super) fn AccessControl() -> impl IntoView {
    let context = PageContext::get();
    let shown = Memo::new(move |_| match context.denied(Action::ChangeOwnLocalPassword) {
        _ if context.closed().is_some() => Shown::WhyNot,
        None => Shown::Change,
        Some(Denied::FirstPasswordBySomeoneElse(_))
            if context.me.with(|me| me.as_ref().is_some_and(|me| me.may_set_first_password)) =>
        {
            Shown::First
        }
        Some(_) => Shown::WhyNot,
    });
    view! {
        <aside class="box" aria-labelledby="access-control">
            <h2 id="access-control">"Access Control"</h2>
            {move || match shown.get() {
                Shown::Change => {
                    view! {
                        <ChangeForm />
                        <SetBy />
                    }
                        .into_any()
                }
                Shown::First => view! { <FirstForm /> }.into_any(),
                Shown::WhyNot => {
                    (move || context.in_the_way.get().map(|notice| view! { <NoticeBox notice /> }))
                        .into_any()
                }
            }}
        </aside>
    }
}

/// When the local password was set, and by whom.
#[component]
fn SetBy() -> impl IntoView {
    let context = PageContext::get();
    let local = Memo::new(move |_| {
        context.me.with(|me| me.as_ref().map(|me| (me.local.clone(), me.name.clone())))
    });
    move || {
        let (local, name) = local.get()?;
        let at = local.set_at?;
        let by = if local.state == LocalState::Own || local.set_by == name {
            "you".to_owned()
        } else {
            local.set_by
        };
        Some(view! { <p class="muted">"Set on "<Day at />{format!(" by {by}.")}</p> })
    }
}
