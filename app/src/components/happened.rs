//! What a row of the audit tells the people whom it is about, and staff: words, never a code. The
//! audit's own page shows the row as it is. Tests: below.

use desk::{Actor, AuditAction, AuditRow, Denied, Outcome, Role, Source};

use leptos::prelude::*;

use super::table::head;
use super::time::Ago;
use super::who::directory;

/// What happened to somebody, as a table's columns and a line for each that is told.
pub(crate) fn happened_head() -> impl IntoView {
    head(&["When", "What", "Detail", "By", "Address"])
}

/// What happened, and how often; `own`: whoever it happened to reads it.
pub(crate) fn happened_line((row, many): (AuditRow, u32), own: bool) -> AnyView {
    let (detail, by) = (detail(&row), by(&row, own));
    let what = row.action.words(row.outcome);
    let what = match row.outcome {
        Outcome::Refused => view! {
            <span class="badge" data-kind="bad">
                {what}
            </span>
        }
        .into_any(),
        Outcome::Done => what.into_any(),
    };
    view! {
        <tr>
            <td data-label="When" class="nowrap">
                <Ago at=row.at />
            </td>
            <td data-label="What">
                <span>{what}{times(many)}</span>
            </td>
            <td data-label="Detail">{(!detail.is_empty()).then_some(detail)}</td>
            <td data-label="By">{(!by.is_empty()).then_some(by)}</td>
            <td data-label="Address">
                <span title=row.agent>{row.address}</span>
            </td>
        </tr>
    }
    .into_any()
}

/// The detail in words: without the token's id, which says nothing to its owner, and without the
/// codes of refusals, of roles and of directories.
fn detail(row: &AuditRow) -> String {
    if row.outcome == Outcome::Refused {
        // Only how often it was repeated.
        return row
            .detail
            .rsplit_once(": ")
            .map(|(_, times)| times)
            .filter(|times| times.ends_with("in a minute"))
            .unwrap_or_default()
            .to_owned();
    }
    let (answer, more) = row.detail.split_once(": ").unwrap_or((row.detail.as_str(), ""));
    let either = |yes: &str, no: &str| {
        let words = match answer {
            "yes" => yes,
            "no" => no,
            _ => return row.detail.clone(),
        };
        if more.is_empty() { words.to_owned() } else { format!("{words}: {more}") }
    };
    if row.action.is(AuditAction::LogIn) {
        return Source::parse(&row.detail).map(directory).unwrap_or_default().to_owned();
    }
    if row.action.is(AuditAction::UserPrivileged) {
        return either("Now privileged", "No longer privileged");
    }
    if row.action.is(AuditAction::UserDisabled) {
        return either("Disabled", "Enabled");
    }
    if row.action.is(AuditAction::UserRole) || row.action.is(AuditAction::UserCreate) {
        return roles(&row.detail);
    }
    match row.detail.split_once(' ') {
        Some((id, rest)) if id.len() == 16 && id.bytes().all(|c| c.is_ascii_hexdigit()) => {
            rest.to_owned()
        }
        _ => row.detail.clone(),
    }
}

/// The detail in words for whoever reads the audit: why something was refused too. Ids stay, since
/// rows are told apart by them.
pub(crate) fn whole_detail(row: &AuditRow) -> String {
    if row.outcome == Outcome::Refused {
        let (code, times) = row
            .detail
            .split_once(": ")
            .map_or((row.detail.as_str(), None), |(code, times)| (code, Some(times)));
        let why = reason(code);
        return times.map_or_else(|| why.clone(), |times| format!("{why}: {times}"));
    }
    let begins_with_id = |text: &str| {
        text.split_once(' ')
            .is_some_and(|(id, _)| id.len() == 16 && id.bytes().all(|c| c.is_ascii_hexdigit()))
    };
    if begins_with_id(&row.detail) { row.detail.clone() } else { detail(row) }
}

/// Why something was refused, by the code that the audit has of it: `too-many-tokens` is “Too many
/// tokens”. What is no code stays.
fn reason(code: &str) -> String {
    if let Some(denied) = Denied::parse(code) {
        return denied.reason().to_owned();
    }
    let words = match code {
        "login-incorrect" => "Wrong NetID or password",
        "unknown NetID" => "No such NetID",
        "password-incorrect" => "Wrong local password",
        "directory-not-asked" => {
            "The campus directory was not asked: it has heard too many wrong passwords"
        }
        "another-person" => "Another identity of the campus log-in than the account’s",
        "account-not-linked" => "An account of Latchkey’s own, which is not linked",
        "netid-reserved" => "A reserved name",
        "tokens-of-another" => "Somebody else had the NetID then",
        "last-administrator" => "The last enabled administrator stays",
        code if code.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') => {
            let (first, rest) = code.split_at(code.len().min(1));
            return format!("{}{}", first.to_ascii_uppercase(), rest.replace('-', " "));
        }
        other => other,
    };
    words.to_owned()
}

/// `staff → help_desk` by the roles' titles, as is whatever else begins with a role.
fn roles(detail: &str) -> String {
    let words = |text: &str| {
        Role::parse(text).map_or_else(|_| text.to_owned(), |role| role.title().to_owned())
    };
    if let Some((from, to)) = detail.split_once(" → ") {
        return format!("{} → {}", words(from), words(to));
    }
    match detail.split_once(", ") {
        Some((role, more)) => format!("{}, {more}", words(role)),
        None => words(detail),
    }
}

/// Rows that tell the same one after the other, as the newest of them and how many they are.
pub(crate) fn folded(rows: Vec<AuditRow>) -> Vec<(AuditRow, u32)> {
    let mut folded: Vec<(AuditRow, u32)> = Vec::with_capacity(rows.len());
    for row in rows {
        match folded.last_mut() {
            Some((newest, many)) if tells_the_same(newest, &row) => *many += 1,
            _ => folded.push((row, 1)),
        }
    }
    folded
}

