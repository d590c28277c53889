//! What a row of the audit tells whom. Everything that somebody is to be told as it happens is a
//! row, written in the transaction of what it tells. Tests: below.

use crate::engine::notices::choice_words::leaves_out;
use crate::request_tracker::PASSWORD_AS_IT_IS;
use crate::{Actor, AuditAction, AuditRow, NoticeKind, Outcome, RecordedAction};

/// What a row's subject is told by it; none: nothing. Of an account it is looked at whether it is
/// closed.
pub(super) fn kind_of(row: &AuditRow) -> Option<NoticeKind> {
    use AuditAction as A;
    let RecordedAction::Known(action) = row.action else { return None };
    if row.outcome != Outcome::Done {
        return None;
    }
    match action {
        // Brought from Request Tracker: it is the one that they have had.
        A::PasswordFirst if row.detail == PASSWORD_AS_IT_IS => None,
        A::TokenCreate | A::TokenRenew => Some(NoticeKind::TokenMade),
        A::TokenNewNetwork => Some(NoticeKind::TokenNewNetwork),
        A::TokenLeaked => Some(NoticeKind::TokenLeaked),
        A::PasswordSet | A::PasswordFirst => Some(NoticeKind::PasswordSet),
        A::PasswordChange => Some(NoticeKind::PasswordChanged),
        A::PasswordClosed => Some(NoticeKind::PasswordClosed),
        A::UserDisabled if row.detail.starts_with("yes") => Some(NoticeKind::AccountClosed),
        A::UserLeft => Some(NoticeKind::AccountClosed),
        A::NoticesSet if leaves_out(&row.detail) => Some(NoticeKind::NoticesChanged),
        _ => None,
    }
}

/// Whether a row says that somebody's tokens were brought.
pub(super) fn is_import(row: &AuditRow) -> bool {
    let is_of_somebody = !row.subject.is_empty() && row.outcome == Outcome::Done;
    is_of_somebody && matches!(row.action, RecordedAction::Known(AuditAction::TokenImport))
}

/// A token as a row's detail names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedToken<'a> {
    /// The beginning of its id, where it is given.
    pub(super) id: Option<&'a str>,
    /// What it was for then.
    pub(super) description: &'a str,
    /// What is said of it: a network, or who found it.
    pub(super) rest: &'a str,
}

/// Reads `3c9718de5e32a4d8 Backup script`, `Backup script: 192.0.2.0/24`.
pub(super) fn named_token(detail: &str) -> NamedToken<'_> {
    let (id, words) = match detail.split_once(' ') {
        Some((id, words)) if is_short_id(id) => (Some(id), words),
        _ => (None, detail),
    };
    let (description, rest) = words.rsplit_once(": ").unwrap_or((words, ""));
    NamedToken { id, description, rest }
}

fn is_short_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// The address that something was done from, where it says anything: a command's, a directory's and
/// the desk's own do not.
pub(super) fn address_of(row: &AuditRow) -> &str {
    match row.actor {
        Actor::Person(_) | Actor::Client(_) | Actor::Token => &row.address,
        Actor::Nobody
        | Actor::Console
        | Actor::LeakReport
        | Actor::Source(_)
        | Actor::Desk
        | Actor::Other(_) => "",
    }
}

/// What administrators read of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ForAdministrators {
    /// What happened, and to whom: nothing that anybody else wrote. Below that, of a leak, who
    /// reported it and what more is said.
    pub(super) detail: String,
    /// As the row has the network.
    pub(super) network: String,
    /// The token's description, which is whatever somebody wrote.
    pub(super) quoted: String,
}

/// What administrators read of a row that tells its subject this.
pub(super) fn for_administrators(kind: NoticeKind, row: &AuditRow) -> ForAdministrators {
    let mut detail = happened(kind, &row.subject);
    let (mut network, mut quoted) = (String::new(), String::new());
    if is_about_tokens(kind) {
        let NamedToken { description, rest, .. } = named_token(&row.detail);
        description.clone_into(&mut quoted);
        match kind {
            NoticeKind::TokenNewNetwork => rest.clone_into(&mut network),
            NoticeKind::TokenLeaked => detail.extend(["\n", rest]),
            // Of this row nothing else is said: what looks so is the description's.
            _ if !rest.is_empty() => quoted.extend([": ", rest]),
            _ => {}
        }
    }
    ForAdministrators { detail, network, quoted }
}

/// What happened, and to whom, in the desk's own words.
fn happened(kind: NoticeKind, who: &str) -> String {
    match kind {
        NoticeKind::TokenMade => format!("Auth token of {who} made"),
        NoticeKind::TokenNewNetwork => format!("Auth token of {who} used from a new network"),
        NoticeKind::TokenLeaked => format!("Leaked token of {who} revoked"),
        NoticeKind::PasswordSet => format!("Local password of {who} set"),
        NoticeKind::PasswordChanged => format!("Local password of {who} changed"),
        NoticeKind::PasswordClosed => format!("Local password of {who} closed"),
        NoticeKind::AccountClosed => format!("Account of {who} closed"),
        // Administrators are told of none of these.
        NoticeKind::TokenExpires
        | NoticeKind::TokenIdle
        | NoticeKind::NoticesChanged
        | NoticeKind::OldStringsEnd
        | NoticeKind::ForAdministrators => who.to_owned(),
    }
}

