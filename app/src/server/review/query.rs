//! What is asked of everybody's tokens, read from an address: in it, so that it can be kept, sent
//! and gone back to.

use desk::{Moment, NetId, Role, TokenFilter, TokenQuery};

use crate::paths::{escape, query_value};

/// The keys of days.
pub(super) const EXPIRING: &str = "expiring";
pub(super) const IDLE: &str = "idle";
/// The keys of what narrows.
pub(super) const MADE_BEFORE: &str = "made_before";
pub(super) const ROLE: &str = "role";
/// The key of after whom a page begins.
const AFTER: &str = "after";

/// A hundred years.
pub(super) const MAX_DAYS: u32 = 36_500;

/// The most characters of what was typed that are said again.
const MAX_SHOWN: usize = 60;

/// A filter that is ticked, or not.
pub(super) struct Flag {
    /// Its key in the query.
    pub(super) key: &'static str,
    /// What is said beside it.
    pub(super) words: &'static str,
    filter: TokenFilter,
}

const fn flag(key: &'static str, words: &'static str, filter: TokenFilter) -> Flag {
    Flag { key, words, filter }
}

/// All that are ticked.
pub(super) static FLAGS: [Flag; 8] = [
    flag("never_used", "Never used", TokenFilter::NeverUsed),
    flag("never_expires", "Never ends", TokenFilter::NeverExpires),
    flag("full", "Full access", TokenFilter::Full),
    flag("only_read", "Full access, has only read", TokenFilter::FullButOnlyRead),
    flag("anywhere", "Works from anywhere", TokenFilter::FromAnywhere),
    flag("disabled", "Owner’s account is disabled", TokenFilter::OwnerDisabled),
    flag("request_tracker", "From Request Tracker", TokenFilter::FromRequestTracker),
    flag("expired", "Has ended", TokenFilter::Expired),
];

/// What is typed under a key.
pub(super) fn typed(query: &str, key: &str) -> Option<String> {
    let value = query_value(query, key)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// After whom the page begins; empty: with the first.
pub(super) fn after(query: &str) -> String {
    let after = typed(query, AFTER).and_then(|text| NetId::parse(&text).ok());
    after.map(|netid| netid.to_string()).unwrap_or_default()
}

/// What is asked for; where something cannot be read, what is said of it.
pub(super) fn read(query: &str) -> Result<TokenQuery, Vec<String>> {
    type ByDays = fn(u32) -> TokenFilter;
    const BY_DAYS: [(&str, ByDays); 2] =
        [(EXPIRING, TokenFilter::Expiring), (IDLE, TokenFilter::Idle)];
    let (mut wanted, mut wrong) = (TokenQuery::default(), Vec::new());
    for (key, filter) in BY_DAYS {
        let Some(text) = typed(query, key) else { continue };
        match text.parse::<u32>().ok().filter(|days| (1..=MAX_DAYS).contains(days)) {
            Some(days) => wanted.filters.push(filter(days)),
            None => wrong.push(format!(
                "“{}” is no number of days. Write one from 1 to {MAX_DAYS}.",
                short(&text)
            )),
        }
    }
    let ticked = FLAGS.iter().filter(|flag| typed(query, flag.key).is_some());
    wanted.filters.extend(ticked.map(|flag| flag.filter));
    if let Some(text) = typed(query, MADE_BEFORE) {
        wanted.made_before = Moment::end_of_day(&text).map(|end| Moment(end.0 + 1).plus_days(-1));
        if wanted.made_before.is_none() {
            wrong.push(format!("“{}” is no day. Write it as 2026-11-24.", short(&text)));
        }
    }
    if let Some(text) = typed(query, ROLE) {
        wanted.role = Role::parse(&text).ok();
        if wanted.role.is_none() {
            wrong.push(format!("There is no role “{}”.", short(&text)));
        }
    }
    if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// The query part of an address: only what filters, and not where its page begins.
pub(crate) fn written(query: &str) -> String {
    let keys = [EXPIRING, IDLE, MADE_BEFORE, ROLE];
    let keys = keys.into_iter().chain(FLAGS.iter().map(|flag| flag.key));
    let pairs = keys.filter_map(|key| Some(format!("{key}={}", escape(&typed(query, key)?))));
    let pairs: Vec<String> = pairs.collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The same, of the page that begins after somebody.
pub(super) fn written_after(query: &str, after: &str) -> String {
    let written = written(query);
    let between = if written.is_empty() { "?" } else { "&" };
    format!("{written}{between}{AFTER}={}", escape(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_asked_for_and_is_written_again() {
        let query = "expiring=14&idle=&never_used=1&only_read=1&role=rep&made_before=2026-01-01&\
            after=Tia&x=1&request_tracker=1";
        let wanted = read(query).expect("a question");
        assert_eq!(
            wanted.filters,
            [
                TokenFilter::Expiring(14),
                TokenFilter::NeverUsed,
                TokenFilter::FullButOnlyRead,
                TokenFilter::FromRequestTracker,
            ]
        );
        assert_eq!(wanted.role, Some(Role::Rep));
        assert_eq!(
            wanted.made_before.map(Moment::rfc3339).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!((after(query).as_str(), after("after=%3Cb%3E").as_str()), ("tia", ""));
        let again = "?expiring=14&made_before=2026-01-01&role=rep&never_used=1&only_read=1&\
            request_tracker=1";
        assert_eq!(written(query), again);
        assert_eq!(written_after(query, "sam"), format!("{again}&after=sam"));
        assert_eq!(written_after("", "sam"), "?after=sam");
        assert_eq!(read(""), Ok(TokenQuery::default()));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_nothing_else_is_asked_instead() {
        for (query, words) in [
            ("idle=soon&full=1", "“soon” is no number of days. Write one from 1 to 36500."),
            ("expiring=0", "“0” is no number of days. Write one from 1 to 36500."),
            ("made_before=24.11.2026", "“24.11.2026” is no day. Write it as 2026-11-24."),
            ("role=boss", "There is no role “boss”."),
        ] {
            assert_eq!(read(query), Err(vec![words.to_owned()]), "{query}");
        }
        let long = format!("role={}", "x".repeat(5000));
        assert!(read(&long).is_err_and(|wrong| wrong[0].len() < 200));
    }
}
