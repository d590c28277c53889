//! What is asked of the audit: in the address, so that it can be kept, sent and gone back to.

use desk::{Actor, AuditAction, AuditQuery, Outcome, Source};
use leptos::prelude::*;

use crate::paths::escape;

/// The query part of an address: only what filters, `before` left out.
pub(crate) fn written(query: &AuditQuery) -> String {
    let pairs = [
        ("actor", &query.actor),
        ("subject", &query.subject),
        ("action", &query.action),
        ("outcome", &query.outcome),
        ("from", &query.from),
        ("to", &query.to),
    ];
    let pairs: Vec<_> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", escape(value)))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The form with the filters.
#[component]
pub(super) fn Filters(query: AuditQuery) -> impl IntoView {
    let outcome = query.outcome.clone();
    let outcomes = [("", "Any"), ("done", "Done"), ("refused", "Refused")]
        .map(|(value, words)| {
            view! {
                <option value=value selected=value == outcome>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <form
            class="filters"
            method="get"
            action="/admin/audit"
            role="search"
            aria-label="Filters"
        >
            {text("actor", "Actor", "text", query.actor)}
            {text("subject", "Subject", "text", query.subject)}
            {text("action", "Action", "text", query.action)}
            <div class="field">
                <label for="audit-outcome">"Outcome"</label>
                <select id="audit-outcome" name="outcome" autocomplete="off">
                    {outcomes}
                </select>
            </div>
            {text("from", "From", "date", query.from)}
            {text("to", "To", "date", query.to)}
            <div class="actions">
                <button type="submit" class="primary">
                    "Filter"
                </button>
                <a class="button" href="/admin/audit">
                    "Clear"
                </a>
                <span class="hint">"Days and times are UTC."</span>
            </div>
        </form>
        <datalist id="audit-action-list">
            {AuditAction::ALL
                .iter()
                .map(|action| {
                    view! { <option value=action.code()>{action.words(Outcome::Done)}</option> }
                })
                .collect_view()}
        </datalist>
        <datalist id="audit-actor-list">
            {programs()
                .map(|actor| view! { <option value=actor.code()>{actor.words()}</option> })
                .collect_view()}
        </datalist>
    }
}

/// Who acts and is no person: nobody knows their codes by heart.
fn programs() -> impl Iterator<Item = Actor> {
    [Actor::Console, Actor::Desk, Actor::Token, Actor::LeakReport]
        .into_iter()
        .chain(Source::ACTING.map(Actor::Source))
}

fn text(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
) -> impl IntoView {
    let id = format!("audit-{name}");
    let list = match name {
        "action" => Some("audit-action-list"),
        "actor" => Some("audit-actor-list"),
        _ => None,
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                type=kind
                name=name
                value=value
                list=list
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_only_what_filters() {
        assert_eq!(written(&AuditQuery::default()), "");
        let query = AuditQuery {
            actor: "(console)".to_owned(),
            from: "2026-11-24".to_owned(),
            before: "0190".to_owned(),
            ..AuditQuery::default()
        };
        assert_eq!(written(&query), "?actor=%28console%29&from=2026-11-24");
    }
}
