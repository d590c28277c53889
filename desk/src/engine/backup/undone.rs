//! What had happened since a copy, and is undone where the copy is restored: as the audit of the
//! store that was moved away tells it, or a copy of that. Pure. Tests: below.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::backup::header::BackupHeader;
use crate::engine::backup::source::Source;
use crate::{AuditAction, AuditRow, GracePeriod, Moment, Outcome, RecordedAction};

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
    /// All of it, by its time.
    pub changes: Vec<UndoneChange>,
    /// Which rows since the copy were removed, so that all of it is not known: a sentence each.
    pub gaps: Vec<String>,
    /// What was taken and given by several nodes, so that it is not known what came last: a
    /// sentence each. It counts as taken.
    pub unsure: Vec<String>,
    /// Who was disabled, or not any more, as each node has it.
    #[serde(skip)]
    was_disabled: BTreeMap<String, Newest>,
    /// Whose tokens the word of a directory has revoked, or had back.
    #[serde(skip)]
    was_revoked: BTreeMap<String, Newest>,
    /// Whether the rows are all that there are.
    #[serde(skip)]
    pub(super) source: Source,
}

/// The newest row of each node's chain about somebody, by its number, and whether it takes. The
/// rows of one chain are in the order of their numbers; ids and times are not where a clock was
/// wrong, and nothing says which of two nodes was later.
type Newest = BTreeMap<String, (i64, bool)>;

