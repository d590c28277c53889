//! SurrealDB: the one place that speaks to it. A file for each kind of record; every change is one
//! transaction that writes its audit rows too ([`change`], [`commit`]); those that wait for their
//! turn are written together (`group_commit`).
//!
//! No SurrealQL stands outside this folder: `desk/tests/structure.rs` looks.

pub(crate) mod administration;
pub(crate) mod as_read;
pub(crate) mod audit;
pub(crate) mod audit_page;
pub(crate) mod backups;
pub(crate) mod campus;
pub(crate) mod chain;
mod chain_lock;
pub(crate) mod change;
pub(crate) mod cleanup;
pub(crate) mod clients;
pub(crate) mod commit;
mod compaction;
pub(crate) mod connect;
mod connection;
pub(crate) mod counts;
pub(crate) mod damage;
mod database;
pub(crate) mod demo;
pub(crate) mod disk;
pub(crate) mod error;
pub(crate) mod forms;
mod group_commit;
pub(crate) mod handle;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod lease;
pub(crate) mod live;
mod lookups;
pub(crate) mod members;
pub(crate) mod meta;
mod migrations;
pub(crate) mod not_moved;
pub(crate) mod notice_choice;
pub(crate) mod notices;
pub(crate) mod open_error;
pub(crate) mod password_hash;
pub(crate) mod passwords;
pub(crate) mod people;
pub(crate) mod provision;
mod queue;
pub(crate) mod raw_pairs;
#[cfg(test)]
mod reading_tests;
mod record_log;
pub(crate) mod reopen;
pub(crate) mod request_tracker;
pub(crate) mod restored;
pub(crate) mod retention;
pub(crate) mod retry;
pub(crate) mod rows;
pub(crate) mod sessions;
mod store_clock;
mod store_time;
pub(crate) mod stream;
pub(crate) mod strings_end;
pub(crate) mod terms;
pub(crate) mod throttle;
pub(crate) mod token_list;
pub(crate) mod token_networks;
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod vars;
pub(crate) mod verify;
