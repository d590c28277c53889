//! Whether a backup is as it was written, and one that this program can restore: all of it is read,
//! and nothing is kept. Tests: below, `container/tests.rs`, `desk/tests/desk/backup.rs`.

use std::io::Read;

use crate::engine::backup::container::read::ContainerReader;
use crate::engine::backup::ends::Ends;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::fit::check_fit;
use crate::engine::backup::sealing::{BackupIdentities, opened};
use crate::engine::backup::taking::BackupReport;

/// What a backup is read from, once and forwards: a file, or standard input.
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
    check_fit(reader.header())?;
    let mut ends = Ends::of(reader.header());
    while let Some(block) = reader.next_block()? {
        for (_, value) in block.pairs() {
            ends.look_in(value);
        }
    }
    if reader.totals().pairs == 0 {
        return Err(BackupError::Empty);
    }
    if let Some(missing) = ends.missing() {
        return Err(BackupError::Lacking(missing));
    }
    Ok(BackupReport { header: reader.header().clone(), totals: reader.totals().clone() })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::engine::backup::container::write::ContainerWriter;
    use crate::engine::backup::header::BackupHeader;
    use crate::engine::backup::header::tests::header;

    /// What is said of a backup with this value; of one without any.
    fn verified(header: &BackupHeader, value: Option<&str>) -> Result<BackupReport, BackupError> {
        let mut writer = ContainerWriter::begin(Vec::new(), header).expect("into memory");
        if let Some(value) = value {
            writer.pair(b"key", value.as_bytes()).expect("into memory");
        }
        let (bytes, _) = writer.finish().expect("into memory");
        verify_backup(Box::new(Cursor::new(bytes)), &BackupIdentities::default())
    }

    #[test]
    fn one_that_lacks_the_end_of_its_audit_is_not_whole() {
        let header = header();
        assert!(verified(&header, Some(&header.chains[0].hash)).is_ok());
        let lacking = verified(&header, Some("something else"));
        assert!(matches!(&lacking, Err(BackupError::Lacking(_))), "{lacking:?}");
    }

    #[test]
    fn one_that_can_never_be_restored_is_not_whole() {
        let empty = verified(&header(), None);
        assert!(matches!(&empty, Err(BackupError::Empty)), "{empty:?}");
        let other = BackupHeader { engine: "SurrealDB 9.0.0".to_owned(), ..header() };
        let refused = verified(&other, Some(&other.chains[0].hash));
        assert!(matches!(&refused, Err(BackupError::OtherEngine { .. })), "{refused:?}");
    }
}
