//! What had happened since a copy, and is undone where the copy is restored: as the audit of the
//! store that was moved away tells it, or a copy of that. Pure. Tests: `undone/tests.rs`.

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
            AuditAction::TokenRevoke | AuditAction::TokenLeaked => {
                self.add_tokens(row, id(&row.detail));
            }
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
        | A::TokenLeaked
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
        | A::CalendarSet
        | A::CalendarEnd
        | A::ClientRemove => true,
        A::UserPrivileged => row.detail.starts_with("no"),
        A::LogIn
        | A::LogOut
        | A::SessionEnd
        | A::SessionConfirm
        | A::PasswordCheck
        | A::PasswordRehash
        | A::TokenCreate
        | A::TokenImport
        | A::TokenCleanup
        | A::TokenManage
        | A::TokenSee
        | A::TokenNewNetwork
        | A::TokenNetworkKnown
        | A::TokenReview
        | A::UserCreate
        | A::UserOpen
        | A::UserLink
        | A::UserImport
        | A::UserFind
        | A::DirectorySync
        | A::ClientAdd
        | A::NoticesSet
        | A::DemoLoad
        | A::AuditRead
        | A::AuditPrune
        | A::StoreRestore => false,
    }
}

#[cfg(test)]
mod tests;
