//! What is asked before one token, all of them or those that nobody uses are revoked.
//! Tests: `end2end/tests/auth-tokens.spec.ts`, `keyboard.spec.ts`.

use desk::{IDLE_DAYS, TokenView};
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::api::{
    REVOKE_ALL, REVOKE_IDLE, RevokeAllTokens, RevokeIdleTokens, RevokeToken, revoke_form,
};
use super::list::{Ask, List, shown_of};
use crate::components::{Dialog, OwnPassword, close};
use crate::forms::{Cancel, Done, Form, Submit};
use crate::layout::PageContext;

/// What is asked before revoking.
#[component]
pub(super) fn Question(
    /// What is to be done.
    ask: Ask,
) -> impl IntoView {
    let list = List::get();
    let node = NodeRef::<html::Dialog>::new();
    let put_away = Callback::new(move |()| close(node));
    let closed = Callback::new(move |()| {
        list.asking.set(None);
        PageContext::get().forget_query();
    });
    let done = Callback::new(move |_: Done| {
        close(node);
        list.reload();
    });
    let (words, to, name, submit, id) = match ask {
        Ask::Revoke(id) => {
            let description = list
                .token(&id)
                .map(|token| token.with_untracked(|token| token.description.clone()))
                .unwrap_or_default();
            let words =
                format!("Revoke {description}? The application using it stops working at once.");
            (words, RevokeToken::PATH, revoke_form(&id), "Revoke token", Some(id))
        }
        Ask::RevokeIdle => {
            let many = untrack(|| list.count(TokenView::is_idle).get());
            let words = format!(
                "Revoke {many} {} that nobody has used for {IDLE_DAYS} days? An application that \
                    still has one stops working at once.",
                if many == 1 { "token" } else { "tokens" }
            );
            (words, RevokeIdleTokens::PATH, REVOKE_IDLE.to_owned(), "Revoke unused tokens", None)
        }
        Ask::RevokeAll => (
            "Revoke all your auth tokens? The applications using them stop working at once."
                .to_owned(),
            RevokeAllTokens::PATH,
            REVOKE_ALL.to_owned(),
            "Revoke all tokens",
            None,
        ),
    };
    view! {
        <Dialog heading="question" kind="danger" node closed>
            <h2 id="question">{words}</h2>
            {id.as_ref().map(|id| view! { <p class="hint">"Id " {shown_of(id).to_owned()}</p> })}
            <Form to=to name=name done=done cancels=true>
                {id.map(|id| view! { <input type="hidden" name="id" value=id /> })}
                <OwnPassword />
                <div class="actions">
                    <Submit label=submit class="danger" />
                    <Cancel closed=put_away />
                </div>
            </Form>
        </Dialog>
    }
    .into_any()
}
