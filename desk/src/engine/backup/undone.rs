//! What had happened since a copy, and is undone where the copy is restored: as the audit of the
//! store that was moved away tells it, or a copy of that. Pure. Tests: below.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::backup::header::BackupHeader;
use crate::{AuditAction, AuditRow, Moment, Outcome, RecordedAction};

/// How many digits of a token's id the audit has.
const ID_DIGITS: usize = 16;

/// Something that had happened since the copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoneChange {
    /// When.
    pub at: Moment,
    /// To whom: a NetID, or a client's title.
    pub subject: String,
    /// What, by its code.
    pub action: String,
    /// What, in words.
    pub words: &'static str,
    /// More, as the audit has it.
    pub detail: String,
}

/// Which tokens of a person were revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedTokens {
    /// Those whose ids begin so.
    Some(Vec<String>),
    /// Several at once, of which the audit has no ids: all that they had by then.
    All,
}

/// What had happened since a copy, as far as it takes something away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Whose tokens were revoked, and which.
    pub tokens: BTreeMap<String, RevokedTokens>,
    /// Who was disabled, and still is.
    pub disabled: BTreeMap<String, bool>,
    /// All of it, the newest first.
    pub changes: Vec<UndoneChange>,
    /// The newest row for each person who was disabled or enabled.
    #[serde(skip)]
    newest: BTreeMap<String, String>,
}

impl Undone {
    /// Adds a row of the audit, in any order.
    pub fn add(&mut self, header: &BackupHeader, row: &AuditRow) {
        let RecordedAction::Known(action) = row.action else { return };
        if row.outcome != Outcome::Done || !header.is_before(row) || !takes_away(action, row) {
            return;
        }
        match action {
            AuditAction::TokenRevoke => self.add_tokens(row),
            AuditAction::UserDisabled | AuditAction::UserLeft | AuditAction::UserReturned => {
                self.add_disabled(action, row);
            }
            _ => {}
        }
        if action == AuditAction::UserReturned {
            return; // It gives, and is only held against what took.
        }
        self.changes.push(UndoneChange {
            at: row.at,
            subject: row.subject.clone(),
            action: action.code().to_owned(),
            words: action.words(row.outcome),
            detail: row.detail.clone(),
        });
    }

    fn add_tokens(&mut self, row: &AuditRow) {
        let of = self
            .tokens
            .entry(row.subject.clone())
            .or_insert_with(|| RevokedTokens::Some(Vec::new()));
        match (of, id(&row.detail)) {
            (RevokedTokens::Some(ids), Some(id)) => ids.push(id.to_owned()),
            (of, None) => *of = RevokedTokens::All,
            (RevokedTokens::All, Some(_)) => {}
        }
    }

    fn add_disabled(&mut self, action: AuditAction, row: &AuditRow) {
        let newest = self.newest.entry(row.subject.clone()).or_default();
        // Ids of rows are in the order of their time.
        if *newest <= row.id {
            newest.clone_from(&row.id);
            let is = match action {
                AuditAction::UserDisabled => row.detail.starts_with("yes"),
                action => action == AuditAction::UserLeft,
            };
            self.disabled.insert(row.subject.clone(), is);
        }
    }

    /// Puts the changes in their order, and forgets who was enabled again.
    pub fn in_order(&mut self) {
        self.changes.sort_by_key(|change| std::cmp::Reverse(change.at));
        self.disabled.retain(|_, is| *is);
    }

