//! The form itself, one for every page: an HTML form that the browser posts, and that script sends
//! from where it is. Tests: `end2end/tests/bad-requests.spec.ts`, `keyboard.spec.ts`; without
//! script `server/tests/server/people/post_redirect_get.rs`.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::send::{focus_first, submit};
use super::{Done, FormState};
use crate::layout::PageContext;
use crate::notice::NoticeBox;
use crate::paths;

/// A form that posts to a server function, with script or without.
///
/// With script it stays where it is while it is sent: its button says so and keeps the focus, a
/// refusal appears beside its field and the first wrong field is focused; what was typed stays,
/// passwords are emptied, but for a current one that was right.
#[component]
pub fn Form(
    /// Path of the server function, for example `CreateToken::PATH`.
    to: &'static str,
    /// The form's name: what its server function gives to `answer`, unique on the page.
    #[prop(into)]
    name: String,
    /// Called with what was done, after the live region has said it.
    #[prop(optional)]
    done: Option<Callback<Done>>,
    /// It has a [`Cancel`] button.
    #[prop(optional)]
    cancels: bool,
    /// It is opened on its page: its first field is focused.
    #[prop(optional)]
    focus: bool,
    /// The `class` of the `<form>`.
    #[prop(default = "form")]
    class: &'static str,
    /// Its fields and buttons.
    children: Children,
) -> impl IntoView {
    let state = FormState::new(name);
    provide_context(state);
    let context = PageContext::get();
    let action = format!("{to}?from={}", paths::escape(&context.address()));
    let sent = move |event: SubmitEvent| submit(&event, state, to, done);
    let node = NodeRef::<leptos::html::Form>::new();
    if focus {
        Effect::new(move || {
            if let Some(form) = node.get() {
                request_animation_frame(move || focus_first(&form));
            }
        });
    }
    let cancel = cancels.then(
        || view! { <form id=cancel_id(state) method="get" action=context.path() hidden=true /> },
    );
    view! {
        <form
            id=state.id()
            class=class
            method="post"
            action=action
            novalidate=true
            on:submit=sent
            node_ref=node
        >
            <input type="hidden" name="form" value=move || state.key.get() />
            {move || {
                state
                    .announced
                    .get()
                    .map(|notice| {
                        view! {
                            <div role="alert">
                                <NoticeBox notice />
                            </div>
                        }
                            .into_any()
                    })
            }}
            {children()}
        </form>
        {cancel}
    }
    .into_any()
}

fn cancel_id(state: FormState) -> String {
    format!("{}-cancel", state.id())
}

/// The button that sends the form. While it is being sent it says so and keeps the focus.
#[component]
pub fn Submit(
    /// Its words.
    #[prop(into)]
    label: String,
    /// `primary`, `danger` or nothing.
    #[prop(default = "primary")]
    class: &'static str,
    /// The id of what says what it is about, for somebody who only hears the button.
    #[prop(optional, into)]
    about: Option<String>,
) -> impl IntoView {
    let state = FormState::get();
    let busy = move || state.busy.get().then_some("true");
    view! {
        <button type="submit" class=class aria-busy=busy aria-disabled=busy aria-describedby=about>
            {label}
        </button>
    }
}

/// The button that leaves the form undone. Without script it leads back to the page as it was.
#[component]
pub fn Cancel(
    /// Closes the form.
    closed: Callback<()>,
) -> impl IntoView {
    let state = FormState::get();
    let clicked = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        closed.run(());
    };
    view! {
        <button type="submit" form=cancel_id(state) on:click=clicked>
            "Cancel"
        </button>
    }
}

/// A button that opens a form on its page. Without script the page comes again with the form open:
/// the button's name and value are then in the address.
#[component]
pub fn Opener(
    /// The query's key that opens the form.
    name: &'static str,
    /// Its value: which one.
    #[prop(optional, into)]
    value: String,
    /// Its words.
    #[prop(into)]
    label: String,
    /// `primary`, `danger`, `plain` or nothing.
    #[prop(optional)]
    class: &'static str,
    /// The id of what says what it is about.
    #[prop(optional, into)]
    about: Option<String>,
    /// Opens it in place.
    opened: Callback<()>,
    /// The button, to focus it again.
    #[prop(optional)]
    node: Option<NodeRef<leptos::html::Button>>,
) -> impl IntoView {
    let clicked = move |event: SubmitEvent| {
        event.prevent_default();
        opened.run(());
    };
    view! {
        <form method="get" action=PageContext::get().path() on:submit=clicked>
            <button
                type="submit"
                class=class
                name=name
                value=value
                aria-describedby=about
                node_ref=node.unwrap_or_default()
            >
                {label}
            </button>
        </form>
    }
    .into_any()
}
