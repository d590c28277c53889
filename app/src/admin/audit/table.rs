//! A row of the audit: what happened in words, with the code that the store, the filters and the
//! files have below it.

use desk::{Actor, AuditRow, Outcome};
use leptos::prelude::*;

use crate::components::{self, whole_detail};

pub(super) fn head() -> impl IntoView {
    const COLUMNS: [&str; 7] =
        ["When (UTC)", "Actor", "Subject", "Action", "Outcome", "Address", "Detail"];
    components::head(&COLUMNS)
}

pub(super) fn line(row: AuditRow) -> impl IntoView {
    let (kind, outcome) = match row.outcome {
        Outcome::Refused => ("bad", "Refused"),
        Outcome::Done => ("good", "Done"),
    };
    let words = whole_detail(&row);
    let detail = (!row.detail.is_empty()).then(|| {
        if words == row.detail {
            words.into_any()
        } else {
            with_code(words, row.detail.clone()).into_any()
        }
    });
    // To the second: rows are compared.
    let at = row.at.rfc3339();
    let time = at
        .split_once('T')
        .map(|(_, time)| time.trim_end_matches('Z').to_owned())
        .unwrap_or_default();
    let day = row.at.day();
    view! {
        <tr>
            <td data-label="When (UTC)">
                <time datetime=at title=row.at.exact()>
                    {format!("{day} {time}")}
                </time>
            </td>
            <td data-label="Actor">{actor(&row.actor)}</td>
            <td data-label="Subject">{unless_empty(row.subject)}</td>
            <td data-label="Action">
                {with_code(row.action.words(row.outcome).to_owned(), row.action.to_string())}
            </td>
            <td data-label="Outcome">
                <span class="badge" data-kind=kind>
                    {outcome}
                </span>
            </td>
            <td data-label="Address">
                <span title=row.agent>{row.address}</span>
            </td>
            <td data-label="Detail">{detail}</td>
        </tr>
    }
}

/// A person by their NetID, which is their code too.
fn actor(actor: &Actor) -> AnyView {
    match actor {
        Actor::Nobody => ().into_any(),
        Actor::Person(netid) => netid.to_string().into_any(),
        actor => with_code(actor.words(), actor.to_string()).into_any(),
    }
}

fn with_code(words: String, code: String) -> impl IntoView {
    view! { <div>{words}<code>{code}</code></div> }
}

/// Nothing at all where there is nothing to say: on a narrow screen the style leaves empty cells
/// out.
fn unless_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
