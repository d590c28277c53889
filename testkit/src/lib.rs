//! One way to start a desk in tests.
//!
//! In process, on a store of its own: [`world()`] and its siblings, and what the demo's people do
//! there by their own hands ([`by_hand`]). As the real program: [`program`], and for tests in other
//! languages the command `latchkey-testkit` (`main.rs`), which prints JSON.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod by_hand;
pub mod forms;
pub mod program;
mod store_folder;
pub mod surreal_server;
mod world;

pub use by_hand::{origin, secret};
pub use store_folder::StoreFolder;
pub use world::{
    World, empty_world, empty_world_with, reopen, try_reopen, try_reopen_with, world, world_with,
};
