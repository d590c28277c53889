//! How many people there are, counted once in a while: among a million that takes a moment. Who
//! asks: [`super::leavers`]. Tests: `desk/tests/desk/directory/leavers.rs`.

use std::sync::Mutex;

use crate::Moment;

/// When they were counted last, and how many they were.
pub(crate) type PeopleCount = Mutex<Option<(Moment, u64)>>;
