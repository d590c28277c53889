//! The browser's part: one way for all forms.

use desk::{Field, Refusal};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, UrlSearchParams};

use super::{Done, FormState};
use crate::client::{Answer, post};
use crate::days::end_of_day;
use crate::layout::PageContext;
use crate::notice::Notice;

/// What became of a form that was sent.
enum Sent {
    Done(Done),
    Refused(Refusal),
    /// No answer. Posting the same form again does nothing twice.
    Lost,
}

/// Sends the form of this event, unless it is being sent already.
pub(super) fn submit(
    event: &SubmitEvent,
    state: FormState,
    to: &'static str,
    done: Option<Callback<Done>>,
) {
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
    else {
        return;
    };
    if state.busy.get_untracked() {
        return;
    }
    state.busy.set(true);
    let context = PageContext::get();
    spawn_local(async move {
        let sent = send(to, &form).await;
        // The form may be gone by now: its page was left.
        if state.busy.try_set(false).is_some() {
            return;
        }
        match sent {
            Sent::Done(what) => finish(context, state, &form, what, done),
            Sent::Refused(Refusal::SessionEnded) => context.session_ended(),
            Sent::Refused(refusal) => refuse(context, state, form, refusal),
            Sent::Lost => {
                // What an answer said before is not of what was sent now.
                state.refusal.set(None);
                let lost = "The connection to Latchkey is lost. Try again: nothing is done twice.";
                say(context, state, &form, Notice::bad(lost));
            }
        }
    });
}

fn finish(
    context: PageContext,
    state: FormState,
    form: &HtmlFormElement,
    what: Done,
    done: Option<Callback<Done>>,
) {
    if let Some(path) = &what.go {
        return context.go(path);
    }
    state.refusal.set(None);
    state.announced.set(None);
    state.begin_anew();
    empty_passwords(form, ALL_PASSWORDS);
    context.hush();
    if let Some(notice) = what.notice.clone() {
        context.say(notice);
    }
    context.refresh();
    if let Some(done) = done {
        done.run(what);
    }
}

/// Empties the passwords, shows what is wrong and leads there. The current one was right where the
/// new one is refused: nobody types it twice.
fn refuse(context: PageContext, state: FormState, form: HtmlFormElement, refusal: Refusal) {
    let is_new = matches!(refusal.field(), Some(Field::NewPassword | Field::Retype));
    empty_passwords(&form, if is_new { BUT_THE_CURRENT } else { ALL_PASSWORDS });
    let notice = Notice::refused(&refusal);
    context.hush();
    let _ = state.announced.try_set(None);
    if matches!(refusal, Refusal::SentAlready { .. }) {
        // It was done, and its answer never came. What is sent now is another one, and what the
        // page shows is of before.
        state.begin_anew();
        context.refresh();
        context.tokens_changed.update(|n| *n += 1);
        context.account_changed.update(|n| *n += 1);
    }
    state.refusal.set(Some(refusal));
    request_animation_frame(move || match form.query_selector("[aria-invalid=true]") {
        Ok(Some(wrong)) => focus(wrong),
        _ => say(context, state, &form, notice),
    });
}

/// Says it in the live region, or in the form where a modal dialog covers that: at its head, to
/// which the dialog is scrolled up. Before it is drawn: at the very top the browser holds nothing
/// in its place against what is drawn above it.
fn say(context: PageContext, state: FormState, form: &HtmlFormElement, notice: Notice) {
    if let Ok(Some(dialog)) = form.closest("dialog") {
        dialog.set_scroll_top(0);
        let _ = state.announced.try_set(Some(notice));
    } else {
        context.say(notice);
    }
}

/// Focuses the first field of a form that has come up, unless the focus is in it already.
pub(super) fn focus_first(form: &HtmlFormElement) {
    if document().active_element().is_some_and(|active| form.contains(Some(&active))) {
        return;
    }
    if let Ok(Some(field)) =
        form.query_selector("input:not([type=hidden], [hidden]), select, textarea")
    {
        focus(field);
    }
}

fn focus(element: Element) {
    if let Ok(element) = element.dyn_into::<HtmlElement>() {
        let _ = element.focus();
    }
}

const ALL_PASSWORDS: &str = "[data-password]";
const BUT_THE_CURRENT: &str = "[data-password]:not([name=current])";

fn empty_passwords(form: &HtmlFormElement, which: &str) {
    let Ok(inputs) = form.query_selector_all(which) else { return };
    for place in 0..inputs.length() {
        if let Some(input) =
            inputs.item(place).and_then(|node| node.dyn_into::<HtmlInputElement>().ok())
        {
            input.set_value("");
            // Whoever follows the typing (the strength meter) follows this too.
            if let Ok(event) = web_sys::Event::new("input") {
                let _ = input.dispatch_event(&event);
            }
        }
    }
}

async fn send(to: &str, form: &HtmlFormElement) -> Sent {
    let Some(body) = FormData::new_with_form(form)
        .and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields))
        .ok()
    else {
        return Sent::Lost;
    };
    // A day that was chosen is the person's own: when it ends, only their browser knows.
    if let Some(end) = body.get("date").and_then(|date| end_of_day(&date)) {
        body.append("until", &end);
    }
    match post(to, &body).await {
        Answer::Done(answer) => postcard::from_bytes(&answer).map_or(Sent::Lost, Sent::Done),
        Answer::Refused(refusal) => Sent::Refused(refusal),
        Answer::Lost => Sent::Lost,
    }
}
