//! The dialog that makes a token, or a new secret for one, and then shows it: once.

use desk::{Field, GracePeriod};
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::{CREATE, CreateToken, RenewToken, Reveal, renew_form};
use super::expiry::ExpiryFields;
use super::list::{List, Making, shown_of};
use super::reveal::RevealedToken;
use crate::components::{Choice, Dialog, OwnPassword, SelectField, TextField, close};
use crate::forms::{Cancel, Done, Form, Submit};
use crate::layout::PageContext;

/// The id of the dialog's heading.
const HEADING: &str = "making";

/// Where a token is made or renewed, and its secret shown once.
#[component]
pub(super) fn CreateDialog(
    /// A new token, or a new secret in the place of another.
    making: Making,
) -> impl IntoView {
    let list = List::get();
    let node = NodeRef::<html::Dialog>::new();
    let put_away = Callback::new(move |()| close(node));
    let closed = Callback::new(move |()| {
        list.making.set(None);
        list.reveal.set(None);
        PageContext::get().forget_query();
    });
    let kept = Signal::derive(move || list.reveal.with(Option::is_some));
    let inner = move || match (list.reveal.get(), &making) {
        (Some(reveal), _) => {
            view! { <RevealedToken reveal heading=HEADING done=put_away /> }.into_any()
        }
        (None, Making::New) => view! { <CreateForm closed=put_away /> }.into_any(),
        (None, Making::Renewal(id)) => {
            view! { <RenewForm id=id.clone() closed=put_away /> }.into_any()
        }
    };
    view! {
        <Dialog heading=HEADING node kept closed>
            {inner}
        </Dialog>
    }
}

/// What follows on making: the secret is shown.
fn shown(list: List) -> Callback<Done> {
    Callback::new(move |done: Done| {
        if let Done { secret: Some(secret), about, .. } = done {
            list.reveal.set(Some(Reveal { secret, about }));
        }
        list.reload();
    })
}

/// The form that makes a token.
#[component]
fn CreateForm(
    /// Called by **Cancel**: closes the dialog.
    closed: Callback<()>,
) -> impl IntoView {
    let access = vec![Choice::new("full", "Full"), Choice::new("read", "Read only")];
    view! {
        <h2 id=HEADING>"New token"</h2>
        <Form to=CreateToken::PATH name=CREATE done=shown(List::get()) cancels=true focus=true>
            <TextField
                name="description"
                label="Description"
                field=Field::Description
                hint="What is this token for?"
            />
            <OwnPassword />
            <ExpiryFields />
            <SelectField
                name="access"
                label="Access"
                field=Field::Access
                hint="Read only: requests that change nothing."
                choices=access
                value="full"
            />
            <NetworksField />
            <div class="actions">
                <Submit label="Create" />
                <Cancel closed=closed />
            </div>
        </Form>
    }
    .into_any()
}

/// The form that makes a new secret for a token.
#[component]
fn RenewForm(
    /// The token's id.
    id: String,
    /// Called by **Cancel**: closes the dialog.
    closed: Callback<()>,
) -> impl IntoView {
    let list = List::get();
    let description = list
        .token(&id)
        .map(|token| token.with_untracked(|token| token.description.clone()))
        .unwrap_or_default();
    let choices = GracePeriod::ALL.map(|grace| {
        let words = if grace == GracePeriod::NONE {
            "no longer: it stops at once".to_owned()
        } else {
            grace.to_string()
        };
        Choice::new(grace.minutes().to_string(), words)
    });
    view! {
        <h2 id=HEADING>{format!("Renew {description}")}</h2>
        <p>
            {format!(
                "You get a new token with the same description, access, networks and length of \
                    life. Give it to the application while the old one (Id {}) still works.",
                shown_of(&id),
            )}
        </p>
        <Form to=RenewToken::PATH name=renew_form(&id) done=shown(list) cancels=true focus=true>
            <input type="hidden" name="id" value=id />
            <SelectField
                name="overlap"
                label="The old token works for"
                field=Field::GracePeriod
                choices=choices.to_vec()
                value=GracePeriod::ALL[2].minutes().to_string()
            />
            <OwnPassword />
            <div class="actions">
                <Submit label="Renew token" />
                <Cancel closed=closed />
            </div>
        </Form>
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
            name="networks"
            label="Allowed networks"
            field=Field::Networks
            value=value
            hint="Optional. Where the token may be used from, for example 192.0.2.0/24, with \
                commas between several. Empty: from anywhere."
        />
    }
}
