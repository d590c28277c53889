//! The desk's behaviour on a real store: `mem://`, or by `LATCHKEY_TEST_STORE` `rocksdb` or `ws`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod actors;
mod audit;
mod backup;
mod backup_schedule;
mod campus;
mod clients;
mod confirmation;
mod demo;
mod devices;
mod directory;
mod durability;
mod everybody;
mod figures;
mod guessing;
mod import;
mod login;
mod looks;
mod nodes;
mod old_stores;
mod outcomes;
mod passwords;
mod people;
mod proxy;
mod races;
mod refused_sign_in;
mod retention;
mod reveal;
mod rights_lost;
mod sent_forms;
mod sessions;
mod standing;
mod store_users;
mod strangers;
mod streaming;
mod support;
mod token_limits;
mod token_races;
mod token_renewal;
mod tokens;
mod two_passwords;
mod unicode_passwords;
mod verify;
mod wrong_clock;
