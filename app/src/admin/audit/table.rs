use desk::{Actor, AuditRow, Outcome};
use leptos::prelude::*;

/// Rows of the audit, as they are.
#[component]
pub(crate) fn AuditTable(rows: Vec<AuditRow>) -> impl IntoView {
    view! { <div class="scroll"><table class="stack audit">{head()}<tbody>{rows.into_iter().map(line).collect_view()}</tbody></table></div> }
}

pub(super) fn head() -> impl IntoView {
    view! {
        <thead>
            <tr>
                <th scope="col">"When (UTC)"</th>
                <th scope="col">"Actor"</th>
                <th scope="col">"Subject"</th>
                <th scope="col">"Action"</th>
                <th scope="col">"Outcome"</th>
                <th scope="col">"Address"</th>
                <th scope="col">"Detail"</th>
            </tr>
        </thead>
    }
}

pub(super) fn line(row: AuditRow) -> impl IntoView {
    let kind = if row.outcome == Outcome::Refused { "bad" } else { "good" };
    let at = row.at.rfc3339();
    // To the second and in figures: rows are compared, not read out.
    let (day, time) = at.split_once('T').map(|(day, time)| (day.to_owned(), time.trim_end_matches('Z').to_owned())).unwrap_or_default();
    view! {
        <tr>
            <td data-label="When (UTC)"><time datetime=at title=row.at.exact()>{format!("{day} {time}")}</time></td>
            <td data-label="Actor">{if row.actor == Actor::Nobody { "–".to_owned() } else { row.actor.to_string() }}</td>
            <td data-label="Subject">{unless_empty(row.subject)}</td>
            <td data-label="Action">{row.action.words(row.outcome)}" "<code>{row.action.to_string()}</code></td>
            <td data-label="Outcome"><span class="badge" data-kind=kind>{row.outcome.code()}</span></td>
            <td data-label="Address"><span title=row.agent>{row.address}</span></td>
            <td data-label="Detail">{unless_empty(row.detail)}</td>
        </tr>
    }
}

/// Nothing at all where there is nothing to say: on a narrow screen the style leaves empty cells out.
fn unless_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
