//! A SurrealDB server, for the tests over `ws://`:
//! `surreal start --bind 127.0.0.1:PORT --unauthenticated memory`.

use std::process::ExitCode;

fn main() -> ExitCode {
    surrealdb_server::init(surrealdb_core::CommunityComposer())
}
