//! Whether this program can restore a backup, by what it says of itself. Tests: below.

use crate::engine::backup::error::BackupError;
use crate::engine::backup::header::{BackupHeader, Payload};
use crate::engine::backup::taking::ENGINE;
use crate::store::restored::known_schema;

/// The last moment of the year 9999: none later can be written as a date.
const LAST_MOMENT: i64 = 253_402_300_799_999;

/// Whether this program can restore it, wherever that is.
///
/// # Errors
/// [`BackupError::OtherPayload`], [`BackupError::NewerSchema`], [`BackupError::OtherEngine`],
/// [`BackupError::Nonsense`].
pub(crate) fn check_fit(header: &BackupHeader) -> Result<(), BackupError> {
    if header.payload != Payload::Pairs {
        return Err(BackupError::OtherPayload);
    }
    let known = known_schema();
    if header.schema > known {
        return Err(BackupError::NewerSchema { found: header.schema, known });
    }
    if header.schema < 1 {
        return Err(BackupError::Nonsense("its schema is less than 1"));
    }
    if !(1..=LAST_MOMENT).contains(&header.moment.0) {
        return Err(BackupError::Nonsense("its moment is none of a calendar"));
    }
    if !reads(ENGINE, &header.engine) {
        let found = header.engine.escape_debug().take(40).collect();
        return Err(BackupError::OtherEngine { found, known: ENGINE });
    }
    Ok(())
}

/// Whether an engine reads what another one has written: the same, and an earlier one of the same
/// major version, as with a store that is there at an upgrade.
fn reads(own: &str, written: &str) -> bool {
    let (Some(own), Some(written)) = (version(own), version(written)) else { return false };
    own[0] == written[0] && written <= own
}

/// Major, minor and patch.
fn version(engine: &str) -> Option<[u64; 3]> {
    let mut parts = engine.strip_prefix("SurrealDB ")?.split('.').map(str::parse::<u64>);
    let version = [parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?];
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::engine::backup::header::tests::header;

    #[test]
    fn what_no_backup_can_say_is_refused() {
        let known = known_schema();
        let check = |change: &dyn Fn(&mut BackupHeader)| {
            let mut header = header();
            header.schema = known;
            ENGINE.clone_into(&mut header.engine);
            change(&mut header);
            check_fit(&header)
        };
        assert!(check(&|_| {}).is_ok());
        assert!(check(&|header| header.schema = 1).is_ok(), "the first");
        for schema in [0, -5, i64::MIN] {
            let refused = check(&|header| header.schema = schema);
            assert!(matches!(refused, Err(BackupError::Nonsense(_))), "{schema}: {refused:?}");
        }
        let newer = check(&|header| header.schema = known + 1);
        assert!(matches!(newer, Err(BackupError::NewerSchema { .. })), "{newer:?}");
        for moment in [i64::MIN, -1, 0, LAST_MOMENT + 1, i64::MAX] {
            let refused = check(&|header| header.moment = Moment(moment));
            assert!(matches!(refused, Err(BackupError::Nonsense(_))), "{moment}: {refused:?}");
        }
        for engine in ["SurrealDB 9.0.0", "", "RocksDB 3.3.5", "SurrealDB 3.3", "SurrealDB 3.3.x"] {
            let refused = check(&|header| engine.clone_into(&mut header.engine));
            assert!(matches!(refused, Err(BackupError::OtherEngine { .. })), "{engine}");
        }
        let other = check(&|header| header.payload = Payload::Other);
        assert!(matches!(other, Err(BackupError::OtherPayload)), "{other:?}");
    }

    #[test]
    fn an_engine_reads_what_earlier_ones_of_its_major_version_wrote() {
        for written in ["SurrealDB 3.3.5", "SurrealDB 3.3.4", "SurrealDB 3.2.9"] {
            assert!(reads("SurrealDB 3.3.5", written), "{written}");
        }
        for written in ["SurrealDB 3.3.6", "SurrealDB 3.4.0", "SurrealDB 4.0.0", "SurrealDB 2.9.9"]
        {
            assert!(!reads("SurrealDB 3.3.5", written), "{written}");
        }
    }
}
