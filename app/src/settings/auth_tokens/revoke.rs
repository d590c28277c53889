use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use server_fn::ServerFn as _;

use super::api::{REVOKE_ALL, RevokeAllTokens, RevokeToken, revoke_form};
use super::list::{Ask, List};
use crate::forms::{Cancel, Done, Form, Submit};
use crate::frame::Visit;
use crate::parts::OwnPassword;

/// What is asked before revoking. With script a modal dialog: the browser keeps the focus in it and gives it back.
#[component]
pub(super) fn Question(
    /// What is to be done.
    ask: Ask,
) -> impl IntoView {
    let list = List::get();
    let visit = Visit::get();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            request_animation_frame(move || show(&dialog));
        }
    });
    let close = Callback::new(move |()| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    });
    let closed = move |_| {
        list.asking.set(None);
        visit.forget_query();
    };
    let done = Callback::new(move |_: Done| {
        close.run(());
        list.reload();
    });
    let (words, to, name, submit, id) = match ask {
        Ask::Revoke(id) => {
            let description = untrack(|| list.token(&id)).map(|token| token.description).unwrap_or_default();
            let words = format!("Revoke {description}? The application using it stops working at once.");
            (words, RevokeToken::PATH, revoke_form(&id), "Revoke token", Some(id))
        }
        Ask::RevokeAll => (
            "Revoke all? The applications using them stop working at once.".to_owned(),
            RevokeAllTokens::PATH,
            REVOKE_ALL.to_owned(),
            "Revoke all tokens",
            None,
        ),
    };
    // Without script it is open from the start.
    let open = !visit.awake.get_untracked();
    view! {
        <dialog data-kind="danger" aria-labelledby="question" node_ref=dialog open=open on:close=closed>
            <h2 id="question">{words}</h2>
            <Form to=to name=name done=done cancels=true>
                {id.map(|id| view! { <input type="hidden" name="id" value=id/> })}
                <OwnPassword/>
                <div class="actions">
                    <Submit label=submit class="danger"/>
                    <Cancel closed=close/>
                </div>
            </Form>
        </dialog>
    }
    .into_any()
}

fn show(dialog: &web_sys::HtmlDialogElement) {
    let _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_err() {
        return;
    }
    // With no password to type the focus would be on the button that cannot be taken back.
    let asks = dialog.query_selector("[data-password]").is_ok_and(|field| field.is_some());
    let cancel = dialog.query_selector("button[form]").ok().flatten().and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
    if let (false, Some(cancel)) = (asks, cancel) {
        let _ = cancel.focus();
    }
}
