//! Password fields: never filled by the server, emptied after a refusal, shown on demand. Each says
//! to password managers whose it is. Tests: `end2end/tests/password-managers.spec.ts`.

use desk::Field;
use leptos::prelude::*;

use super::field::{Ids, framed};
use crate::forms::FormState;
use crate::layout::PageContext;

/// A field for a password, whose characters are hidden unless the form shows them.
#[component]
pub fn PasswordField(
    /// Its name in the form.
    name: &'static str,
    /// The words of its `<label>`.
    #[prop(into)]
    label: String,
    /// The field whose refusals belong beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// What to type, below the label.
    #[prop(optional, into)]
    hint: String,
    /// `current-password` or `new-password`.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    /// Told what is typed, for the strength meter.
    #[prop(optional)]
    typed: Option<RwSignal<String>>,
    /// Filled in by a button of the page (a generated passphrase).
    #[prop(optional)]
    node: Option<NodeRef<leptos::html::Input>>,
    /// In it at first: only a passphrase that the page shows anyway.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let form = FormState::get();
    let ids = Ids::new(form, name);
    let input = view! {
        <input
            id=ids.input.clone()
            node_ref=node.unwrap_or_default()
            name=name
            type=move || if form.shows_passwords.get() { "text" } else { "password" }
            data-password=""
            value=Some(value).filter(|value| !value.is_empty())
            autocomplete=autocomplete
            autocapitalize="none"
            spellcheck="false"
            autofocus=form.wrong_at_first(field)
            aria-describedby=ids.described(form, field, !hint.is_empty())
            aria-invalid=move || form.is_wrong(field).then_some("true")
            on:input=move |event| {
                if let Some(typed) = typed {
                    typed.set(event_target_value(&event));
                    // The meter says how good it is now: what was wrong before is over.
                    if untrack(|| form.is_wrong(field)) {
                        form.refusal.set(None);
                    }
                }
            }
        />
    };
    framed(form, field, label, hint, &ids, Signal::stored(false), input.into_any())
}

/// Shows what is typed into the password fields of this form. Only with script: without it there is
/// nothing to do.
#[component]
pub fn ShowPasswords() -> impl IntoView {
    let form = FormState::get();
    view! {
        <label class="choice scripted">
            <input
                type="checkbox"
                autocomplete="off"
                on:change=move |event| form.shows_passwords.set(event_target_checked(&event))
            />
            " Show passwords"
        </label>
    }
}

/// For password managers, directly before a password: whose it is. A local password has a name of
/// its own, so that the NetID password, which is kept by the NetID, is neither filled in for it nor
/// taken for it; and so that no other field before it is taken for a user name. They read fields
/// that nobody sees, but not those of the type `hidden`.
pub(crate) fn whose(name: &'static str, netid: &str) -> impl IntoView + use<> {
    view! {
        <input
            type="text"
            name=name
            autocomplete="username"
            value=format!("{netid} (local password)")
            hidden=true
        />
    }
}

/// **Your local password**, left out while the session is confirmed. When that has lapsed, the
/// refusal brings it up. While it is closed none helps: whom to ask is said above it.
#[component]
pub fn OwnPassword() -> impl IntoView {
    let form = FormState::get();
    let context = PageContext::get();
    let is_needed = Memo::new(move |before: Option<&bool>| {
        // Once asked it stays, so that nothing vanishes from under the fingers.
        let before = before.copied().unwrap_or_default();
        before || form.is_wrong(Some(Field::OwnPassword)) || !context.is_confirmed()
    });
    view! {
        <Show when=move || {
            is_needed.get()
        }>
            {whose("username", &context.netid())}
            <PasswordField
                name="own_password"
                label="Your local password"
                field=Field::OwnPassword
                hint=context.closed().map(|notice| notice.text).unwrap_or_default()
            />
            <ShowPasswords />
        </Show>
    }
}
