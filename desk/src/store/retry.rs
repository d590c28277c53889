//! Trying again, and what an answer says went wrong.

use std::time::Duration;

use rand::Rng;
use surrealdb::types::QueryError;

use crate::store::error::StoreError;

/// How often a transaction in conflict is tried before the person is told to try again.
pub(super) const MAX_TRIES: u32 = 10;

/// Every statement of a failed transaction has an error; only one of them says why.
pub(super) fn worst(
    errors: impl Iterator<Item = surrealdb::types::Error>,
) -> Result<(), StoreError> {
    let mut worst = None;
    for error in errors {
        let says_nothing = matches!(error.query_details(), Some(QueryError::NotExecuted));
        let error = StoreError::from(error);
        match (&worst, &error) {
            (_, StoreError::Condition(_) | StoreError::Exists) => return Err(error),
            (None, _) => worst = Some(error),
            (Some(StoreError::Failed(_)), _) if !says_nothing => worst = Some(error),
            _ => {}
        }
    }
    worst.map_or(Ok(()), Err)
}

/// Waits before another try: a random time that may double with each.
pub(super) async fn jitter(tries: u32) {
    let wait = rand::rng().random_range(1..=4_u64 << tries.min(6));
    tokio::time::sleep(Duration::from_millis(wait)).await;
}
