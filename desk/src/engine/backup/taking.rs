//! Making a backup: on a thread of its own, slower than it could be, and with little memory, so
//! that nobody who is served feels it. Tests: `desk/tests/desk/backup.rs`.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::Moment;
use crate::engine::backup::container::write::ContainerWriter;
use crate::engine::backup::ends::Ends;
use crate::engine::backup::error::BackupError;
use crate::engine::backup::header::{BackupHeader, BackupTotals, Payload};
use crate::engine::backup::own_thread::on_its_own_thread;
use crate::engine::backup::pace::{BACKUP_RATE, Pace};
use crate::engine::backup::recipient::BackupRecipient;
use crate::engine::backup::sealing::Sealed;
use crate::engine::settings::Settings;
use crate::store::handle::Store;
use crate::store::raw_pairs::{RawError, RawPairs};

/// Whose keys and values these are; a test holds it against `Cargo.lock`.
pub(crate) const ENGINE: &str = "SurrealDB 3.3.5";

/// How often a backup is begun where a file goes while it is read.
const MAX_TRIES: u32 = 5;

/// How much is written at a time.
const BUFFER: usize = 256 << 10;

/// What a backup is written to: opened anew for each try, from its beginning. What was written in
/// vain before is to be forgotten; where that cannot be, the second time is an error.
pub type BackupTarget = Box<dyn FnMut() -> io::Result<Box<dyn Write + Send>> + Send>;

/// How a backup is made.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// How many bytes a second are read at most.
    pub bytes_per_second: u64,
    /// Whom it is encrypted to; nobody: it is not.
    pub recipients: Vec<BackupRecipient>,
}

impl Default for BackupOptions {
    fn default() -> Self {
        Self { bytes_per_second: BACKUP_RATE, recipients: Vec::new() }
    }
}

/// A backup that was made, or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// What it says of itself.
    pub header: BackupHeader,
    /// How many keys and bytes it has, and its hash.
    #[serde(flatten)]
    pub totals: BackupTotals,
}

/// Makes a backup, while everything goes on.
///
/// # Errors
/// [`BackupError`].
pub(crate) async fn take(
    store: &Store,
    settings: &Settings,
    mut target: BackupTarget,
    options: &BackupOptions,
) -> Result<BackupReport, BackupError> {
    let folder = settings.folder().ok_or(BackupError::NotInFolder)?;
    let mut tries = 1;
    loop {
        // In this order: what the header says is in the copy, which is of a later moment.
        let moment = settings.clock.now();
        let header = header(store, settings, moment).await?;
        let pairs = store.raw_pairs(&folder, moment).await?;
        let copying = Copying { pairs, header, options: options.clone(), store: store.clone() };
        let (returned, copied) = on_its_own_thread(move |is_unwanted| {
            let copied = copying.run(&mut target, is_unwanted);
            (target, copied)
        })
        .await?;
        match copied {
            // A file of large values was gone before it was read: compaction had moved them.
            Err(BackupError::Files(_)) if tries < MAX_TRIES => {}
            copied => return copied,
        }
        target = returned;
        tries += 1;
    }
}

async fn header(
    store: &Store,
    settings: &Settings,
    moment: Moment,
) -> Result<BackupHeader, BackupError> {
    let chains = store.chain_heads().await?;
    Ok(BackupHeader {
        latchkey: env!("CARGO_PKG_VERSION").to_owned(),
        engine: ENGINE.to_owned(),
        schema: store.schema().await?,
        payload: Payload::Pairs,
        database: settings.database.clone(),
        demo: settings.demo,
        moment,
        chains: chains.iter().map(Into::into).collect(),
    })
}

/// All that the thread needs.
struct Copying {
    pairs: RawPairs,
    header: BackupHeader,
    options: BackupOptions,
    store: Store,
}

impl Copying {
    fn run(
        self,
        target: &mut BackupTarget,
        is_unwanted: impl Fn() -> bool,
    ) -> Result<BackupReport, BackupError> {
        let Self { pairs, header, options, store } = self;
        let out = BufWriter::with_capacity(BUFFER, target().map_err(BackupError::Write)?);
        let sealed = Sealed::begin(out, &options.recipients)?;
        let mut writer = ContainerWriter::begin(sealed, &header)?;
        let mut pace = Pace::new(options.bytes_per_second);
        let mut ends = Ends::of(&header);
        let was_nearly_full = store.is_nearly_full();
        pairs.each(
            |key, value| {
                ends.look_in(value);
                let Some(bytes) = writer.pair(key, value)? else { return Ok(()) };
                if is_unwanted() {
                    return Err(BackupError::BrokenOff);
                }
                // It may lie on the store's own disk, which it must not fill.
                if store.is_nearly_full() && !was_nearly_full {
                    return Err(BackupError::NearlyFull);
                }
                pace.wait_for(bytes);
                Ok(())
            },
            BackupError::from,
        )?;
        if let Some(missing) = ends.missing() {
            return Err(RawError::lacking(&missing).into());
        }
        let (sealed, totals) = writer.finish()?;
        sealed.finish()?.flush().map_err(BackupError::Write)?;
        Ok(BackupReport { header, totals })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_is_compiled_in() {
        let lock = include_str!("../../../../Cargo.lock");
        let version = ENGINE.trim_start_matches("SurrealDB ");
        assert!(lock.contains(&format!("name = \"surrealdb\"\nversion = \"{version}\"\n")));
    }
}
