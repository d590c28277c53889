//! What the desk itself counts: how long verify takes, what the directory answers, how its
//! synchronisations end. Tests: `desk/tests/desk/{figures,directory/sync}.rs`.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use crate::Moment;
use crate::engine::figures::counter::Counters;
use crate::engine::figures::timings::Timings;
use crate::engine::identity::directory::{DirectoryError, ExternalIdentity};
use crate::engine::identity::sync::report::{SyncError, SyncReport};

/// What the directory says of a password, each with its place.
pub(crate) const DIRECTORY_ANSWERS: [&str; 5] = ["right", "wrong", "away", "refuses", "nonsense"];

/// How a synchronisation ends, each with its place.
pub(crate) const SYNC_OUTCOMES: [&str; 3] = ["done", "failed", "refused"];

/// What the desk itself counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// How long verify takes.
    pub(crate) verify: Timings,
    pub(crate) directory: Counters<{ DIRECTORY_ANSWERS.len() }>,
    pub(crate) sync: Counters<{ SYNC_OUTCOMES.len() }>,
    /// When one was last done; 0: never by this process.
    synchronised: AtomicI64,
}

impl Counts {
    /// What the directory has said of a password.
    pub(crate) fn directory_answered(
        &self,
        answer: &Result<Option<ExternalIdentity>, DirectoryError>,
    ) {
        self.directory.add(match answer {
            Ok(Some(_)) => 0,
            Ok(None) => 1,
            Err(DirectoryError::Unavailable(_) | DirectoryError::Unanswered(_)) => 2,
            Err(DirectoryError::Refuses(_)) => 3,
            Err(DirectoryError::Nonsense(_) | DirectoryError::Unclear(_)) => 4,
        });
    }

    /// How a synchronisation that was to be carried out has ended.
    pub(crate) fn synchronised(&self, outcome: &Result<SyncReport, SyncError>, now: Moment) {
        self.sync.add(match outcome {
            Ok(_) => {
                self.synchronised.store(now.0, Relaxed);
                0
            }
            Err(SyncError::NoDirectory | SyncError::Directory(_) | SyncError::Refused(_)) => 1,
            Err(
                SyncError::TooManyLeaving { .. } | SyncError::Empty { .. } | SyncError::NobodyLeft,
            ) => 2,
        });
    }

    /// When one was last done by this process; none: not yet.
    pub(crate) fn last_synchronised(&self) -> Option<Moment> {
        Some(Moment(self.synchronised.load(Relaxed))).filter(|at| at.0 != 0)
    }
}
