//! `latchkey scan PATH…`: finds tokens in files, by their prefix and their checksum. It asks no
//! store and no network. Tests: `finder.rs`, `mounts.rs`,
//! `server/tests/server/command_line/leaks.rs`.

mod finder;
mod mounts;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use walkdir::{DirEntry, WalkDir};

use super::exit::{ExitCode, Failure};
use super::{show, terminal};
use finder::{Finder, Hit};
use mounts::Mounts;

/// There are some.
const FOUND: u8 = 3;

/// Something could not be read.
const UNREAD: u8 = 1;

/// What stands for standard input.
const STANDARD_INPUT: &str = "-";

/// How many bytes are read at once.
const PIECE: usize = 64 * 1024;

pub(super) const HELP: &str = "\
Files are looked at whatever they are called, hidden ones too; those that are no text (a zero byte
in their first 8 KiB among what is not plain ASCII, and no UTF-16) are skipped, and so are symbolic
links within a folder, and folders in which the system shows itself: /proc, /sys, /dev. What Git
has packed away is compressed and not looked into: scan what `git log --patch --all` prints,
  git log --patch --all | latchkey scan -

Exit codes: 0 there is none, 3 there are some, 1 something could not be read and nothing was found";

/// `latchkey scan`
#[derive(Args, Debug)]
pub(super) struct Scan {
    /// Files and folders; - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Find also what may be a token of Request Tracker’s: 1-, a number, - and 32 hex digits
    #[arg(long)]
    request_tracker: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A token that was found, without what makes it one.
#[derive(Debug, Serialize)]
struct Found {
    file: String,
    line: u64,
    column: u64,
    begins: String,
    /// Whose it may be by its form, which has no checksum.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_be: Option<&'static str>,
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    finds_old: bool,
    as_json: bool,
    array: show::Array,
    /// Nobody reads it any more (`| head`).
    is_unread: bool,
    /// In how many places.
    found: usize,
    has_failed: bool,
}

impl Scan {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let mut findings =
            Findings { finds_old: self.request_tracker, as_json: self.json, ..Findings::default() };
        for path in &self.paths {
            if findings.is_unread {
                break;
            }
            look_at(path, &mut findings)?;
        }
        if self.json && !findings.is_unread {
            show::write(findings.array.end())?;
        }
        show::flush()?;
        if findings.found > 0 && !self.json && !findings.is_unread {
            show::complain(&next_steps(findings.found));
        }
        Ok(match (findings.found > 0, findings.has_failed) {
            (true, _) => ExitCode::from(FOUND),
            (false, true) => ExitCode::from(UNREAD),
            (false, false) => ExitCode::SUCCESS,
        })
    }
}

/// How many there were, and what to do now: for people, beside what programs read.
fn next_steps(found: usize) -> String {
    format!(
        "found in {}. Taking a token out of the text is not enough. Revoke your own under Settings \
         → Auth Tokens, and report another’s at /leaks of your Latchkey. On its server `latchkey \
         token identify` says whose one is.",
        show::counted(found, "place")
    )
}

/// Looks at what the command line names: standard input, a file, or all that is in a folder.
fn look_at(path: &Path, findings: &mut Findings) -> Result<(), Failure> {
    if path == Path::new(STANDARD_INPUT) {
        return scan(&mut terminal::current().input(), path, findings);
    }
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => {}
        Ok(_) => return scan_file(path, findings),
        Err(error) => {
            findings.fails(path, &error);
            return Ok(());
        }
    }
    let (mounts, whole) = match fs::canonicalize(path) {
        Ok(whole) => (Mounts::now(), whole),
        Err(error) => {
            findings.fails(path, &error);
            return Ok(());
        }
    };
    // Named itself it was to be looked into. Before the walk, which goes on behind a link that is
    // named, whatever is said of the link.
    if mounts.is_of_the_system(&whole) {
        leave_out(path);
        findings.has_failed = true;
        return Ok(());
    }
    let is_looked_into = |entry: &DirEntry| {
        let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
        let is_left_out = entry.file_type().is_dir() && mounts.is_of_the_system(&whole.join(below));
        if is_left_out {
            leave_out(entry.path());
        }
        !is_left_out
    };
    for entry in WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(is_looked_into) {
        if findings.is_unread {
            return Ok(());
        }
        match entry {
            // No link, and nothing that would wait for somebody who writes.
            Ok(entry) if entry.file_type().is_file() => scan_file(entry.path(), findings)?,
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(path).to_owned();
                findings.fails(&path, &error);
            }
        }
    }
    Ok(())
}

fn leave_out(folder: &Path) {
    let shown = show::visible(&folder.display().to_string());
    show::complain(&format!(
        "{shown} is not looked into: the system shows itself there. Name a file in it."
    ));
}

fn scan_file(path: &Path, findings: &mut Findings) -> Result<(), Failure> {
    match File::open(path) {
        Ok(mut file) => scan(&mut file, path, findings),
        Err(error) => {
            findings.fails(path, &error);
            Ok(())
        }
    }
}

/// Reads to the end, a piece at a time, and says what is found on the way.
fn scan(from: &mut dyn Read, path: &Path, findings: &mut Findings) -> Result<(), Failure> {
    let mut finder = Finder::new(findings.finds_old);
    let mut piece = vec![0; PIECE];
    loop {
        let length = match from.read(&mut piece) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                findings.fails(path, &error);
                return Ok(());
            }
        };
        let found = finder.feed(&piece[..length]);
        if !found.is_empty() {
            findings.add(path, &found)?;
        }
        if length == 0 || finder.is_no_text() || findings.is_unread {
            return Ok(());
        }
    }
}

impl Findings {
    fn add(&mut self, path: &Path, found: &[Hit]) -> Result<(), Failure> {
        self.found += found.len();
        let file = show::visible(&path.display().to_string());
        let found = found.iter().map(|hit| Found {
            file: file.clone(),
            line: hit.at.line,
            column: hit.at.column,
            begins: hit.begins.clone(),
            may_be: hit.may_be_old.then_some("request-tracker"),
        });
        let text = if self.as_json {
            self.array.part(&found.collect::<Vec<_>>())?
        } else {
            let line = |Found { file, line, column, begins, may_be }: Found| {
                let words = may_be.map_or("", |_| " may be a token of Request Tracker’s");
                format!("{file}:{line}:{column}: {begins}…{words}\n")
            };
            found.map(line).collect()
        };
        self.is_unread = !show::write(&text)?;
        Ok(())
    }

    fn fails(&mut self, path: &Path, error: &dyn std::error::Error) {
        self.has_failed = true;
        let path = show::visible(&path.display().to_string());
        show::complain(&format!("{path} cannot be read: {}", show::visible(&error.to_string())));
    }
}