impl Undone {
    /// Adds a row of the audit, in any order.
    pub fn add(&mut self, header: &BackupHeader, row: &AuditRow) {
        self.source.add(header, row);
        let RecordedAction::Known(action) = row.action else { return };
        if row.outcome != Outcome::Done || !header.is_before(row) || !takes_away(action, row) {
            return;
        }
        match action {
            AuditAction::TokenRevoke => self.add_tokens(row, id(&row.detail)),
            AuditAction::TokenRenew => {
                if let Some(replaced) = replaced(&row.detail) {
                    self.add_tokens(row, Some(replaced));
                }
            }
            AuditAction::TokenRestore => keep_newest(&mut self.was_revoked, row, false),
            AuditAction::UserDisabled | AuditAction::UserLeft | AuditAction::UserReturned => {
                self.add_disabled(action, row);
            }
            _ => {}
        }
        if revokes_all(action, row) {
            keep_newest(&mut self.was_revoked, row, true);
        }
        if matches!(action, AuditAction::UserReturned | AuditAction::TokenRestore) {
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

    /// Adds the token that begins so, or all of the row's person.
    fn add_tokens(&mut self, row: &AuditRow, id: Option<&str>) {
        let of = self
            .tokens
            .entry(row.subject.clone())
            .or_insert_with(|| RevokedTokens::Some(Vec::new()));
        match (of, id) {
            (RevokedTokens::Some(ids), Some(id)) => ids.push(id.to_owned()),
            (of, None) => *of = RevokedTokens::All,
            (RevokedTokens::All, Some(_)) => {}
        }
    }

    fn add_disabled(&mut self, action: AuditAction, row: &AuditRow) {
        let is = match action {
            AuditAction::UserDisabled => row.detail.starts_with("yes"),
            action => action == AuditAction::UserLeft,
        };
        keep_newest(&mut self.was_disabled, row, is);
    }

    /// Puts the changes in their order, and forgets who was enabled again, and whose tokens were
    /// restored.
    pub fn in_order(&mut self) {
        for (netid, newest) in std::mem::take(&mut self.was_revoked) {
            if takes(&newest) {
                if !is_sure(&newest) {
                    self.unsure.push(format!(
                        "Tokens of {netid} were revoked on one node and restored on another, and \
                         which came last is not known: they count as revoked."
                    ));
                }
                self.tokens.insert(netid, RevokedTokens::All);
            }
        }
        for (netid, newest) in std::mem::take(&mut self.was_disabled) {
            if takes(&newest) {
                if !is_sure(&newest) {
                    self.unsure.push(format!(
                        "{netid} was disabled on one node and enabled on another, and which came \
                         last is not known: it counts as disabled."
                    ));
                }
                self.disabled.insert(netid, true);
            }
        }
        self.changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    }

    /// Whether what was added is all that had happened since the copy; what is known to be missing
    /// is among [`Undone::gaps`] then.
    ///
    /// # Errors
    /// Why what it was read from cannot know, and what to give instead.
    pub fn check_source(&mut self, header: &BackupHeader) -> Result<(), String> {
        self.gaps = self.source.judged(header)?;
        Ok(())
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

/// Notes a row where it is the newest of its chain about its subject.
fn keep_newest(all: &mut BTreeMap<String, Newest>, row: &AuditRow, takes: bool) {
    let of = all.entry(row.subject.clone()).or_default();
    let newest = of.entry(row.link.node.clone()).or_insert((row.link.seq, takes));
    if newest.0 <= row.link.seq {
        *newest = (row.link.seq, takes);
    }
}

/// Whether by any node it was taken: where the order is not known, that counts.
fn takes(newest: &Newest) -> bool {
    newest.values().any(|(_, takes)| *takes)
}

/// Whether all nodes say the same.
fn is_sure(newest: &Newest) -> bool {
    newest.values().all(|(_, takes)| *takes)
}

/// Whether by this all of somebody's tokens were revoked, without a row for that: as those are of
/// whoever leaves, and of whose privilege a directory takes.
fn revokes_all(action: AuditAction, row: &AuditRow) -> bool {
    match action {
        AuditAction::UserLeft => true,
        AuditAction::UserPrivileged => row.detail.contains("tokens revoked"),
        _ => false,
    }
}

/// The beginning of the id of a token that another was made in the place of, and that worked no
/// more from then on.
fn replaced(detail: &str) -> Option<&str> {
    let (_, replaced) = detail.rsplit_once(" in place of ")?;
    let (replaced, works_for) = replaced.split_once(", which works for ")?;
    id(replaced).filter(|_| works_for == GracePeriod::NONE.to_string())
}

/// Whether what was done takes away what somebody could do or know: undone, they can again. With
/// what is held against that.
fn takes_away(action: AuditAction, row: &AuditRow) -> bool {
    use AuditAction as A;
    match action {
        A::TokenRevoke
        | A::TokenRestore
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
            // As of a clock that goes backwards: neither says what came first.
            id: format!("{:08}", 1000 - seq),
            at: Moment(1000 - seq),
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
        assert_eq!(at, [999, 994]);
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
    fn a_token_that_another_took_the_place_of_at_once_is_named_and_one_that_went_on_is_not() {
        use AuditAction::TokenRenew;
        let detail = |works_for: GracePeriod| {
            let named = "fedcba9876543210 a script in place of a man, which works for me";
            format!("{named} in place of 0123456789abcdef, which works for {works_for}")
        };
        let [at_once, later] = [GracePeriod::NONE, GracePeriod::ALL[1]].map(detail);
        let found = undone(&[
            row("main", 6, TokenRenew, "tia", &at_once),
            row("main", 7, TokenRenew, "sam", &later),
        ]);
        let ids = RevokedTokens::Some(vec!["0123456789abcdef".to_owned()]);
        assert_eq!(found.tokens.into_iter().collect::<Vec<_>>(), [("tia".to_owned(), ids)]);
        assert_eq!(found.changes.len(), 2);
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
    fn tokens_that_a_directory_had_revoked_are_named_too_unless_they_were_restored_since() {
        use AuditAction::{TokenRestore, TokenRevoke, UserLeft, UserPrivileged, UserReturned};
        let mut rows = vec![
            row("main", 6, TokenRevoke, "tia", "0123456789abcdef a script"),
            row("main", 7, UserLeft, "tia", ""),
            row("main", 8, UserReturned, "tia", ""),
            row("main", 9, UserPrivileged, "sam", "no: tokens revoked, sessions ended"),
            row("main", 10, UserPrivileged, "ada", "no: tokens refused, sessions ended"),
            row("main", 11, UserLeft, "rae", ""),
            row("main", 12, UserReturned, "rae", ""),
            row("main", 13, TokenRestore, "rae", "2 tokens"),
            row("main", 14, TokenRestore, "helen", "2 tokens"),
            row("main", 15, UserLeft, "helen", ""),
        ];
        let words = include_str!("../identity/person_change.rs");
        assert!(words.contains("\"no: tokens revoked, sessions ended\""), "as it is written");
        for _ in 0..2 {
            let found = undone(&rows);
            let all = |name: &str| (name.to_owned(), RevokedTokens::All);
            let expected: Vec<_> = ["helen", "sam", "tia"].map(all).into();
            assert_eq!(found.tokens.into_iter().collect::<Vec<_>>(), expected);
            assert!(found.changes.iter().all(|change| change.action != "token.restore"));
            rows.reverse();
        }
    }

    #[test]
    fn of_two_nodes_the_one_that_takes_counts_and_it_is_said() {
        use AuditAction::{TokenRestore, UserDisabled, UserLeft};
        let mut rows = vec![
            row("main", 6, UserDisabled, "tia", "yes"),
            row("new", 9, UserDisabled, "tia", "no"),
            row("main", 7, UserDisabled, "helen", "yes"),
            row("new", 8, UserDisabled, "helen", "yes"),
            row("main", 8, UserLeft, "rae", ""),
            row("new", 10, TokenRestore, "rae", "2 tokens"),
        ];
        for _ in 0..2 {
            let found = undone(&rows);
            assert_eq!(found.disabled.into_keys().collect::<Vec<_>>(), ["helen", "rae", "tia"]);
            assert_eq!(found.tokens.get("rae"), Some(&RevokedTokens::All));
            let unsure = &found.unsure;
            assert!(unsure.len() == 2, "{unsure:?}");
            assert!(unsure[0].contains("rae") && unsure[1].contains("tia"), "{unsure:?}");
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
