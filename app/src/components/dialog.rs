//! A question or a form over the page.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

use crate::layout::PageContext;

/// A modal dialog: the browser keeps the focus in it and gives it back where it was. Without script
/// it is open from the start, over the page.
#[component]
pub fn Dialog(
    /// The id of its heading.
    heading: &'static str,
    /// `danger` or nothing.
    #[prop(optional)]
    kind: &'static str,
    /// To close it: `close()`.
    node: NodeRef<html::Dialog>,
    /// Escape does not close it: there is something in it that nobody sees again.
    #[prop(optional, into)]
    kept: Signal<bool>,
    /// It has been closed.
    closed: Callback<()>,
    /// All that is in it, the heading with that id included.
    children: Children,
) -> impl IntoView {
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            request_animation_frame(move || show(&dialog));
        }
    });
    let open = !PageContext::get().awake.get_untracked();
    // A browser lets a page refuse the first Escape only, but never takes one whose key the page
    // has taken.
    let pressed = move |event: web_sys::KeyboardEvent| {
        if kept.get_untracked() && event.key() == "Escape" {
            event.prevent_default();
        }
    };
    let closes = move || kept.get().then_some("none");
    view! {
        <dialog
            data-kind=kind
            aria-labelledby=heading
            node_ref=node
            open=open
            closedby=closes
            on:keydown=pressed
            on:close=move |_| closed.run(())
        >
            {children()}
        </dialog>
    }
    .into_any()
}

/// Closes a dialog; what follows is its `closed`.
pub(crate) fn close(node: NodeRef<html::Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        dialog.close();
    }
}

fn show(dialog: &web_sys::HtmlDialogElement) {
    let _ = dialog.remove_attribute("open");
    if dialog.show_modal().is_err() {
        return;
    }
    // In a question with no password to type the focus would be on the button that cannot be taken
    // back.
    let typed = dialog
        .query_selector("input:not([type=hidden], [hidden]), select")
        .is_ok_and(|field| field.is_some());
    let cancel = dialog
        .query_selector("button[form]")
        .ok()
        .flatten()
        .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
    if let (false, Some(cancel)) = (typed, cancel) {
        let _ = cancel.focus();
    }
}
