//! A row as a syslog message (RFC 5424), and as this machine's own syslog reads one. Whatever a
//! row holds, it is one message: each is sent with its length (RFC 6587 §3.4.1, RFC 5425 §4.3).
//! Tests: here, `network_tests.rs`, and with the real rsyslog `tools/test-syslog`.

use std::fmt::Write as _;

use app::server::audit::{Format, in_words};
use desk::{AuditAction, AuditRow, Outcome, RecordedAction};

use crate::config::Facility;

/// What structured data of ours is called. 32473 is the number that RFC 5612 keeps for examples:
/// there is none of Latchkey's own, and the name says whose it is.
const SD_ID: &str = "latchkey@32473";

/// The most bytes of a message: what a receiver should take (RFC 5425 §4.3.1), and rsyslog does
/// unless it is told otherwise.
const MAX_MESSAGE: usize = 8192;

/// The most bytes of a value that people or programs write, escaped.
const MAX_VALUE: usize = 1024;

/// The most bytes of a row's detail.
const MAX_DETAIL: usize = 3072;

/// The most characters of a message's id (RFC 5424 §6.2.7), and of a host's name.
const MAX_MESSAGE_ID: usize = 32;
const MAX_HOST: usize = 255;

/// What begins text in UTF-8 (RFC 5424 §6.4).
const MARK: char = '\u{FEFF}';

/// Who says it.
#[derive(Clone, Debug)]
pub(super) struct Syslog {
    facility: Facility,
    host: String,
    process: u32,
}

/// Syslog's severities (RFC 5424 §6.2.1) that a row may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    Warning = 4,
    Notice = 5,
    Informational = 6,
}

impl Syslog {
    /// With the machine's name and this process's number, as each message has them.
    pub(super) fn of_this_process(facility: Facility) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self { facility, host: word(host.trim(), MAX_HOST), process: std::process::id() }
    }

    /// The message with its length before it.
    pub(super) fn framed(&self, row: &AuditRow) -> Vec<u8> {
        let message = self.message(row);
        format!("{} {message}", message.len()).into_bytes()
    }

    fn priority(&self, row: &AuditRow) -> u8 {
        self.facility.number() * 8 + severity(row) as u8
    }

    fn message(&self, row: &AuditRow) -> String {
        let at = row.at.rfc3339_exact();
        // A clock that was wrong by thousands of years.
        let at = if at.len() == "2026-11-24T09:05:01.234Z".len() { at } else { "-".to_owned() };
        let mut message = format!(
            "<{}>1 {at} {} latchkey {} {} ",
            self.priority(row),
            self.host,
            self.process,
            word(row.action.code(), MAX_MESSAGE_ID)
        );
        structured(row, &mut message);
        message.push(' ');
        message.push(MARK);
        for c in sentence(row).chars() {
            if message.len() + c.len_utf8() > MAX_MESSAGE {
                break;
            }
            message.push(if desk::is_invisible(c) { ' ' } else { c });
        }
        message
    }

    /// As journald and rsyslog read what comes from a program of this machine: in the older form,
    /// without a host. What it says is the line that a file would have.
    pub(super) fn local(&self, row: &AuditRow) -> String {
        let line = Format::JsonLines.lines(std::slice::from_ref(row));
        self.older(row, line.trim_end())
    }

    /// The same where that is longer than the socket takes: cut as a message is, which is said.
    pub(super) fn cut_local(&self, row: &AuditRow) -> String {
        let cut = |text: &str, most: usize| text[..text.floor_char_boundary(most)].to_owned();
        let cut = AuditRow {
            subject: cut(&row.subject, MAX_VALUE / 2),
            action: cut(row.action.code(), MAX_VALUE / 4).into(),
            address: cut(&row.address, MAX_VALUE / 4),
            agent: cut(&row.agent, MAX_VALUE),
            detail: cut(&row.detail, MAX_DETAIL),
            ..row.clone()
        };
        let line = Format::JsonLines.lines(std::slice::from_ref(&cut));
        let values = line.trim_end().strip_suffix('}').unwrap_or_default();
        self.older(row, &format!("{values},\"cut\":true}}"))
    }

    fn older(&self, row: &AuditRow, line: &str) -> String {
        let (priority, at) = (self.priority(row), older_time(&row.at.rfc3339_exact()));
        format!("<{priority}>{at} latchkey[{}]: {line}", self.process)
    }
}

/// What happened, in words.
fn sentence(row: &AuditRow) -> String {
    let (actor, words) = (row.actor.to_string(), in_words(row));
    if row.subject.is_empty() || row.subject == actor {
        format!("{actor}: {words}")
    } else {
        format!("{actor}: {words} ({})", row.subject)
    }
}

