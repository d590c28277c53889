//! The binary that these tests are built with.

use std::ops::Deref;

/// The binary, in a folder of its own and without the environment's configuration.
#[derive(Debug)]
pub(crate) struct Latchkey(testkit::program::Latchkey);

impl Latchkey {
    /// In an empty folder.
    pub(crate) fn new() -> Self {
        Self(testkit::program::Latchkey::at(env!("CARGO_BIN_EXE_latchkey")))
    }
}

impl Deref for Latchkey {
    type Target = testkit::program::Latchkey;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
