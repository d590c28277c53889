//! What one transaction writes: statements, the conditions under which they hold, and the audit
//! rows that tell of them.

use std::fmt;

use surrealdb::types::Variables;

use crate::store::vars::vars;
use crate::{Actor, AuditAction, NetId, Outcome, SessionId};

/// What happened, for the audit.
#[derive(Clone, Debug)]
pub(crate) struct AuditEntry {
    pub(crate) actor: Actor,
    /// A NetID, a client's title, or empty.
    pub(crate) subject: String,
    pub(crate) action: AuditAction,
    pub(crate) outcome: Outcome,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) detail: String,
}

impl AuditEntry {
    /// One for tests of what is written with it.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        Self {
            actor: Actor::Console,
            subject: "tia".to_owned(),
            action: AuditAction::UserRole,
            outcome: Outcome::Done,
            address: String::new(),
            agent: String::new(),
            detail: String::new(),
        }
    }

    /// With more for people.
    pub(crate) fn detailed(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Of what was refused, and why: a short word.
    pub(crate) fn refused(mut self, why: impl Into<String>) -> Self {
        self.outcome = Outcome::Refused;
        self.detailed(why)
    }
}

/// A person as the rules saw them when they allowed a change: it is written only if what they
/// looked at is still so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) netid: NetId,
    pub(crate) rev: i64,
}

/// Statements of one transaction and their variables. A statement that finds its condition broken
/// THROWs the word of a [`super::error::Condition`].
///
/// Each fragment has variables of its own, `LET`s included: two of one name never meet.
#[derive(Clone, Default)]
pub(crate) struct Change {
    fragments: Vec<(String, Variables)>,
    audit: Vec<AuditEntry>,
    even_if_nearly_full: bool,
    writes_people: bool,
}

/// Without the variables: hashes of passwords are among them.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("audit", &self.audit).finish_non_exhaustive()
    }
}

impl Change {
    /// A change with its first statements.
    pub(crate) fn new(sql: &str, vars: Variables) -> Self {
        Self::default().and(sql, vars)
    }

    /// More statements in the same transaction, after the ones before.
    pub(crate) fn and(mut self, sql: &str, vars: Variables) -> Self {
        self.fragments.push((sql.to_owned(), vars));
        self
    }

    /// Another change's statements and rows in the same transaction.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.fragments.extend(other.fragments);
        self.audit.extend(other.audit);
        self.even_if_nearly_full |= other.even_if_nearly_full;
        self.writes_people |= other.writes_people;
        self
    }

    /// Its audit row.
    pub(crate) fn audited(mut self, entry: AuditEntry) -> Self {
        self.audit.push(entry);
        self
    }

    /// Only if what the rules look at in this person is still as they saw it, however soon before
    /// this is written it changed. It writes to their row, as whatever changes that does: a store
    /// lets one of two such transactions through and has the other tried again, also where they
    /// come from two nodes at one moment, since each sees what was there as it began.
    pub(crate) fn only_if_unchanged(self, version: &Version) -> Self {
        self.and(
            "LET $same = (UPDATE type::record('user', $netid) SET permits = (permits ?? 0) + 1 \
                WHERE (rev ?? 0) = $rev);
             IF array::len($same) = 0 { THROW 'moved' }",
            vars! { "netid" => version.netid.as_str().to_owned(), "rev" => version.rev },
        )
    }

    /// Only if this session goes on: the same for whoever ends it. A session that another id has
    /// replaced goes on for the moment that requests under way have.
    pub(crate) fn only_in_session(self, session: &SessionId, now: crate::Moment) -> Self {
        self.and(
            "LET $open = (UPDATE type::record('session', $id) SET acts = (acts ?? 0) + 1 WHERE \
                replaced_until IS NONE OR replaced_until > $now);
             IF array::len($open) = 0 { THROW 'session-ended' }",
            vars! { "id" => session.as_str().to_owned(), "now" => now.0 },
        )
    }

    /// Written also where the disk is nearly full: whoever can take rights away has to come in for
    /// it.
    pub(crate) fn even_if_nearly_full(mut self) -> Self {
        self.even_if_nearly_full = true;
        self
    }

    /// It writes whole people, with what they are found by: a server takes longer for one of them
    /// than for anything else that has an audit row.
    pub(crate) fn writing_people(mut self) -> Self {
        self.writes_people = true;
        self
    }

    /// Whether it writes whole people.
    pub(super) fn writes_people(&self) -> bool {
        self.writes_people
    }

    /// Whether it makes something new, which can wait until there is room.
    pub(crate) fn needs_room(&self) -> bool {
        !self.even_if_nearly_full
            && self
                .audit
                .iter()
                .any(|entry| entry.outcome == Outcome::Done && entry.action.needs_room())
    }

    /// Its audit rows.
    pub(crate) fn audit(&self) -> &[AuditEntry] {
        &self.audit
    }

    /// The statements with every variable under a name of its fragment's own, and the variables.
    pub(super) fn rendered(&self) -> (String, Variables) {
        let mut sql = String::new();
        let mut all = Variables::new();
        for (n, (text, vars)) in self.fragments.iter().enumerate() {
            let prefix = format!("f{n}_");
            sql.push_str(&prefixed(text, &prefix));
            sql.push_str(";\n");
            for (name, value) in vars.clone() {
                all.insert(format!("{prefix}{name}"), value);
            }
        }
        (sql, all)
    }
}

/// Every `$name` as `$PREFIXname`.
fn prefixed(sql: &str, prefix: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 64);
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        if letter == '$'
            && letters.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '_')
        {
            out.push_str(prefix);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fragments_never_share_a_variable() {
        let change = Change::new("LET $old = $id", vars! { "id" => 1 })
            .and("LET $old = $id", vars! { "id" => 2 });
        let (sql, vars) = change.rendered();
        assert_eq!(sql, "LET $f0_old = $f0_id;\nLET $f1_old = $f1_id;\n");
        assert_eq!(vars.len(), 2);
    }
}
