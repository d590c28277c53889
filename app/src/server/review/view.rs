//! How everybody's tokens are shown: filters, rows, and how far was looked. It is drawn here for
//! good, so that no browser loads any of it. Tests: below, and
//! `server/tests/server/people/review.rs`.

use desk::{Access, FoundToken, FoundTokens, Moment, Role};
use leptos::prelude::*;

use super::query::{
    EXPIRING, FLAGS, IDLE, MADE_BEFORE, MAX_DAYS, ROLE, after, typed, written, written_after,
};
use crate::admin::tokens::Review;
use crate::admin::words::user_path;
use crate::components::{Notice, NoticeBox, NoticeKind, head};
use crate::pages::Page as _;

/// What is said where there is a column of reasons.
const WHY: &str = " “Why” says which.";

/// What is asked for again and again.
const PRESETS: [(&str, &str); 4] = [
    ("?expiring=14", "End within 14 days"),
    ("?idle=90", "Unused for 90 days"),
    ("?never_expires=1&only_read=1", "Never end, or have only read"),
    ("?disabled=1", "Of disabled accounts"),
];

/// The page. `query` is the address's; `found` what it asks for, or what cannot be read of it.
pub(super) fn page(query: &str, found: Result<FoundTokens, Vec<String>>, now: Moment) -> AnyView {
    let file = format!("{}.csv{}", Review::PATH, written(query));
    let why = found.as_ref().is_ok_and(|found| has_why(&found.tokens)).then_some(WHY);
    let list = match found {
        Ok(found) => list(query, found, now),
        Err(wrong) => view! { <NoticeBox notice=Notice::bad(wrong.join("\n")) /> }.into_any(),
    };
    view! {
        <header class="page">
            <div>
                <h1>"Tokens"</h1>
                <p class="lede">
                    "Everybody’s, never their secret. Of several filters each adds the tokens that \
                        fit it."
                    {why}
                </p>
            </div>
            <div class="actions">
                <a class="button" href=file>
                    "Download CSV"
                </a>
            </div>
        </header>
        <p class="muted">"Often asked: " {presets()}</p>
        {filters(query)}
        {list}
    }
    .into_any()
}

fn presets() -> AnyView {
    let link = |(nth, (query, words)): (usize, (&'static str, &'static str))| {
        view! {
            {if nth == 0 { "" } else { " · " }}
            <a href=format!("{}{query}", Review::PATH)>{words}</a>
        }
    };
    PRESETS.into_iter().enumerate().map(link).collect_view().into_any()
}

fn filters(query: &str) -> AnyView {
    let role = typed(query, ROLE).unwrap_or_default();
    let roles = [("", "Any")]
        .into_iter()
        .chain(Role::ALL.map(|role| (role.word(), role.title())))
        .map(|(value, words)| {
            view! {
                <option value=value selected=value == role>
                    {words}
                </option>
            }
        })
        .collect_view();
    let flags = FLAGS
        .iter()
        .map(|flag| {
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        name=flag.key
                        value="1"
                        checked=typed(query, flag.key).is_some()
                        autocomplete="off"
                    />
                    {flag.words}
                </label>
            }
        })
        .collect_view();
    view! {
        <form
            class="filters"
            method="get"
            action=Review::PATH
            role="search"
            aria-label="Filters"
        >
            {days(query, EXPIRING, "Ends within (days)")}
            {days(query, IDLE, "Unused for (days)")}
            <fieldset class="field">
                <legend>"Or any of these"</legend>
                {flags}
            </fieldset>
            <div class="field">
                <label for="review-made-before">"Only made before"</label>
                <input
                    id="review-made-before"
                    type="date"
                    name=MADE_BEFORE
                    value=typed(query, MADE_BEFORE)
                    autocomplete="off"
                />
            </div>
            <div class="field">
                <label for="review-role">"Role"</label>
                <select id="review-role" name=ROLE autocomplete="off">
                    {roles}
                </select>
            </div>
            <div class="actions">
                <button type="submit" class="primary">
                    "Filter"
                </button>
                <a class="button" href=Review::PATH>
                    "Clear"
                </a>
                <span class="hint">"Days are UTC."</span>
            </div>
        </form>
    }
    .into_any()
}

fn days(query: &str, key: &'static str, label: &'static str) -> AnyView {
    let id = format!("review-{key}");
    // A browser complains of what is no number in such a box; what is wrong stands above.
    let value = typed(query, key).filter(|typed| typed.bytes().all(|c| c.is_ascii_digit()));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                type="number"
                name=key
                min="1"
                max=MAX_DAYS.to_string()
                value=value
                autocomplete="off"
            />
        </div>
    }
    .into_any()
}

