//! Why the store did not do it, or cannot say whether it did.

use surrealdb::types::{Error, QueryError};

use crate::engine::log_limiter::LogLimiter;
use crate::store::damage;
use crate::{AuditAction, Refusal};

/// A few lines a second: in an outage everybody who asks for something has one.
static FAILURES: LogLimiter = LogLimiter::new(5);

/// Declares the words that a transaction throws where one of its conditions does not hold.
macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// A condition of a change that does not hold (any more) when it is written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Condition {
            $($(#[$doc])* $name,)+
        }

        impl Condition {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word that is thrown.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

conditions! {
    /// Another process wrote to this node's chain of audit rows, or it was fenced off.
    ChainMoved = "chain-moved";
    /// The transaction begins after whoever asked for it was told that it was not done.
    TooLate = "too-late";
    /// What the rules looked at in the actor or the subject has changed since.
    Moved = "moved";
    /// The session in which it was asked for has ended.
    SessionEnded = "session-ended";
    /// The form that asks for it was sent before, and was done.
    SentAlready = "sent-already";
    /// Its id was replaced already: another tab was faster.
    SessionReplaced = "session-replaced";
    /// The token does not work any more.
    TokenOver = "token-over";
    /// One token more than a person may have.
    TooManyTokens = "too-many-tokens";
    /// More tokens in a minute than a person may make.
    TooFast = "too-fast";
    /// An identity system takes away more people in an hour than it may.
    TooManyLeavers = "too-many-leavers";
    /// An identity system calls somebody else so.
    CalledSo = "called-so";
    /// What is to be changed is not what the form was drawn from.
    Stale = "stale";
    /// No enabled administrator would be left.
    LastAdministrator = "last-administrator";
    /// The person is disabled.
    Disabled = "disabled";
    /// There is no such record.
    Unknown = "unknown";
    /// It is not yet time, or another node's turn.
    NotDue = "not-due";
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// A condition of the change does not hold (any more). Nothing was changed.
    #[error("the change does not apply: {}", .0.word())]
    Condition(Condition),
    /// The form that asks for it was sent before, and this was done then. Nothing was changed now.
    #[error("the form was sent already")]
    SentAlready(Option<AuditAction>),
    /// The record exists already. Nothing was changed.
    #[error("the record exists already")]
    Exists,
    /// Everything else: unreachable, full, broken. Nothing was changed where a commit says so: it
    /// has looked.
    #[error("the store failed: {0}{remedy}", remedy = damage::remedy(.0))]
    Failed(Box<Error>),
    /// No answer in time. Nothing was changed, and nothing will be.
    #[error("the store does not answer")]
    Silent,
    /// Another transaction was at the same records. Retried inside `Store::commit`, so that it
    /// comes out only after many tries.
    #[error("the store is too busy")]
    Conflict,
    /// There is so little room left on its disk that only what takes rights away is written.
    /// Nothing was changed.
    #[error("the disk of the store is nearly full")]
    NearlyFull,
    /// The store went away while it was writing this, and cannot be asked whether it has.
    #[error(
        "the store went away in the middle of {}: whether it was done is not known",
        .0.map_or("a change", AuditAction::code)
    )]
    NotKnown(Option<AuditAction>),
    /// A row holds what no row should.
    #[error("a row in the table {0} cannot be read")]
    Broken(&'static str),
}

impl StoreError {
    /// Whether the connection broke, or nothing came over it in time: the next one may be better.
    pub(super) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Silent => true,
            Self::Failed(error) => error.is_connection(),
            _ => false,
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if matches!(error.query_details(), Some(QueryError::TransactionConflict)) {
            return Self::Conflict;
        }
        if error.is_thrown() {
            let word = error.message().trim_start_matches("An error occurred: ");
            if let Some(condition) =
                Condition::ALL.iter().find(|condition| condition.word() == word)
            {
                return Self::Condition(*condition);
            }
        }
        if error.is_already_exists() { Self::Exists } else { Self::Failed(Box::new(error)) }
    }
}

/// What the person sees; the cause is in the log.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Condition(
                Condition::Moved | Condition::Stale | Condition::SessionReplaced,
            ) => Self::ChangedMeanwhile,
            StoreError::Condition(Condition::SessionEnded | Condition::Disabled) => {
                Self::SessionEnded
            }
            StoreError::Condition(Condition::TokenOver) => Self::TokenOver,
            StoreError::Condition(Condition::LastAdministrator) => Self::LastAdministrator,
            StoreError::NotKnown(Some(action)) => {
                tracing::error!(%error, "store");
                Self::outcome_not_known(Some(action))
            }
            StoreError::SentAlready(action) => Self::sent_already(action),
            StoreError::Condition(Condition::SentAlready) => {
                Self::sent_already(None::<AuditAction>)
            }
            // Nobody's action, and nothing of what anybody asked for was done: a stranger's wrong
            // password may be counted or not.
            // Said once, by whoever looks at the disk.
            StoreError::NearlyFull => Self::StoreNearlyFull,
            error => {
                if let Some(left_out) = FAILURES.may_speak() {
                    tracing::error!(%error, left_out, "store");
                }
                Self::Unavailable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_an_action_is_it_said_that_its_outcome_is_not_known() {
        let of = |action| Refusal::from(StoreError::NotKnown(action));
        assert_eq!(of(None), Refusal::Unavailable);
        let revoked = Some(AuditAction::TokenRevoke);
        assert_eq!(of(revoked), Refusal::outcome_not_known(revoked));
    }
}
