//! What ended more than [`SHOWN_DAYS`] ago goes out of the store into the audit's keeping: each
//! transaction deletes some of one person's tokens and writes down which. Tests:
//! `desk/tests/desk/token_limits.rs`.

use std::time::Instant;

use crate::engine::audit::entry::entry;
use crate::engine::counted::counted;
use crate::engine::origin::Origin;
use crate::engine::tokens::named::named_briefly;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::store::rows::TokenRecord;
use crate::store::tokens;
use crate::{Actor, AuditAction, Moment, TokenView};

/// Tokens that are over stay in lists for this many days.
pub(crate) const SHOWN_DAYS: i64 = 90;

/// How many tokens one transaction takes out. Each is a notification where other nodes listen, and
/// a SurrealDB server closes a connection for which more than a hundred wait.
pub(super) const BATCH: usize = 25;

/// Takes out what ended long ago by `reckoned`, of everybody; answers how many tokens. Between two
/// transactions it rests as long as the one took, so that nobody's change waits for all of them.
///
/// # Errors
/// Those of [`Store::commit`]: what is not taken out yet will be the next time.
pub(crate) async fn clean_up_tokens(
    store: &Store,
    reckoned: Moment,
    now: Moment,
) -> Result<u32, StoreError> {
    let then = reckoned.plus_days(-SHOWN_DAYS);
    let mut removed = 0;
    loop {
        let before = removed;
        for owner in store.owners_of_ended(then).await? {
            removed += clean_up_tokens_of(store, &owner, then, now).await?;
        }
        // Nobody is left, or another node takes them out: it goes on with the rest.
        if removed == before {
            return Ok(removed);
        }
    }
}

async fn clean_up_tokens_of(
    store: &Store,
    owner: &str,
    then: Moment,
    now: Moment,
) -> Result<u32, StoreError> {
    let mut removed = 0;
    loop {
        let ended: Vec<TokenView> = store
            .tokens_ended(owner, then, BATCH)
            .await?
            .into_iter()
            .map(|row: TokenRecord| row.view(now))
            .collect();
        if ended.is_empty() {
            return Ok(removed);
        }
        let ids: Vec<_> = ended.iter().map(|token| &token.id).collect();
        if !take_out(store, owner, &ended, tokens::clean_up(&ids, then), now).await? {
            return Ok(removed);
        }
        removed += u32::try_from(ids.len()).unwrap_or(u32::MAX);
    }
}

/// Takes out some of a person's tokens by this change, and rests as long as that took; false:
/// another node takes them out, and goes on with the rest.
pub(super) async fn take_out(
    store: &Store,
    owner: &str,
    ended: &[TokenView],
    change: Change,
    now: Moment,
) -> Result<bool, StoreError> {
    let began = Instant::now();
    let entry = entry(Actor::Desk, owner, AuditAction::TokenCleanup, &Origin::desk())
        .detailed(detail(ended));
    match store.commit(change.audited(entry), now).await {
        Ok(()) => {}
        Err(StoreError::Condition(Condition::Stale)) => return Ok(false),
        Err(error) => return Err(error),
    }
    tokio::time::sleep(began.elapsed()).await;
    Ok(true)
}

/// How many, and each by the start of its id and of its description.
fn detail(ended: &[TokenView]) -> String {
    let each: Vec<String> =
        ended.iter().map(|token| named_briefly(&token.id, &token.description)).collect();
    format!(
        "{} ended more than {SHOWN_DAYS} days ago: {}",
        counted(ended.len(), "token"),
        each.join(", ")
    )
}
