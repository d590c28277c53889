//! The terminal, and the files, of this process. Tests: below.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use rustix_process::io::Errno;
use rustix_process::termios::tcgetwinsize;

use super::protocol::Facts;

/// What this process's terminal is like.
pub(in crate::cli) fn facts() -> Facts {
    let size = tcgetwinsize(io::stderr()).ok();
    Facts {
        output_is_terminal: io::stdout().is_terminal(),
        errors_are_terminal: io::stderr().is_terminal(),
        width: size.map(|size| size.ws_col).filter(|columns| *columns > 0),
    }
}

/// Writes to standard output.
pub(in crate::cli) fn write(bytes: &[u8]) -> io::Result<()> {
    io::stdout().lock().write_all(bytes)
}

/// Lets go of what standard output keeps back.
pub(in crate::cli) fn flush() -> io::Result<()> {
    io::stdout().flush()
}

/// Writes to standard error.
pub(in crate::cli) fn write_error(bytes: &[u8]) -> io::Result<()> {
    io::stderr().lock().write_all(bytes)
}

/// Asks for a secret at the keyboard, unseen.
pub(in crate::cli) fn ask(prompt: &str) -> io::Result<String> {
    rpassword::prompt_password(format!("{prompt}: "))
}

/// Opens a file to be read. A folder is none.
pub(in crate::cli) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(Errno::ISDIR.into());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = open(folder.path()).expect_err("a folder");
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(open(&folder.path().join("none")).is_err());
    }
}
