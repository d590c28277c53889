//! One token in the list: its facts and its buttons. Tests: `end2end/tests/auth-tokens.spec.ts`.

use leptos::html;
use leptos::prelude::*;

use super::edit::EditForm;
use super::list::{Ask, List, Making};
use crate::components::TokenFacts;
use crate::forms::Opener;
use crate::layout::{PageContext, keep_focus};

/// One token. The card stays while its token is used or edited elsewhere; only its facts change.
#[component]
pub(super) fn Card(
    /// The token's id.
    id: String,
    /// It can be edited and revoked.
    may_change: Signal<bool>,
) -> impl IntoView {
    let list = List::get();
    let context = PageContext::get();
    let Some(known) = list.token(&id) else { return ().into_any() };
    let token = Memo::new(move |_| known.get());
    let title = format!("token-{}", id.get(..16).unwrap_or(&id));
    let (edit_button, id) = (NodeRef::<html::Button>::new(), StoredValue::new(id));
    let is_wanted = move || list.editing.with(|editing| *editing == Some(id.get_value()));
    // Once it is open it stays, whatever becomes of the token: what is typed is the person's.
    let editing = Memo::new(move |was| is_wanted() && (was == Some(&true) || may_change.get()));
    let closed = Callback::new(move |()| {
        list.editing.set(None);
        context.forget_query();
        request_animation_frame(move || {
            drop(edit_button.try_get_untracked().flatten().map(|button| button.focus()));
            // Of a token that ended meanwhile it is gone with its card.
            keep_focus();
        });
    });
    let buttons = {
        let title = title.clone();
        move || {
            let about = title.clone();
            view! {
                <div class="actions">
                    <Opener
                        name="edit"
                        value=id.get_value()
                        label="Edit"
                        about=about.clone()
                        node=edit_button
                        opened=Callback::new(move |()| list.editing.set(Some(id.get_value())))
                    />
                    <Opener
                        name="renew"
                        value=id.get_value()
                        label="Renew"
                        about=about.clone()
                        opened=Callback::new(move |()| {
                            list.making.set(Some(Making::Renewal(id.get_value())));
                        })
                    />
                    <Opener
                        name="revoke"
                        value=id.get_value()
                        label="Revoke"
                        class="danger"
                        about=about
                        opened=Callback::new(move |()| {
                            list.asking.set(Some(Ask::Revoke(id.get_value())));
                        })
                    />
                </div>
            }
        }
    };
    let below = move || {
        if editing.get() {
            view! { <EditForm token=token.get_untracked() closed=closed /> }.into_any()
        } else if may_change.get() {
            buttons().into_any()
        } else {
            ().into_any()
        }
    };
    let over = move || (!token.with(|token| token.is_live(context.now.get()))).then_some("over");
    view! {
        <li class="card" data-state=over>
            <h2 id=title>{move || token.with(|token| token.description.clone())}</h2>
            <TokenFacts token />
            {below}
        </li>
    }
    .into_any()
}