/// Whether a row that tells this names a token.
pub(super) const fn is_about_tokens(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::TokenMade | NoticeKind::TokenNewNetwork | NoticeKind::TokenLeaked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChainLink, Moment};

    fn row(action: &str, detail: &str) -> AuditRow {
        AuditRow {
            id: "01".to_owned(),
            at: Moment(0),
            actor: "sam".to_owned().into(),
            subject: "sam".to_owned(),
            action: action.to_owned().into(),
            outcome: Outcome::Done,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: detail.to_owned(),
            link: ChainLink::default(),
        }
    }

    #[test]
    fn each_row_tells_one_thing_or_nothing() {
        use NoticeKind as K;
        for (action, detail, kind) in [
            ("token.create", "3c9718de5e32a4d8 Backup", Some(K::TokenMade)),
            ("token.renew", "3c9718de5e32a4d8 Backup in place of …", Some(K::TokenMade)),
            ("token.new_network", "Backup: 192.0.2.0/24", Some(K::TokenNewNetwork)),
            ("token.leaked", "Backup: reported by GitHub", Some(K::TokenLeaked)),
            ("password.set", "", Some(K::PasswordSet)),
            ("password.first", "", Some(K::PasswordSet)),
            ("password.first", "as their own, at the console", Some(K::PasswordSet)),
            ("password.first", PASSWORD_AS_IT_IS, None),
            ("password.change", "", Some(K::PasswordChanged)),
            ("password.closed", "", Some(K::PasswordClosed)),
            ("user.disabled", "yes", Some(K::AccountClosed)),
            ("user.disabled", "no", None),
            ("user.left", "", Some(K::AccountClosed)),
            ("notices.set", "all but token-made", Some(K::NoticesChanged)),
            ("notices.set", "all", None),
            ("token.import", "Backup", None),
            ("token.revoke", "3c9718de5e32a4d8 Backup", None),
            ("log-in", "", None),
            ("of.tomorrow", "", None),
        ] {
            assert_eq!(kind_of(&row(action, detail)), kind, "{action} {detail}");
            let refused = AuditRow { outcome: Outcome::Refused, ..row(action, detail) };
            assert_eq!(kind_of(&refused), None, "{action}");
            assert_eq!(is_import(&row(action, detail)), action == "token.import", "{action}");
            assert!(!is_import(&refused), "{action}");
        }
    }

    #[test]
    fn a_token_is_known_by_its_id_or_by_what_it_is_for() {
        let read = |detail| {
            let NamedToken { id, description, rest } = named_token(detail);
            (id, description, rest)
        };
        assert_eq!(read("3c9718de5e32a4d8 Backup"), (Some("3c9718de5e32a4d8"), "Backup", ""));
        assert_eq!(read("My: job: 2001:db8::/48"), (None, "My: job", "2001:db8::/48"));
        assert_eq!(
            read("3c9718de5e32a4d8 Backup: 192.0.2.0/24"),
            (Some("3c9718de5e32a4d8"), "Backup", "192.0.2.0/24")
        );
        assert_eq!(read("Backup"), (None, "Backup", ""));
    }

    #[test]
    fn an_address_is_of_whoever_came_from_one() {
        assert_eq!(address_of(&row("password.change", "")), "192.0.2.7");
        for actor in ["(console)", "(ldap)", "(desk)", ""] {
            let row = AuditRow { actor: actor.to_owned().into(), ..row("password.set", "") };
            assert_eq!(address_of(&row), "", "{actor}");
        }
    }

    #[test]
    fn administrators_read_what_happened_to_whom() {
        let read = |action, detail| {
            let row = row(action, detail);
            for_administrators(kind_of(&row).expect("it is told"), &row)
        };
        let reads = |detail: &str, network: &str, quoted: &str| {
            let [detail, network, quoted] = [detail, network, quoted].map(str::to_owned);
            ForAdministrators { detail, network, quoted }
        };
        assert_eq!(
            read("token.leaked", "3c9718de5e32a4d8 Backup: reported by GitHub; never used"),
            reads("Leaked token of sam revoked\nreported by GitHub; never used", "", "Backup")
        );
        assert_eq!(
            read("token.new_network", "3c9718de5e32a4d8 Backup: 192.0.2.0/24 (first from there)"),
            reads(
                "Auth token of sam used from a new network",
                "192.0.2.0/24 (first from there)",
                "Backup"
            )
        );
        let made = read("token.create", "3c9718de5e32a4d8 My: job");
        assert_eq!(made, reads("Auth token of sam made", "", "My: job"));
        let changed = read("password.change", "");
        assert_eq!(changed, reads("Local password of sam changed", "", ""));
        assert_eq!(read("user.disabled", "yes"), reads("Account of sam closed", "", ""));
        for kind in NoticeKind::OF_THE_AUDIT {
            assert!(happened(kind, "sam").len() > "sam".len(), "{kind:?}");
        }
    }
}
