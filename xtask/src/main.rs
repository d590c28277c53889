//! Builds the site (WASM, JavaScript, CSS) that the binary carries, and measures it.
//!
//! `xtask help` says how; of `xtask site` the last line is the folder that holds it.

mod css;
mod files;
mod js;
mod site;
mod size;
mod strip_unreachable;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the site, and measures it.
#[derive(Debug, Parser)]
enum Task {
    /// Builds the site; the last line is the folder that holds it.
    Site(site::Options),
    /// Prints what the browser has to load, and fails over the budget.
    Size {
        /// The HTML of the Auth Tokens page, which counts too.
        document: Option<PathBuf>,
    },
}

fn perform() -> Result<()> {
    match Task::parse() {
        Task::Site(options) => {
            println!("{}", site::build(&options)?.display());
            Ok(())
        }
        Task::Size { document } => size::report(document.as_deref()),
    }
}

/// The checkout's folder: where the scripts start this, not where it was compiled. Checkouts share
/// the compiled program.
fn root() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// The folder that holds all compiled things.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
