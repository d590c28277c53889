//! Fields of a form: label, hint, input and what is wrong with it, tied together for everybody.

use desk::{Field, Moment};
use leptos::prelude::*;

use crate::days::day_words;
use crate::forms::FormState;
use crate::layout::PageContext;

/// A line of text.
#[component]
pub fn TextField(
    /// Its name in the form.
    name: &'static str,
    /// The words of its `<label>`.
    #[prop(into)]
    label: String,
    /// The field whose refusals belong beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// What to type, below the label.
    #[prop(optional, into)]
    hint: String,
    /// What is in it at first; what was typed before a refusal goes before.
    #[prop(optional, into)]
    value: String,
    /// `text`, `email`, `date` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Focused when it appears.
    #[prop(optional)]
    focus: bool,
    /// Hides the field while true (a custom date that is not chosen).
    #[prop(optional, into)]
    hidden: Signal<bool>,
    /// The first and the last day that may be chosen.
    #[prop(optional)]
    days: (Option<String>, Option<String>),
) -> impl IntoView {
    let form = FormState::get();
    let ids = Ids::new(form, name);
    let value = form.typed(name).unwrap_or(value);
    let plain_name = matches!(name, "netid" | "networks").then_some("none");
    let input = view! {
        <input
            id=ids.input.clone()
            name=name
            type=kind
            value=value
            min=days.0
            max=days.1
            autocomplete=autocomplete
            autocapitalize=plain_name
            spellcheck=plain_name.map(|_| "false")
            autofocus=focus || form.wrong_at_first(field)
            aria-describedby=ids.described(form, field, !hint.is_empty())
            aria-invalid=move || form.is_wrong(field).then_some("true")
        />
    };
    framed(form, field, label, hint, &ids, hidden, input.into_any())
}

/// One of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// A day behind that: where the person is, or of UTC where the page cannot know.
    pub day: Option<Moment>,
}

impl Choice {
    /// One that has no day behind its label.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), day: None }
    }
}

/// A list to choose one from.
#[component]
pub fn SelectField(
    /// Its name in the form.
    name: &'static str,
    /// The words of its `<label>`.
    #[prop(into)]
    label: String,
    /// The field whose refusals belong beside it.
    #[prop(optional)]
    field: Option<Field>,
    /// What to choose, below the label.
    #[prop(optional, into)]
    hint: String,
    /// What there is.
    choices: Vec<Choice>,
    /// What is chosen at first; what was chosen before a refusal goes before.
    #[prop(optional, into)]
    value: String,
    /// Told what is chosen, at first too.
    #[prop(optional)]
    chosen: Option<RwSignal<String>>,
) -> impl IntoView {
    let form = FormState::get();
    let ids = Ids::new(form, name);
    let value = form.typed(name).unwrap_or(value);
    if let Some(chosen) = chosen {
        chosen.set(value.clone());
    }
    let awake = PageContext::get().awake;
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == value;
            let Choice { label, day, .. } = choice;
            let words = move || {
                format!("{label}{}", day.map(|at| day_words(at, awake.get())).unwrap_or_default())
            };
            view! {
                <option value=choice.value selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    let input = view! {
        <select
            id=ids.input.clone()
            name=name
            autocomplete="off"
            aria-describedby=ids.described(form, field, !hint.is_empty())
            aria-invalid=move || form.is_wrong(field).then_some("true")
            on:change=move |event| {
                if let Some(chosen) = chosen {
                    chosen.set(event_target_value(&event));
                }
            }
        >
            {options}
        </select>
    };
    framed(form, field, label, hint, &ids, Signal::stored(false), input.into_any())
}

/// The ids that tie label, hint and error to the input.
pub(crate) struct Ids {
    pub(crate) input: String,
    hint: String,
    error: String,
}

impl Ids {
    pub(crate) fn new(form: FormState, name: &str) -> Self {
        let input = format!("{}-{name}", form.id());
        Self { hint: format!("{input}-hint"), error: format!("{input}-error"), input }
    }

    /// The value of `aria-describedby`, as it is now.
    pub(crate) fn described(
        &self,
        form: FormState,
        field: Option<Field>,
        hinted: bool,
    ) -> impl Fn() -> Option<String> + Send + Sync + Clone + 'static {
        let hint = if hinted { self.hint.clone() } else { String::new() };
        let error = self.error.clone();
        move || match (hint.as_str(), form.is_wrong(field)) {
            ("", false) => None,
            (hint, false) => Some(hint.to_owned()),
            ("", true) => Some(error.clone()),
            (hint, true) => Some(format!("{hint} {error}")),
        }
    }
}

/// An input with its label before it and what is wrong with it behind it.
pub(crate) fn framed(
    form: FormState,
    field: Option<Field>,
    label: String,
    hint: String,
    ids: &Ids,
    hidden: Signal<bool>,
    input: AnyView,
) -> AnyView {
    let hint_id = ids.hint.clone();
    let error_id = ids.error.clone();
    let is_day = field == Some(Field::Expires);
    let error = move || {
        form.error(field).map(|error| {
            view! {
                <p class="error" id=error_id.clone()>
                    {error}
                </p>
            }
        })
    };
    view! {
        <div class="field" hidden=move || hidden.get()>
            <label for=ids.input.clone()>{label}</label>
            // Of a day it says without script whose it is.
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <p class="hint" id=hint_id>
                            {hint}
                            {is_day
                                .then(|| {
                                    view! { <span class="unscripted">" It is a day of UTC."</span> }
                                })}
                        </p>
                    }
                })}
            {input}
            {error}
        </div>
    }
    .into_any()
}
