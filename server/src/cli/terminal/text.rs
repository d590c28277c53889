//! A text that a command has made before it reads it as a file, itself or by a server that asks for
//! it. It may hold secrets, and so nothing prints it. Tests: `server/src/cli/control/files.rs`.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

/// A text, and how far it is read. A copy of one that was not read yet begins at its beginning.
#[derive(Clone)]
pub(in crate::cli) struct Text {
    bytes: Arc<Vec<u8>>,
    at: usize,
}

impl Text {
    /// These bytes.
    pub(in crate::cli) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(bytes), at: 0 }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text")
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}
