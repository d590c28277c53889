use desk::Field;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::{CREATE, CreateToken, Fresh};
use super::expiry::ExpiryFields;
use super::list::List;
use crate::forms::{Cancel, Done, Form, Submit};
use crate::parts::{Choice, OwnPassword, SelectField, TextField};

/// The form that makes a token.
#[component]
pub(super) fn CreateForm(
    /// Closes it.
    closed: Callback<()>,
) -> impl IntoView {
    let list = List::get();
    let done = Callback::new(move |done: Done| {
        list.creating.set(false);
        if let (Some(secret), Some(id)) = (done.secret, done.id) {
            list.fresh.set(Some(Fresh { secret, id }));
        }
        list.reload();
    });
    let access = vec![Choice::new("full", "Full"), Choice::new("read", "Read only")];
    view! {
        <section class="box" aria-labelledby="create">
            <h2 id="create">"New token"</h2>
            <Form to=CreateToken::PATH name=CREATE done=done cancels=true focus=true>
                <TextField name="description" label="Description" field=Field::Description hint="What is this token for?"/>
                <ExpiryFields/>
                <SelectField name="access" label="Access" field=Field::Access hint="Read only: requests that change nothing." choices=access value="full"/>
                <NetworksField/>
                <OwnPassword/>
                <div class="actions">
                    <Submit label="Create"/>
                    <Cancel closed=closed/>
                </div>
            </Form>
        </section>
    }
    .into_any()
}

/// **Allowed networks**.
#[component]
pub(super) fn NetworksField(
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    view! {
        <TextField
            name="networks" label="Allowed networks" field=Field::Networks value=value
            hint="Optional. Where the token may be used from, for example 192.0.2.0/24, with commas between several. Empty: from anywhere."
        />
    }
}
