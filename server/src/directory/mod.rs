//! Campus directories: LDAP, and OpenID providers.

pub(crate) mod ldap;

use std::sync::Arc;
use std::time::Duration;

use desk::{Desk, Directory, DirectoryError, LeaverLimit, Origin, Refusal, SyncError};
use tokio::time::MissedTickBehavior;

pub(crate) use ldap::{Ldap, Step};

use crate::config::{ConfigError, Configuration};

/// The directory that the configuration names, if any. Nothing is asked of it yet.
///
/// # Errors
/// Where its certificate authorities cannot be read.
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Arc<dyn Directory>>, ConfigError> {
    Ok(ldap(configuration)?.map(|ldap| Arc::new(ldap) as Arc<dyn Directory>))
}

/// The LDAP directory, if any.
///
/// # Errors
/// As [`of`].
pub(crate) fn ldap(configuration: &Configuration) -> Result<Option<Ldap>, ConfigError> {
    let settings = configuration.directories.ldap.clone();
    settings.map(|settings| Ldap::new(settings, configuration.desk.groups.clone())).transpose()
}

/// Synchronises now and then, until it is dropped. Of nodes that share a store one does it in each
/// interval.
pub(crate) async fn synchronise_regularly(desk: Desk, every: Duration, limit: LeaverLimit) {
    // Looked at more often than done: the lease may have been taken shortly before a start, by this
    // node or another.
    let often = every / 20;
    let mut timer = tokio::time::interval(often);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(refusal) =
            synchronise_with_lease(&desk, every.saturating_sub(often), limit).await
        {
            tracing::error!(%refusal, "synchronising with the directory");
        }
    }
}

async fn synchronise_with_lease(
    desk: &Desk,
    after: Duration,
    limit: LeaverLimit,
) -> Result<(), Refusal> {
    let Some(since) = desk
        .source(desk::source::Directory)
        .take_sync_lease(i64::try_from(after.as_secs()).unwrap_or(i64::MAX))
        .await?
    else {
        return Ok(());
    };
    let origin = Origin { agent: "latchkey serve".to_owned(), ..Origin::console() };
    match desk.source(desk::source::Directory).synchronise(false, limit, &origin, &mut |_| {}).await
    {
        Ok(report) => {
            let (created, updated, departed, deprived) =
                (report.created, report.updated, report.departed, report.deprived);
            tracing::info!(
                read = report.read,
                created,
                updated,
                departed,
                deprived,
                "synchronised with the directory"
            );
            // All of them by the command; every few minutes the first are enough.
            let faults = report.faults.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
            if !faults.is_empty() {
                tracing::warn!(
                    faults,
                    "in the directory (`latchkey directory sync --dry-run` says all)"
                );
            }
        }
        Err(error) => {
            // Its own words say what to do.
            tracing::error!(%error, "synchronising with the directory");
            if matches!(error, SyncError::Directory(DirectoryError::Unavailable(_))) {
                desk.source(desk::source::Directory).return_sync_lease(since).await?;
            }
        }
    }
    Ok(())
}
