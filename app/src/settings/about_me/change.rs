//! The forms of Access Control.

use desk::{Field, LocalState};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::{CHANGE, ChangePassword, SetFirstPassword};
use crate::components::{PasswordField, ShowPasswords, StrengthMeter, whose};
use crate::forms::{Form, Submit};
use crate::layout::PageContext;

/// The form that changes the local password.
#[component]
pub(super) fn ChangeForm() -> impl IntoView {
    let context = PageContext::get();
    // Still true once they have changed it.
    let hint = context.me.with_untracked(|me| match me.as_ref().map(|me| &me.local) {
        Some(local) if local.is_weak_import() => "The one from Request Tracker.",
        Some(local) if local.state == LocalState::Initial => {
            "One that was read out to you: small letters, hyphens between the words."
        }
        _ => "",
    });
    view! {
        <Form to=ChangePassword::PATH name=CHANGE>
            {whose("username", &context.netid())}
            <PasswordField
                name="current"
                label="Current password"
                field=Field::CurrentPassword
                hint=hint
            />
            <NewPassword />
        </Form>
    }
}

/// The form that sets the first one, soon after logging in.
#[component]
pub(super) fn FirstForm() -> impl IntoView {
    view! {
        <p>
            "You do not have a local password yet. Choose one: it makes, changes and revokes your \
                auth tokens."
        </p>
        <Form to=SetFirstPassword::PATH name=CHANGE>
            {whose("username", &PageContext::get().netid())}
            <NewPassword />
        </Form>
    }
}

#[component]
fn NewPassword() -> impl IntoView {
    let typed = RwSignal::new(String::new());
    view! {
        <PasswordField
            name="new"
            label="New password"
            field=Field::NewPassword
            autocomplete="new-password"
            typed=typed
            hint="At least 12 characters. Several words are good; every character is allowed."
        />
        <StrengthMeter typed />
        <PasswordField
            name="retype"
            label="Retype new password"
            field=Field::Retype
            autocomplete="new-password"
        />
        <ShowPasswords />
        <div class="actions">
            <Submit label="Save Changes" />
        </div>
    }
}
