//! What a server may have of its caller's: files that the command line names, to the letter, and
//! texts that the command has made here before. Tests: below, and in `calling.rs`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::cli::terminal::own;
use crate::cli::terminal::text::Text;

/// The files that a command line names.
#[derive(Debug, Default)]
pub(in crate::cli) struct Files {
    /// Those to be read.
    pub(in crate::cli) read: Vec<PathBuf>,
    /// What the command has made here, by the names that it is asked for by.
    pub(in crate::cli) made: Vec<(&'static str, Text)>,
    /// One to be written, and whether it may take the place of a file that is there.
    pub(in crate::cli) written: Option<(PathBuf, bool)>,
}

impl Files {
    /// Opens what is called so, to be read.
    pub(super) fn open(&self, name: &[u8]) -> io::Result<Readable> {
        if let Some((_, text)) = self.made.iter().find(|(made, _)| made.as_bytes() == name) {
            return Ok(Readable::Text(text.clone()));
        }
        let path = self.read.iter().find(|path| is_named(path, name)).ok_or_else(not_there)?;
        Ok(Readable::File(own::open(path)?))
    }
}

/// What is read for the server.
#[derive(Debug)]
pub(super) enum Readable {
    File(File),
    Text(Text),
}

impl Read for Readable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Text(text) => text.read(buffer),
        }
    }
}

/// Whether the file is called so, to the letter.
pub(super) fn is_named(file: &Path, name: &[u8]) -> bool {
    file.as_os_str() == OsStr::from_bytes(name)
}

/// What is said to a server that wants more than the command line allows.
pub(super) fn not_there() -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, "the command line does not name it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_is_named_is_read_and_what_was_made_is_as_often_as_it_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["people", "tokens", "secret"] {
            std::fs::write(path(name), name).expect("written");
        }
        let files = Files {
            read: vec![path("people"), path("tokens")],
            made: vec![("made:people", Text::new(b"of a database".to_vec()))],
            written: None,
        };
        let read = |name: &[u8]| {
            let mut text = String::new();
            files.open(name).and_then(|mut file| file.read_to_string(&mut text)).map(|_| text).ok()
        };
        for name in ["people", "tokens"] {
            let found = read(path(name).as_os_str().as_bytes());
            assert_eq!(found.as_deref(), Some(name));
        }
        assert_eq!(read(path("secret").as_os_str().as_bytes()), None);
        for _ in 0..2 {
            assert_eq!(read(b"made:people").as_deref(), Some("of a database"));
        }
        assert_eq!(read(b"made:tokens"), None);
        assert!(!format!("{files:?}").contains("of a database"), "it may hold secrets");
    }
}
