//! Makes backups regularly, where the operator has said so: one process has the store's folder, and
//! when it last made one is noted in the store, so that a restart makes none twice. How:
//! [`crate::engine::backup::scheduled`]. Tests: `desk/tests/desk/backup_schedule.rs`.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::backup::scheduled::{LastBackups, back_up_if_due};
use crate::engine::settings::Settings;
use crate::store::handle::Store;

/// How often it is looked whether one is due. A command that opens the store for a moment makes
/// none.
const EVERY: Duration = Duration::from_mins(1);

/// Makes them until the desk is gone.
pub(crate) async fn back_up_regularly(store: Store, settings: Settings, last: Arc<LastBackups>) {
    if settings.backups.schedule.is_none() {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(EVERY).await;
        match back_up_if_due(&store, &settings, &last).await {
            Ok(None) => {}
            Ok(Some(path)) => tracing::info!(path = %path.display(), "a backup was made"),
            Err(error) => tracing::error!(
                %error, "no backup could be made; trying again in ten minutes",
            ),
        }
    }
}
