//! What the fields and buttons of a form know of it: whether it is being sent, why it was refused,
//! what was typed before. Tests: `end2end/tests/bad-requests.spec.ts`.

use desk::{Field, Refusal};
use leptos::prelude::*;

use super::key::new_key;
use crate::flash::Outcome;
use crate::layout::PageContext;
use crate::notice::Notice;

/// A form as its fields and buttons see it.
#[derive(Clone, Copy, Debug)]
pub struct FormState {
    name: StoredValue<String>,
    /// Why it was refused last.
    pub refusal: RwSignal<Option<Refusal>>,
    /// What is to be said in the form itself: a modal dialog covers the live region.
    pub(super) announced: RwSignal<Option<Notice>>,
    /// Being sent.
    pub busy: RwSignal<bool>,
    /// Its passwords are shown.
    pub shows_passwords: RwSignal<bool>,
    /// Which form it is: another one once it was sent and done.
    pub(super) key: RwSignal<String>,
    outcome: StoredValue<Option<Outcome>>,
    context: PageContext,
}

impl FormState {
    pub(super) fn new(name: String) -> Self {
        let context = PageContext::get();
        let outcome = context.outcome(&name);
        Self {
            refusal: RwSignal::new(outcome.as_ref().and_then(|outcome| outcome.refusal.clone())),
            announced: RwSignal::new(None),
            busy: RwSignal::new(false),
            shows_passwords: RwSignal::new(false),
            key: RwSignal::new(new_key(context)),
            outcome: StoredValue::new(outcome),
            context,
            name: StoredValue::new(name),
        }
    }

    /// The form around a field.
    ///
    /// # Panics
    /// Outside of a [`super::Form`].
    #[must_use]
    pub fn get() -> Self {
        expect_context::<Self>()
    }

    /// What is sent from now on is another form than what was sent before: the desk knows a form by
    /// its key, whatever is in it.
    pub(crate) fn begin_anew(self) {
        let _ = self.key.try_set(new_key(self.context));
    }

    /// Its name as part of an element's id.
    pub(crate) fn id(self) -> String {
        self.name
            .with_value(|name| name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-"))
    }

    /// What was typed before a refusal, into the field of this name.
    pub(crate) fn typed(self, name: &str) -> Option<String> {
        self.outcome.with_value(|outcome| outcome.as_ref()?.typed(name).map(str::to_owned))
    }

    /// Whether the last refusal belongs beside this field.
    #[must_use]
    pub fn is_wrong(self, field: Option<Field>) -> bool {
        field.is_some()
            && self.refusal.with(|refusal| refusal.as_ref().and_then(Refusal::field)) == field
    }

    /// The same as the page was drawn: the browser focuses the field, script or not.
    pub(crate) fn wrong_at_first(self, field: Option<Field>) -> bool {
        untrack(|| self.is_wrong(field))
    }

    /// What is wrong with this field.
    pub(crate) fn error(self, field: Option<Field>) -> Option<String> {
        self.is_wrong(field)
            .then(|| self.refusal.with(|refusal| refusal.as_ref().map(ToString::to_string)))?
    }
}
