//! The form that edits a token, in the token's card. Tests: `end2end/tests/auth-tokens.spec.ts`.

use desk::{Field, TokenView};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::{EditToken, edit_form};
use super::create::NetworksField;
use super::expiry::ExpiryFields;
use super::list::List;
use crate::components::{OwnPassword, TextField};
use crate::forms::{Cancel, Done, Form, Submit};

/// The form that edits a token, in its card.
#[component]
pub(super) fn EditForm(
    /// The token as it was when the form was opened.
    token: TokenView,
    /// Closes the form.
    closed: Callback<()>,
) -> impl IntoView {
    let list = List::get();
    let done = Callback::new(move |_: Done| {
        closed.run(());
        list.reload();
    });
    view! {
        <Form
            to=EditToken::PATH
            name=edit_form(token.id.as_str())
            done=done
            cancels=true
            focus=true
        >
            <input type="hidden" name="id" value=token.id.to_string() />
            <input
                type="hidden"
                name="was_description"
                value=token.description.clone()
                autocomplete="off"
            />
            <input
                type="hidden"
                name="was_networks"
                value=token.networks.clone()
                autocomplete="off"
            />
            <input
                type="hidden"
                name="was_expires"
                value=token.expires.map_or_else(String::new, |at| at.0.to_string())
                autocomplete="off"
            />
            <TextField
                name="description"
                label="Description"
                field=Field::Description
                hint="What is this token for?"
                value=token.description
            />
            <ExpiryFields now=token.expires />
            <NetworksField value=token.networks />
            <OwnPassword />
            <div class="actions">
                <Submit label="Save Changes" />
                <Cancel closed=closed />
            </div>
        </Form>
    }
    .into_any()
}
