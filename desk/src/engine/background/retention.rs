//! Removes rows of the audit that are older than they are kept: one of the nodes that share a
//! store, in small batches with pauses. How: [`crate::engine::audit::pruning`]. Tests:
//! `desk/tests/desk/retention.rs`.

use std::time::Duration;

use crate::engine::audit::keep_days::KeepDays;
use crate::engine::audit::pruning::{Pruning, turn};
use crate::engine::origin::Origin;
use crate::engine::settings::Settings;
use crate::store::error::{Condition, StoreError};
use crate::store::handle::Store;
use crate::{Actor, Moment, PruneReport};

/// How often it is looked whether something is old. A command that opens the store for a moment
/// removes nothing.
const EVERY: Duration = Duration::from_mins(10);

/// Removes what is old until the desk is gone.
pub(crate) async fn remove_old_rows_regularly(store: Store, settings: Settings) {
    let Some(keep) = settings.audit_keep else { return std::future::pending().await };
    loop {
        tokio::time::sleep(EVERY).await;
        match remove_in_time(&store, &settings, keep).await {
            Ok(report) => {
                for fault in &report.faults {
                    tracing::error!(
                        %fault,
                        "old rows of the audit are not removed, since they do not hold. See \
                            `latchkey audit verify`",
                    );
                }
                for node in &report.waiting {
                    tracing::warn!(
                        %node,
                        "old rows of the audit are not removed, since its stream has not sent them \
                            yet",
                    );
                }
                for chain in &report.chains {
                    tracing::info!(
                        node = %chain.node, rows = chain.rows, "old rows of the audit were removed",
                    );
                }
            }
            Err(error) => {
                tracing::warn!(
                    %error,
                    "old rows of the audit could not be removed; trying again in ten minutes",
                );
            }
        }
    }
}

/// Removes what is old by the time that the desk has come to, and not yet by a clock that is ahead
/// of it: [`super::reckoning`].
///
/// # Errors
/// As [`remove_old_rows`].
pub(crate) async fn remove_in_time(
    store: &Store,
    settings: &Settings,
    keep: KeepDays,
) -> Result<PruneReport, StoreError> {
    // None: the hourly clean-up has not looked yet.
    let Some(reckoned) = store.reckoned().await? else { return Ok(PruneReport::default()) };
    let now = reckoned.min(settings.clock.now());
    remove_old_rows(store, settings, keep.beginning(now)).await
}

/// Removes rows from before `beginning`, where it is this node's turn.
///
/// # Errors
/// Those of [`Store::commit`]: what is not removed yet will be the next time.
pub(crate) async fn remove_old_rows(
    store: &Store,
    settings: &Settings,
    beginning: Moment,
) -> Result<PruneReport, StoreError> {
    let now = settings.clock.now();
    match store.commit(turn(settings), now).await {
        Ok(()) => {}
        Err(StoreError::Condition(Condition::NotDue)) => return Ok(PruneReport::default()),
        Err(error) => return Err(error),
    }
    let pruning = Pruning {
        store,
        key: settings.audit_key.as_ref(),
        beginning,
        actor: Actor::Desk,
        origin: Origin::desk(),
        now,
        dry_run: false,
        accept_unmarked: false,
        in_turn: Some(settings),
        streams_to: settings.audit_stream.as_deref(),
    };
    pruning.run().await
}