/// All that a row has, as the files of the audit have it.
fn structured(row: &AuditRow, message: &mut String) {
    let AuditRow { id, at, actor, subject, action, outcome, address, agent, detail, link } = row;
    let (at, seq, actor) = (at.rfc3339_exact(), link.seq.to_string(), actor.to_string());
    let values: [(&str, &str, usize); 13] = [
        ("node", &link.node, MAX_VALUE),
        ("seq", &seq, MAX_VALUE),
        ("id", id, MAX_VALUE),
        ("at", &at, MAX_VALUE),
        ("actor", &actor, MAX_VALUE / 2),
        ("subject", subject, MAX_VALUE / 2),
        ("action", action.code(), MAX_VALUE / 4),
        ("outcome", outcome.code(), MAX_VALUE),
        ("address", address, MAX_VALUE / 4),
        ("agent", agent, MAX_VALUE),
        ("detail", detail, MAX_DETAIL),
        ("prev", &link.prev, MAX_VALUE),
        ("hash", &link.hash, MAX_VALUE),
    ];
    let _ = write!(message, "[{SD_ID}");
    let mut is_cut = false;
    for (name, value, most) in values {
        let (value, is_whole) = escaped(value, most);
        is_cut |= !is_whole;
        let _ = write!(message, " {name}=\"{value}\"");
    }
    message.push_str(if is_cut { " cut=\"true\"]" } else { "]" });
}

/// A value with its quotes, backslashes and brackets escaped (RFC 5424 §6.3.3), at most so many
/// bytes; and whether that is all of it. Many receivers take NUL for the end of a text.
fn escaped(value: &str, most: usize) -> (String, bool) {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        let c = if c == '\0' { char::REPLACEMENT_CHARACTER } else { c };
        let is_special = matches!(c, '"' | '\\' | ']');
        if out.len() + c.len_utf8() + usize::from(is_special) > most {
            return (out, false);
        }
        if is_special {
            out.push('\\');
        }
        out.push(c);
    }
    (out, true)
}

/// A word of a message's head: printable ASCII, or nothing.
fn word(text: &str, most: usize) -> String {
    let is_word =
        !text.is_empty() && text.len() <= most && text.chars().all(|c| c.is_ascii_graphic());
    if is_word { text.to_owned() } else { "-".to_owned() }
}

/// `Nov 24 09:05:01`, of a time as RFC 3339 writes it, UTC.
fn older_time(at: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = at.get(5..7).and_then(|month| month.parse::<usize>().ok()).unwrap_or(1);
    let month = MONTHS.get(month.wrapping_sub(1)).unwrap_or(&MONTHS[0]);
    let day = at.get(8..10).and_then(|day| day.parse::<u8>().ok()).unwrap_or(1);
    format!("{month} {day:>2} {}", at.get(11..19).unwrap_or("00:00:00"))
}

/// How much it matters to whoever watches: what was refused, and what somebody has to look at, is a
/// warning; what changes who may do what is a notice; what happens all day is information.
fn severity(row: &AuditRow) -> Severity {
    use AuditAction as A;
    let RecordedAction::Known(action) = &row.action else { return Severity::Notice };
    if row.outcome == Outcome::Refused {
        return Severity::Warning;
    }
    match action {
        A::PasswordClosed | A::TokenNewNetwork | A::TokenLeaked | A::DemoLoad => Severity::Warning,
        A::PasswordSet
        | A::PasswordFirst
        | A::PasswordChange
        | A::TokenCreate
        | A::TokenRenew
        | A::TokenEdit
        | A::TokenRevoke
        | A::TokenRestore
        | A::TokenImport
        | A::TokenManage
        | A::TokenNetworkKnown
        | A::CalendarSet
        | A::CalendarEnd
        | A::UserCreate
        | A::UserUpdate
        | A::UserGroups
        | A::UserRole
        | A::UserPrivileged
        | A::UserDisabled
        | A::UserOpen
        | A::UserLeft
        | A::UserReturned
        | A::UserLink
        | A::UserUnlink
        | A::UserImport
        | A::DirectorySync
        | A::ClientAdd
        | A::ClientRemove
        | A::StoreRestore
        | A::AuditPrune => Severity::Notice,
        A::LogIn
        | A::LogOut
        | A::SessionEnd
        | A::SessionConfirm
        | A::PasswordCheck
        | A::PasswordRehash
        | A::TokenCleanup
        | A::TokenSee
        | A::TokenReview
        | A::NoticesSet
        | A::UserFind
        | A::AuditRead => Severity::Informational,
    }
}

