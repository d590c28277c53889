//! Whether a backup is as it was written: all of it is read, and nothing is kept. Tests:
//! `container/tests.rs`, `desk/tests/desk/backup.rs`.

use std::io::Read;

use crate::engine::backup::container::read::ContainerReader;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::sealing::{BackupIdentities, opened};
use crate::engine::backup::taking::BackupReport;

/// What a backup is read from.
pub type BackupInput = Box<dyn Read + Send>;

/// Reads a backup from its beginning to its end, and says what it is.
///
/// # Errors
/// [`BackupError`]: what is wrong with it.
pub fn verify_backup(
    input: BackupInput,
    identities: &BackupIdentities,
) -> Result<BackupReport, BackupError> {
    let mut reader = ContainerReader::open(opened(input, identities)?)?;
    while reader.next_block()?.is_some() {}
    Ok(BackupReport { header: reader.header().clone(), totals: reader.totals().clone() })
}
