//! Promises about crashes, each tried by what might break it: the server killed while people work
//! (`kills.rs`; on a SurrealDB server that is killed too, `shared.rs`), bytes of the store that are
//! not as they were written (`flipped.rs`), a log that was cut off (`torn.rs`), a disk that fails
//! (`failing.rs`) or takes no writes (`read_only.rs`). A disk that is full:
//! `command_line/full_disk.rs`; of one that does not sync `command_line/failing_disk.rs`.
//!
//! `LATCHKEY_CRASH_ROUNDS` says how often the server is killed (5 times where it does not, 200 by
//! `make test-crash`), `LATCHKEY_CRASH_SEED` at which moments: each run prints its own.

mod account;
mod client;
mod failing;
mod flipped;
mod journal;
mod kills;
mod made;
mod node;
mod password;
mod random;
mod read_only;
mod round;
mod sessions;
mod shared;
mod store;
mod tokens;
mod torn;

/// How often the server is killed.
fn rounds() -> u32 {
    let value = std::env::var("LATCHKEY_CRASH_ROUNDS").ok();
    value.map_or(5, |rounds| rounds.parse().expect("LATCHKEY_CRASH_ROUNDS is a number"))
}

/// Whether the whole store is looked at by the commands after this round.
fn is_looked_at(round: u32) -> bool {
    const LOOK_EVERY: u32 = 4;
    round.is_multiple_of(LOOK_EVERY) || round == rounds()
}