#[cfg(test)]
mod tests {
    use desk::{ChainLink, Moment};

    use super::*;

    fn syslog() -> Syslog {
        Syslog { facility: Facility::Authpriv, host: "desk".to_owned(), process: 7 }
    }

    fn row(detail: &str) -> AuditRow {
        AuditRow {
            id: "01".to_owned(),
            at: Moment(1_795_511_101_234),
            actor: "helen".to_owned().into(),
            subject: "sam".to_owned(),
            action: "password.set".to_owned().into(),
            outcome: Outcome::Done,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: detail.to_owned(),
            link: ChainLink {
                node: "main".to_owned(),
                seq: 7,
                prev: "aa".to_owned(),
                hash: "bb".to_owned(),
            },
        }
    }

    #[test]
    fn a_row_is_a_message_of_rfc_5424() {
        let expected = "<85>1 2026-11-24T09:05:01.234Z desk latchkey 7 password.set \
            [latchkey@32473 node=\"main\" seq=\"7\" id=\"01\" at=\"2026-11-24T09:05:01.234Z\" \
            actor=\"helen\" subject=\"sam\" action=\"password.set\" outcome=\"done\" \
            address=\"192.0.2.7\" agent=\"\" detail=\"\" prev=\"aa\" hash=\"bb\"] \
            \u{FEFF}helen: Initial local password set (sam)";
        assert_eq!(syslog().message(&row("")), expected);
        let framed = String::from_utf8(syslog().framed(&row(""))).expect("text");
        assert_eq!(framed, format!("{} {expected}", expected.len()));
    }

    #[test]
    fn what_would_end_a_value_is_escaped_and_nothing_else_is_changed() {
        for (value, expected) in [
            ("say \"hi\"]\\", "say \\\"hi\\\"\\]\\\\"),
            ("two\nlines", "two\nlines"),
            ("😀 \u{202e}evil שלום", "😀 \u{202e}evil שלום"),
            ("a\0b", "a\u{fffd}b"),
        ] {
            assert_eq!(escaped(value, 100), (expected.to_owned(), true));
        }
        assert_eq!(escaped("é\"x", 3), ("é".to_owned(), false), "no half of an escape");
        // In the words for people nobody is led astray.
        let message =
            syslog().message(&AuditRow { subject: "x\n<0>y\u{202e}".to_owned(), ..row("") });
        let (_, words) = message.split_once(MARK).expect("words");
        assert_eq!(words, "helen: Initial local password set (x <0>y )");
    }

    #[test]
    fn no_message_is_longer_than_a_receiver_takes_and_what_is_cut_is_said() {
        let evil = "\"".repeat(10_000);
        let all = AuditRow { agent: evil.clone(), subject: evil.clone(), ..row(&evil) };
        let all = AuditRow { address: evil.clone(), action: evil.into(), ..all };
        let message = syslog().message(&all);
        assert!(message.len() <= MAX_MESSAGE && message.contains(" cut=\"true\"] \u{FEFF}"));
        assert!(message.contains(" latchkey 7 - [latchkey@32473 "), "{message}");
        assert!(!syslog().message(&row("short")).contains("cut="));
    }

    #[test]
    fn what_was_refused_or_is_to_be_looked_at_weighs_more() {
        let of = |action: &str, outcome: Outcome| {
            severity(&AuditRow { action: action.to_owned().into(), outcome, ..row("") })
        };
        assert_eq!(of("log-in", Outcome::Done), Severity::Informational);
        assert_eq!(of("log-in", Outcome::Refused), Severity::Warning);
        assert_eq!(of("user.role", Outcome::Done), Severity::Notice);
        assert_eq!(of("password.closed", Outcome::Done), Severity::Warning);
        assert_eq!(of("token.leaked", Outcome::Done), Severity::Warning);
        assert_eq!(of("of.tomorrow", Outcome::Done), Severity::Notice);
    }

    #[test]
    fn this_machine_s_syslog_reads_the_older_form() {
        let local = syslog().local(&row("two\nlines"));
        let (head, line) = local.split_once(": ").expect("a head");
        assert_eq!(head, "<85>Nov 24 09:05:01 latchkey[7]");
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!((&line["detail"], &line["seq"]), (&"two\nlines".into(), &7.into()));
        assert!(!local.contains('\n'));
        assert_eq!(older_time("2026-01-04T00:00:00.000Z"), "Jan  4 00:00:00");
    }
}
