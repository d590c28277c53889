//! Who has looked at whom: a row for the first look of a day (UTC) that one person takes at
//! another's tokens, sessions and history, or at the audit. Pages ask again while they are open,
//! and the Help Desk looks at many people many times a day: more rows would tell nothing more and
//! bury the rest. Which looks have their row is remembered in bounded memory by this node: after a
//! restart, or at another node, there is one more. Tests: below, and `desk/tests/desk/looks.rs`.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::lock::lock;
use crate::store::change::{AuditEntry, Change};
use crate::store::handle::Store;
use crate::{Actor, AuditAction, Moment};

/// How many looks of one day are told apart. Of more, each has its row.
const REMEMBERED: usize = 10_000;

/// Who looked at what of whom.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Look {
    actor: Actor,
    action: AuditAction,
    subject: String,
    /// What was asked for, where that is part of the look.
    detail: String,
}

impl From<&AuditEntry> for Look {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            actor: entry.actor.clone(),
            action: entry.action,
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
        }
    }
}

/// The looks that have their row, each with its day.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    days: Mutex<HashMap<Look, i64>>,
}

impl Looks {
    /// Whether this is the first of its kind today; from now on it is not.
    pub(crate) fn is_first(&self, entry: &AuditEntry, now: Moment) -> bool {
        let (look, today) = (Look::from(entry), now.days());
        let mut days = lock(&self.days);
        if days.get(&look) == Some(&today) {
            return false;
        }
        if days.len() >= REMEMBERED {
            days.retain(|_, day| *day == today);
        }
        if days.len() < REMEMBERED {
            days.insert(look, today);
        }
        true
    }

    /// Writes down that somebody looks, unless it is at themselves, or they are the operator, who
    /// has the store in hand.
    ///
    /// What is shown is shown also where the row cannot be written, and the log says so: on a full
    /// disk the Help Desk must still find the token that is to be revoked.
    pub(crate) async fn note(&self, entry: AuditEntry, store: &Store, now: Moment) {
        let looks_at_another =
            matches!(&entry.actor, Actor::Person(netid) if netid.as_str() != entry.subject);
        if !looks_at_another || !self.is_first(&entry, now) {
            return;
        }
        if let Err(error) = store.commit(Change::default().audited(entry.clone()), now).await {
            self.forget(&entry);
            let AuditEntry { actor, action, subject, .. } = &entry;
            let action = action.code();
            tracing::warn!(
                %actor, action, subject, %error,
                "somebody looks, and it could not be written to the audit",
            );
        }
    }

    fn forget(&self, entry: &AuditEntry) {
        lock(&self.days).remove(&Look::from(entry));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    const NOW: Moment = Moment(1_795_511_101_234);

    fn look(actor: &str, subject: &str) -> AuditEntry {
        AuditEntry {
            actor: Actor::from(actor.to_owned()),
            subject: subject.to_owned(),
            action: AuditAction::TokenSee,
            outcome: Outcome::Done,
            address: "192.0.2.7".to_owned(),
            agent: String::new(),
            detail: String::new(),
        }
    }

    #[test]
    fn the_first_look_of_a_day_is_one_and_those_at_others_are_others() {
        let looks = Looks::default();
        assert!(
            looks.is_first(&look("helen", "tia"), NOW)
                && !looks.is_first(&look("helen", "tia"), NOW)
        );
        assert!(
            looks.is_first(&look("helen", "sam"), NOW) && looks.is_first(&look("ada", "tia"), NOW)
        );
        let audit = AuditEntry { action: AuditAction::AuditRead, ..look("helen", "tia") };
        assert!(looks.is_first(&audit, NOW), "another kind");
        let question = AuditEntry { detail: "never used".to_owned(), ..look("helen", "tia") };
        assert!(
            looks.is_first(&question, NOW) && !looks.is_first(&question, NOW),
            "another question"
        );
        assert!(
            looks.is_first(&look("helen", "tia"), NOW.plus_days(1))
                && !looks.is_first(&look("helen", "tia"), NOW.plus_days(1))
        );
        looks.forget(&look("helen", "tia"));
        assert!(
            looks.is_first(&look("helen", "tia"), NOW.plus_days(1)),
            "its row could not be written"
        );
    }

    #[test]
    fn memory_is_bounded_and_what_is_not_remembered_is_written() {
        let looks = Looks::default();
        for n in 0..=REMEMBERED {
            assert!(looks.is_first(&look("helen", &format!("person{n}")), NOW));
        }
        assert_eq!(lock(&looks.days).len(), REMEMBERED);
        let last = look("helen", &format!("person{REMEMBERED}"));
        assert!(looks.is_first(&last, NOW), "once more, rather than not at all");
        assert!(
            looks.is_first(&last, NOW.plus_days(1)) && !looks.is_first(&last, NOW.plus_days(1)),
            "the day before is forgotten"
        );
    }
}
