//! `latchkey`: everything is in the library, so that tests can start the server in their own process.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
