//! How many people there are, counted once in a while: among a million that takes some seconds, and
//! whoever asks meanwhile waits for the same count. Who asks: [`super::leavers`]. Tests:
//! `desk/tests/desk/directory/leavers.rs`.

use tokio::sync::Mutex;

use crate::Moment;

/// When they were counted last, and how many they were.
pub(crate) type PeopleCount = Mutex<Option<(Moment, u64)>>;
