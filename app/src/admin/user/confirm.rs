//! An action that asks once more: a button that opens the question, and the form that does it.

use leptos::html;
use leptos::prelude::*;

use crate::components::OwnPassword;
use crate::forms::{Cancel, Done, Form, Opener, Submit};
use crate::layout::{PageContext, keep_focus};

/// The query's key by which a question is open without script.
const KEY: &str = "do";

/// A button, and once it is pressed the question with **Your local password** (if needed), the
/// doing and **Cancel**.
#[component]
pub(super) fn Confirm(
    /// The form's name.
    #[prop(into)]
    name: String,
    /// Path of the server function.
    to: &'static str,
    /// The button's words.
    opener: &'static str,
    /// The id of what the button is about.
    #[prop(optional, into)]
    about: Option<String>,
    /// Stands above the form, and names the panel.
    #[prop(into)]
    question: String,
    /// The words of the button that does it.
    submit: &'static str,
    /// What else the server function is told.
    hidden: Vec<(&'static str, String)>,
    /// Called with what was done, after the panel has closed.
    done: Callback<Done>,
) -> impl IntoView {
    let wanted = PageContext::get().query(KEY).is_some_and(|value| value == name);
    let is_open = RwSignal::new(wanted || PageContext::get().has_outcome(&name));
    let button = NodeRef::<html::Button>::new();
    let panel = NodeRef::<html::Div>::new();
    follow_focus(is_open, panel, button);
    let close = Callback::new(move |()| is_open.set(false));
    let done = Callback::new(move |what| {
        is_open.set(false);
        done.run(what);
    });
    let question_id = format!("{name}-question");
    let form = {
        let name = name.clone();
        move || {
            let fields = hidden
                .iter()
                .map(|(key, value)| view! { <input type="hidden" name=*key value=value.clone() /> })
                .collect_view();
            view! {
                <div
                    class="notice"
                    data-kind="warn"
                    role="group"
                    tabindex="-1"
                    aria-labelledby=question_id.clone()
                    node_ref=panel
                >
                    <p id=question_id.clone()>{question.clone()}</p>
                    <Form to=to name=name.clone() done=done cancels=true>
                        {fields}
                        <OwnPassword />
                        <div class="actions">
                            <Submit label=submit class="danger" />
                            <Cancel closed=close />
                        </div>
                    </Form>
                </div>
            }
            .into_any()
        }
    };
    let closed_view = move || {
        view! {
            <div class="actions">
                <Opener
                    name=KEY
                    value=name.clone()
                    label=opener
                    class="danger"
                    about=about.clone().unwrap_or_default()
                    opened=Callback::new(move |()| is_open.set(true))
                    node=button
                />
            </div>
        }
        .into_any()
    };
    move || if is_open.get() { form() } else { closed_view() }
}

/// The focus follows: into the question, and back to its button.
fn follow_focus(is_open: RwSignal<bool>, panel: NodeRef<html::Div>, button: NodeRef<html::Button>) {
    Effect::watch(
        move || is_open.get(),
        move |open, _, _| {
            let open = *open;
            request_animation_frame(move || {
                // By then it may be gone: what was confirmed took its place away.
                let _ = if open {
                    panel.try_get_untracked().flatten().map(|panel| panel.focus())
                } else {
                    button.try_get_untracked().flatten().map(|button| button.focus())
                };
                keep_focus();
            });
        },
        false,
    );
}
