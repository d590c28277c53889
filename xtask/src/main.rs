//! Builds the site (WASM, JavaScript, CSS) that the binary carries, and measures it.
//!
//! `xtask site [--dev] [--toolchain NAME]` builds it; the last line printed is the folder that
//! holds it. `xtask size [DOCUMENT]` prints what the browser has to load and fails over the budget.

mod css;
mod files;
mod js;
mod site;
mod size;
mod strip_unreachable;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform() -> Result<()> {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("site") => {
            let mut options = site::Options::default();
            while let Some(arg) = args.next() {
                match arg.as_str() {
                    "--dev" => options.dev = true,
                    "--toolchain" => {
                        options.toolchain = Some(args.next().context("--toolchain wants a name")?)
                    }
                    other => bail!("unknown argument of `site`: {other}"),
                }
            }
            let folder = site::build(&options)?;
            println!("{}", folder.display());
            Ok(())
        }
        Some("size") => size::report(args.next().map(PathBuf::from).as_deref()),
        _ => bail!("usage: xtask site [--dev] [--toolchain NAME] | xtask size [DOCUMENT]"),
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
