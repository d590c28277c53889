//! The binary `latchkey` as a process.

mod audit;
mod audit_rows;
mod backup;
mod clients;
mod clock;
mod configuration;
mod control;
mod demo;
mod directory;
mod failing_disk;
mod full_disk;
mod hazards;
mod health;
mod import;
mod linking;
mod manual;
mod open_files;
mod prune_killed;
pub(crate) mod restoring;
mod seed;
mod serving;
mod shells;
mod token_list;
mod tokens;
mod unheard;
mod users;
mod variables;