    /// Whether nothing had happened that takes something away.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The beginning of a token's id, where a row names one.
fn id(detail: &str) -> Option<&str> {
    let id = detail.split(' ').next().unwrap_or_default();
    let is_id = id.len() == ID_DIGITS && id.bytes().all(|c| c.is_ascii_hexdigit());
    is_id.then_some(id)
}

/// Whether what was done takes away what somebody could do or know: undone, they can again.
fn takes_away(action: AuditAction, row: &AuditRow) -> bool {
    use AuditAction as A;
    match action {
        A::TokenRevoke
        | A::TokenRenew
        | A::TokenEdit
        | A::UserDisabled
        | A::UserLeft
        | A::UserReturned
        | A::UserRole
        | A::UserGroups
        | A::UserUnlink
        | A::UserUpdate
        | A::PasswordSet
        | A::PasswordFirst
        | A::PasswordChange
        | A::PasswordClosed
        | A::ClientRemove => true,
        A::UserPrivileged => row.detail.starts_with("no"),
        A::LogIn
        | A::LogOut
        | A::SessionEnd
        | A::SessionConfirm
        | A::PasswordCheck
        | A::PasswordRehash
        | A::TokenCreate
        | A::TokenRestore
        | A::TokenCleanup
        | A::TokenManage
        | A::TokenSee
        | A::UserCreate
        | A::UserOpen
        | A::UserLink
        | A::UserImport
        | A::UserFind
        | A::DirectorySync
        | A::ClientAdd
        | A::DemoLoad
        | A::AuditRead
        | A::AuditPrune
        | A::StoreRestore => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::backup::header::Payload;
    use crate::{Actor, ChainLink, ChainPoint};

    fn header() -> BackupHeader {
        BackupHeader {
            latchkey: String::new(),
            engine: String::new(),
            schema: 10,
            payload: Payload::Pairs,
            database: "latchkey".to_owned(),
            demo: false,
            moment: Moment(1000),
            chains: vec![ChainPoint { node: "main".to_owned(), seq: 5, hash: String::new() }],
        }
    }

    fn row(node: &str, seq: i64, action: AuditAction, subject: &str, detail: &str) -> AuditRow {
        AuditRow {
            id: format!("{seq:08}"),
            at: Moment(seq),
            actor: Actor::Console,
            subject: subject.to_owned(),
            action: RecordedAction::Known(action),
            outcome: Outcome::Done,
            address: String::new(),
            agent: String::new(),
            detail: detail.to_owned(),
            link: ChainLink { node: node.to_owned(), seq, ..ChainLink::default() },
        }
    }

    fn undone(rows: &[AuditRow]) -> Undone {
        let mut undone = Undone::default();
        for row in rows {
            undone.add(&header(), row);
        }
        undone.in_order();
        undone
    }

    #[test]
    fn what_the_copy_has_is_not_undone_and_a_chain_that_it_has_not_is() {
        let of = |node, seq| row(node, seq, AuditAction::PasswordChange, "tia", "");
        let found = undone(&[of("main", 5), of("main", 6), of("new", 1)]);
        let at: Vec<i64> = found.changes.iter().map(|change| change.at.0).collect();
        assert_eq!(at, [6, 1]);
        assert!(undone(&[of("main", 1)]).is_empty());
    }

    #[test]
    fn tokens_are_named_by_their_ids_unless_several_were_revoked_at_once() {
        use AuditAction::TokenRevoke;
        let found = undone(&[
            row("main", 6, TokenRevoke, "tia", "0123456789abcdef a script"),
            row("main", 7, TokenRevoke, "tia", "fedcba9876543210 another"),
            row("main", 8, TokenRevoke, "sam", "0000000000000000 one"),
            row("main", 9, TokenRevoke, "sam", "all 3 tokens"),
            row("main", 10, TokenRevoke, "sam", "1111111111111111 one more"),
        ]);
        let ids = ["0123456789abcdef", "fedcba9876543210"].map(str::to_owned).to_vec();
        assert_eq!(found.tokens.get("tia"), Some(&RevokedTokens::Some(ids)));
        assert_eq!(found.tokens.get("sam"), Some(&RevokedTokens::All));
    }

    #[test]
    fn who_was_enabled_again_is_not_disabled_again_in_whichever_order_the_rows_come() {
        use AuditAction::{UserDisabled, UserLeft, UserReturned};
        let mut rows = vec![
            row("main", 6, UserDisabled, "tia", "yes"),
            row("main", 7, UserDisabled, "tia", "no"),
            row("main", 8, UserLeft, "sam", ""),
            row("main", 9, UserLeft, "rae", ""),
            row("main", 10, UserReturned, "rae", ""),
            row("main", 11, UserDisabled, "helen", "no"),
            row("main", 12, UserDisabled, "helen", "yes"),
        ];
        for _ in 0..2 {
            let disabled = undone(&rows).disabled;
            assert_eq!(disabled.into_keys().collect::<Vec<_>>(), ["helen", "sam"]);
            rows.reverse();
        }
    }

    #[test]
    fn what_gives_something_or_was_refused_is_not_listed() {
        let refused = AuditRow {
            outcome: Outcome::Refused,
            ..row("main", 6, AuditAction::TokenRevoke, "tia", "")
        };
        let privileged = row("main", 7, AuditAction::UserPrivileged, "tia", "yes");
        assert!(undone(&[refused, privileged]).is_empty());
        let taken = row("main", 7, AuditAction::UserPrivileged, "tia", "no");
        assert_eq!(undone(&[taken]).changes[0].words, "Privilege changed");
    }
}
