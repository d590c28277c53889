//! What the desk counts and measures of itself, for whoever watches over it: plain numbers, read at
//! any time by [`Desk::figures`](crate::Desk::figures), which asks the store nothing. What becomes
//! of them is the server's.
//!
//! | file | what |
//! |---|---|
//! | [`counter`] | counts that many threads add to |
//! | [`timings`] | how long something took, in steps |
//! | [`counts`] | what the desk itself counts |
//! | [`kinds`] | what the figures say |
//! | [`reason`] | why verify has said what |
//! | [`snapshot`] | all of it at one moment |
//!
//! The store has its own: `desk/src/store/counts.rs`. Tests: in these files, and
//! `desk/tests/desk/figures.rs`.

pub(crate) mod counter;
pub(crate) mod counts;
pub(crate) mod kinds;
pub(crate) mod reason;
pub(crate) mod snapshot;
pub(crate) mod timings;
