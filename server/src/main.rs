//! `latchkey`: everything is in the library, so that tests can start the server in their own
//! process.

use std::process::ExitCode;

/// Requests are many small pieces of memory: the system's allocator takes a tenth of the time that
/// verify takes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
