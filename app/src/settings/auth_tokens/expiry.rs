//! **Expires**: when a token stops working. A day is the person's own: with script their browser
//! says when it ends ([`crate::forms`]), without it is a day of UTC, and the page says so. Tests:
//! below, and `end2end/tests/days.spec.ts`.

use desk::{Field, Moment};
use leptos::prelude::*;

use crate::components::{Choice, SelectField, TextField};
use crate::days::day_of;
use crate::forms::FormState;
use crate::layout::PageContext;

/// The choice that leaves a token's expiry as it is.
pub(crate) const KEEP: &str = "keep";

/// The choice of a date of one's own.
pub(crate) const CUSTOM: &str = "custom";

/// The choices, and the date where it is one of one's own.
#[component]
pub(super) fn ExpiryFields(
    /// When the token that is edited expires now; the outer none: it is a new one.
    #[prop(optional)]
    now: Option<Option<Moment>>,
) -> impl IntoView {
    let context = PageContext::get();
    let form = FormState::get();
    let chosen = RwSignal::new(String::new());
    let cap = context.layout(|layout| layout.token_cap_days);
    let hint =
        cap.map(|days| format!("Tokens can last at most {days} days here.")).unwrap_or_default();
    // Without script the date is always there; with it only where it counts.
    let hidden = Signal::derive(move || {
        context.awake.get()
            && chosen.with(|chosen| chosen != CUSTOM)
            && !form.is_wrong(Some(Field::Expires))
    });
    let first = if now.is_some() { KEEP.to_owned() } else { default_choice(cap) };
    let (now_is, awake) = (context.now.get_untracked(), context.awake.get_untracked());
    let last = cap.map(|days| day_of(now_is.plus_days(i64::from(days)), awake));
    let days = (Some(day_of(now_is, awake)), last);
    view! {
        <SelectField
            name="expires"
            label="Expires"
            hint=hint
            choices=choices(cap, now)
            value=first
            chosen=chosen
        />
        <TextField
            name="date"
            label="Custom date"
            field=Field::Expires
            kind="date"
            hint="The token works through the end of that day."
            hidden=hidden
            days=days
        />
    }
}

/// What there is to choose, as far as the operator allows it.
fn choices(cap: Option<u32>, now: Option<Option<Moment>>) -> Vec<Choice> {
    let keep = now.map(|at| match at {
        Some(_) => Choice { day: at, ..Choice::new(KEEP, "As now: ") },
        None => Choice::new(KEEP, "As now: never"),
    });
    let allowed = |days: u32| cap.is_none_or(|cap| days <= cap);
    let fixed = [(30, "30 days"), (90, "90 days"), (365, "1 year")];
    let fixed = fixed
        .into_iter()
        .filter(|(days, _)| allowed(*days))
        .map(|(days, label)| Choice::new(days.to_string(), label));
    let never = cap.is_none().then(|| Choice::new("never", "Never"));
    keep.into_iter().chain(fixed).chain(never).chain([Choice::new(CUSTOM, "Custom date")]).collect()
}

/// 90 days, or the longest below it that the operator allows.
fn default_choice(cap: Option<u32>) -> String {
    match cap {
        Some(..30) => CUSTOM,
        Some(..90) => "30",
        _ => "90",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(cap: Option<u32>, now: Option<Option<Moment>>) -> Vec<String> {
        choices(cap, now).into_iter().map(|choice| choice.value).collect()
    }

    #[test]
    fn only_what_the_operator_allows_is_offered() {
        assert_eq!(values(None, None), ["30", "90", "365", "never", "custom"]);
        assert_eq!(values(Some(90), None), ["30", "90", "custom"]);
        assert_eq!(values(Some(7), Some(None)), ["keep", "custom"]);
    }

    #[test]
    fn the_default_is_among_what_is_offered() {
        for cap in [None, Some(7), Some(30), Some(89), Some(90), Some(1000)] {
            assert!(values(cap, None).contains(&default_choice(cap)), "{cap:?}");
        }
    }
}
