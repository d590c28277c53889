use desk::{Access, TokenView};
use leptos::html::Button;
use leptos::prelude::*;

use super::edit::EditForm;
use super::list::{Ask, List};
use crate::forms::Opener;
use crate::frame::Visit;
use crate::parts::{Ago, Ahead, Day};

/// One token. The card stays while its token is used or edited elsewhere; only its facts change.
#[component]
pub(super) fn Card(
    /// The token's id.
    id: String,
    /// It can be edited and revoked.
    may_change: Signal<bool>,
) -> impl IntoView {
    let list = List::get();
    let visit = Visit::get();
    let Some(first) = untrack(|| list.token(&id)) else { return ().into_any() };
    let token = {
        let id = id.clone();
        Memo::new(move |before: Option<&TokenView>| list.token(&id).or_else(|| before.cloned()).unwrap_or_else(|| first.clone()))
    };
    let title = format!("token-{}", id.get(..16).unwrap_or(&id));
    let edit_button = NodeRef::<Button>::new();
    let id = StoredValue::new(id);
    let editing = Memo::new(move |_| may_change.get() && list.editing.with(|editing| *editing == Some(id.get_value())));
    let closed = Callback::new(move |()| {
        list.editing.set(None);
        visit.forget_query();
        request_animation_frame(move || drop(edit_button.get_untracked().map(|button| button.focus())));
    });
    let buttons = {
        let title = title.clone();
        move || {
            let about = title.clone();
            view! {
                <div class="actions">
                    <Opener
                        name="edit" value=id.get_value() label="Edit" about=about.clone() node=edit_button
                        opened=Callback::new(move |()| list.editing.set(Some(id.get_value())))
                    />
                    <Opener
                        name="revoke" value=id.get_value() label="Revoke" class="danger" about=about
                        opened=Callback::new(move |()| list.asking.set(Some(Ask::Revoke(id.get_value()))))
                    />
                </div>
            }
        }
    };
    let below = move || {
        if editing.get() {
            view! { <EditForm token=token.get_untracked() closed=closed/> }.into_any()
        } else if may_change.get() {
            buttons().into_any()
        } else {
            ().into_any()
        }
    };
    let over = move || (!token.with(|token| token.is_live(visit.now.get()))).then_some("over");
    view! {
        <li class="card" data-state=over>
            <h3 id=title>{move || token.with(|token| token.description.clone())}</h3>
            <Facts token/>
            {below}
        </li>
    }
    .into_any()
}

/// Access, making, use, end and networks, each drawn anew only when it changes.
#[component]
fn Facts(token: Memo<TokenView>) -> impl IntoView {
    let now = Visit::get().now;
    let used = Memo::new(move |_| token.with(|token| token.used.clone()));
    let revoked = Memo::new(move |_| token.with(|token| token.revoked.clone()));
    let expires = Memo::new(move |_| token.with(|token| token.expires));
    let expired = Memo::new(move |_| expires.get().is_some_and(|at| at <= now.get()));
    let networks = Memo::new(move |_| token.with(|token| token.networks.clone()));
    let access = move || match token.with(|token| token.access) {
        Access::Full => view! { <span>"Full access"</span> }.into_any(),
        Access::Read => view! { <span class="badge">"Read only"</span> }.into_any(),
    };
    let used = move || match used.get() {
        Some(used) => view! { "Used "<Ago at=used.at/>" from "{used.address} }.into_any(),
        None => "Never used".into_any(),
    };
    let end = move || match (revoked.get(), expires.get()) {
        (Some(revoked), _) => view! { "Revoked "<Ago at=revoked.at/>" by "{revoked.by} }.into_any(),
        (None, Some(at)) if expired.get() => view! { "Expired "<Ago at/> }.into_any(),
        (None, Some(at)) => view! { "Expires "<Ahead at/> }.into_any(),
        (None, None) => "Never expires".into_any(),
    };
    view! {
        <p class="facts">
            {access}
            <span>"Created "<Day at=token.with_untracked(|token| token.created)/></span>
            <span>{used}</span>
            <span>{end}</span>
            {move || Some(networks.get()).filter(|networks| !networks.is_empty()).map(|networks| view! { <span>"From "{networks}</span> })}
        </p>
    }
    .into_any()
}
