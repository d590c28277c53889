//! The files that the commands of backups read and write, and standard input and output: all of
//! them are reached from here, and from nowhere else in these commands. They are those of whoever
//! typed the command, also where a server makes the backup.

use std::io::{self, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use desk::{BackupInput, BackupTarget, Secret};

use crate::cli::exit::Failure;
use crate::cli::terminal::{self, Output, Terminal};

/// The name of standard input, and of standard output.
const STREAM: &str = "-";

/// The largest file of identities that is read.
const MAX_IDENTITIES: u64 = 1 << 20;

/// Whether a file is standard input, or standard output.
pub(super) fn is_stream(file: &Path) -> bool {
    file == Path::new(STREAM)
}

/// A file that a backup is written to, and is put in its place at the end.
pub(super) struct Kept(Option<Arc<Mutex<Output>>>);

/// Begins a file that is not there yet, or whatever is there is to be replaced; or standard output.
pub(super) fn create(file: &Path, replaces: bool) -> Result<(Kept, BackupTarget), Failure> {
    let terminal = terminal::current();
    if is_stream(file) {
        return stream(terminal);
    }
    let new = terminal.create(file, replaces).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let file = file.display();
            Failure::Usage(format!("{file} is there already. Another name, or --force."))
        }
        _ => failed("written", file, &error),
    })?;
    let new = Arc::new(Mutex::new(new));
    let kept = Kept(Some(new.clone()));
    let target: BackupTarget =
        Box::new(move || new.lock().unwrap_or_else(PoisonError::into_inner).writer());
    Ok((kept, target))
}

/// Standard output, which is written to once.
fn stream(terminal: Terminal) -> Result<(Kept, BackupTarget), Failure> {
    if terminal.output_is_terminal() {
        let why = "A backup is nothing for a terminal: name a file, or lead it into a pipe.";
        return Err(Failure::Usage(why.to_owned()));
    }
    let mut is_opened = false;
    let target: BackupTarget = Box::new(move || {
        if std::mem::replace(&mut is_opened, true) {
            let why = "the store’s files moved, and what was written cannot be taken back: again";
            return Err(io::Error::other(why));
        }
        Ok(terminal.output())
    });
    Ok((Kept(None), target))
}

impl Kept {
    /// Puts it in its place.
    pub(super) fn keep(self) -> Result<(), Failure> {
        let Some(new) = self.0 else { return Ok(()) };
        let Some(new) = Arc::into_inner(new) else {
            return Err(Failure::Other("The backup is still being written.".to_owned()));
        };
        let new = new.into_inner().unwrap_or_else(PoisonError::into_inner);
        new.keep().map_err(|error| {
            Failure::Other(format!("The backup cannot be put in its place: {error}."))
        })
    }
}

/// A backup that is read, or standard input.
pub(super) fn open(file: &Path) -> Result<BackupInput, Failure> {
    let terminal = terminal::current();
    if is_stream(file) {
        return Ok(Box::new(terminal.input()));
    }
    let opened = terminal.open(file).map_err(|error| failed("read", file, &error))?;
    Ok(Box::new(BufReader::new(opened)))
}

/// A file of identities, whole; one that has more than [`MAX_IDENTITIES`] bytes is refused.
pub(super) fn secret(file: &Path) -> Result<Secret, Failure> {
    let words = |error: io::Error| failed("read", file, &error);
    let length = std::fs::metadata(file).map_err(words)?.len();
    if length > MAX_IDENTITIES {
        return Err(words(io::Error::other("it is too large for a file of identities")));
    }
    std::fs::read_to_string(file).map(Secret::new).map_err(words)
}

/// Whether it is a folder, and so a store.
pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

fn failed(what: &str, file: &Path, error: &io::Error) -> Failure {
    Failure::Other(format!("{} cannot be {what}: {error}.", file.display()))
}
