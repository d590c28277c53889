//! One synchronisation: what it has in hand.

use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::engine::identity::directory::Directory;
use crate::engine::identity::sync::limit::LeaverLimit;
use crate::engine::origin::Origin;

/// People written in one transaction. More would keep those who wait for theirs waiting: on a
/// server each takes tens of milliseconds.
pub(super) const BATCH: usize = 50;

/// What one synchronisation is made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Synchronisation<'a> {
    pub(super) desk: &'a Desk,
    pub(super) directory: &'a Arc<dyn Directory>,
    pub(super) mode: Mode,
    pub(super) limit: LeaverLimit,
    pub(super) origin: &'a Origin,
}

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The plan is shown, to its end, and nothing is written.
    DryRun,
    Apply,
}