fn list(query: &str, found: FoundTokens, now: Moment) -> AnyView {
    let is_cut_short = found.is_cut_short();
    let FoundTokens { tokens, next } = found;
    let begins_later = !after(query).is_empty();
    let how_far = next.as_ref().filter(|_| is_cut_short).map(|last| {
        let text = format!(
            "Few tokens fit, and not everybody was looked at yet: this page got as far as \
                “{last}”. “Go on” looks further."
        );
        let notice = Notice { kind: NoticeKind::Warn, ..Notice::good(text) };
        view! { <NoticeBox notice /> }
    });
    let shown = (!tokens.is_empty()).then(|| {
        let words = shown(tokens.len(), &after(query), next.as_deref());
        // Where few fit, it is said above.
        let further = next.as_ref().filter(|_| !is_cut_short).map(|_| " “Go on” shows more.");
        view! { <p class="muted">{words} {further}</p> }
    });
    let rows = if tokens.is_empty() {
        // Where it goes on, that is what is said.
        let words = if begins_later { "No more tokens fit." } else { "No tokens fit." };
        next.is_none().then(|| view! { <p class="empty">{words}</p> }.into_any())
    } else {
        Some(table(tokens, now))
    };
    let begin = begins_later.then(|| {
        view! {
            <a class="button" href=format!("{}{}", Review::PATH, written(query))>
                "From the beginning"
            </a>
        }
    });
    let go_on = next.map(|last| {
        view! {
            <a class="button" href=format!("{}{}", Review::PATH, written_after(query, &last))>
                "Go on"
            </a>
        }
    });
    let pages = (begin.is_some() || go_on.is_some()).then(|| {
        view! {
            <nav class="pages" aria-label="Pages">
                {begin}
                {go_on}
            </nav>
        }
    });
    view! {
        {how_far}
        {shown}
        {rows}
        {pages}
    }
    .into_any()
}

/// How many there are on this page, and of whom: after one NetID, up to another.
fn shown(many: usize, after: &str, until: Option<&str>) -> String {
    let many = format!("{many} token{}", if many == 1 { "" } else { "s" });
    match (after, until) {
        ("", None) => format!("{many}: all that fit."),
        (after, None) => format!("{many} of owners after “{after}”: the last that fit."),
        ("", Some(until)) => format!("{many} of owners up to “{until}”."),
        (after, Some(until)) => format!("{many} of owners after “{after}” up to “{until}”."),
    }
}

fn table(tokens: Vec<FoundToken>, now: Moment) -> AnyView {
    static COLUMNS: [&str; 7] =
        ["Owner", "Description", "Access", "Created", "Last used", "Expires", "Why"];
    let has_why = has_why(&tokens);
    let columns = if has_why { &COLUMNS[..] } else { &COLUMNS[..COLUMNS.len() - 1] };
    let rows = tokens.into_iter().map(|found| row(found, has_why, now)).collect_view();
    view! {
        <div class="scroll">
            <table class="stack">{head(columns)} <tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

/// Whether there is a reason for any: without a filter there is none, and no column of them.
fn has_why(tokens: &[FoundToken]) -> bool {
    tokens.iter().any(|found| !found.reasons.is_empty())
}

fn row(found: FoundToken, has_why: bool, now: Moment) -> AnyView {
    let FoundToken { owner, token, reasons } = found;
    let access = match token.access {
        Access::Full => "Full".into_any(),
        Access::Read => view! { <span class="badge">"Read only"</span> }.into_any(),
    };
    let used = token.used.map_or_else(|| "Never".into_any(), |used| day(used.at));
    let expires = token.expires.map_or_else(|| "Never".into_any(), day);
    let why = has_why.then(|| {
        let why: Vec<String> = reasons.iter().map(|reason| reason.in_words(now)).collect();
        view! { <td data-label="Why">{why.join(". ")}</td> }
    });
    view! {
        <tr>
            <th scope="row" data-label="Owner">
                <a href=user_path(owner.as_str())>{owner.to_string()}</a>
            </th>
            <td data-label="Description">{token.description}</td>
            <td data-label="Access">{access}</td>
            <td data-label="Created">{day(token.created)}</td>
            <td data-label="Last used">{used}</td>
            <td data-label="Expires">{expires}</td>
            {why}
        </tr>
    }
    .into_any()
}

fn day(at: Moment) -> AnyView {
    view! {
        <time class="day" datetime=at.rfc3339() title=at.exact()>
            {at.day()}
        </time>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_many_are_shown_and_of_whom() {
        assert_eq!(shown(2, "", None), "2 tokens: all that fit.");
        assert_eq!(shown(1, "", None), "1 token: all that fit.");
        assert_eq!(shown(50, "", Some("rae")), "50 tokens of owners up to “rae”.");
        let both = shown(50, "rae", Some("tia"));
        assert_eq!(both, "50 tokens of owners after “rae” up to “tia”.");
        assert_eq!(shown(3, "tia", None), "3 tokens of owners after “tia”: the last that fit.");
    }
}