fn tells_the_same(one: &AuditRow, other: &AuditRow) -> bool {
    one.action == other.action
        && one.outcome == other.outcome
        && one.actor == other.actor
        && [&one.subject, &one.detail, &one.address, &one.agent]
            == [&other.subject, &other.detail, &other.address, &other.agent]
}

/// How often, where it is more than once.
fn times(many: u32) -> Option<String> {
    (many > 1).then(|| format!(" ×{many}"))
}

/// Who did it, in words, nothing where that is nobody; `own`: whoever it was done to reads them.
fn by(row: &AuditRow, own: bool) -> String {
    match &row.actor {
        Actor::Nobody => String::new(),
        Actor::Person(netid) if own && netid.as_str() == row.subject => "You".to_owned(),
        actor => actor.words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action: &str, outcome: Outcome, detail: &str) -> AuditRow {
        AuditRow {
            id: String::new(),
            at: desk::Moment(0),
            actor: "sam".to_owned().into(),
            subject: "sam".to_owned(),
            action: action.to_owned().into(),
            outcome,
            address: String::new(),
            agent: String::new(),
            detail: detail.to_owned(),
            link: desk::ChainLink::default(),
        }
    }

    #[test]
    fn a_detail_is_read_in_words() {
        for (action, stored, words) in [
            ("token.create", "3c9718de5e32a4d8 Backup script", "Backup script"),
            ("token.revoke", "all 3 tokens", "all 3 tokens"),
            (
                "token.leaked",
                "3c9718de5e32a4d8 Backup script: reported by GitHub; never used",
                "Backup script: reported by GitHub; never used",
            ),
            ("user.role", "staff → help_desk", "Staff → Help Desk"),
            ("user.create", "rep, not privileged", "Campus Services rep, not privileged"),
            ("user.create", "admin", "Administrator"),
            ("user.privileged", "no: tokens revoked", "No longer privileged: tokens revoked"),
            ("user.disabled", "yes", "Disabled"),
            ("user.disabled", "no", "Enabled"),
            ("log-in", "ldap", "LDAP"),
        ] {
            assert_eq!(detail(&row(action, Outcome::Done, stored)), words, "{action}");
        }
    }

    #[test]
    fn a_refusal_has_no_code_and_says_how_often_it_was_repeated() {
        assert_eq!(detail(&row("password.check", Outcome::Refused, "password-incorrect")), "");
        assert_eq!(
            detail(&row("user.find", Outcome::Refused, "role-too-low: 57 more times in a minute")),
            "57 more times in a minute"
        );
    }

    #[test]
    fn whoever_reads_the_audit_is_told_why_in_words() {
        for (action, outcome, stored, words) in [
            ("log-in", Outcome::Refused, "login-incorrect", "Wrong NetID or password"),
            (
                "user.find",
                Outcome::Refused,
                "role-too-low: 57 more times in a minute",
                "The role is too low: 57 more times in a minute",
            ),
            ("user.find", Outcome::Refused, "a code of tomorrow", "a code of tomorrow"),
            ("token.create", Outcome::Refused, "too-many-tokens", "Too many tokens"),
            (
                "token.create",
                Outcome::Done,
                "3c9718de5e32a4d8 Backup script",
                "3c9718de5e32a4d8 Backup script",
            ),
            ("user.role", Outcome::Done, "staff → help_desk", "Staff → Help Desk"),
        ] {
            assert_eq!(whole_detail(&row(action, outcome, stored)), words, "{action}");
        }
    }

    #[test]
    fn every_code_of_a_refusal_has_words() {
        for denied in Denied::ALL {
            assert_ne!(reason(denied.code()), denied.code());
        }
        let source = include_str!("../../../desk/src/refusal/codes.rs");
        let (_, table) = source.split_once("pub fn code(&self)").expect("the table of codes");
        let (table, _) = table.split_once("\n    }\n").expect("its end");
        let codes: Vec<&str> = table
            .lines()
            .filter_map(|line| line.split_once("=> \"")?.1.split_once('"'))
            .map(|(code, _)| code)
            .collect();
        assert!(codes.len() > 30, "{codes:?}");
        for code in codes {
            let words = reason(code);
            assert!(
                words.starts_with(char::is_uppercase) && !words.contains('-')
                    || words.contains("log-in"),
                "{code}: {words}"
            );
        }
    }

    #[test]
    fn what_happened_again_and_again_is_told_once_with_how_often() {
        let wrong = |id: &str| AuditRow {
            id: id.to_owned(),
            ..row("password.check", Outcome::Refused, "password-incorrect")
        };
        let other = AuditRow { address: "192.0.2.9".to_owned(), ..wrong("3") };
        let rows = folded(vec![wrong("1"), wrong("2"), other, wrong("4")]);
        let shown: Vec<_> = rows.iter().map(|(row, many)| (row.id.as_str(), *many)).collect();
        assert_eq!(shown, [("1", 2), ("3", 1), ("4", 1)]);
        assert_eq!((times(1), times(2).as_deref()), (None, Some(" ×2")));
    }

    #[test]
    fn whoever_did_it_themselves_is_you_on_their_own_page_alone() {
        let row = row("log-in", Outcome::Done, "");
        assert_eq!((by(&row, true).as_str(), by(&row, false).as_str()), ("You", "sam"));
        let console = AuditRow { actor: Actor::Console, ..row };
        assert_eq!(by(&console, false), "the operator");
        assert_eq!(by(&AuditRow { actor: Actor::Nobody, ..console }, false), "");
    }
}
