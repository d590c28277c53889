//! All that the desk counts, at one moment. It asks the store nothing and waits for nobody, so that
//! it is there also while the store is away. Tests: `desk/tests/desk/figures.rs`.

use crate::engine::desk::Desk;
use crate::engine::figures::counts::{DIRECTORY_ANSWERS, SYNC_OUTCOMES};
use crate::engine::figures::kinds::{
    AuditFigures, DiskFigures, Figures, StoreFigures, SyncFigures,
};
use crate::store::disk::Disk;

/// Each word with its count.
fn named(words: &[&'static str], count: impl Fn(usize) -> u64) -> Vec<(&'static str, u64)> {
    words.iter().enumerate().map(|(at, word)| (*word, count(at))).collect()
}

impl Desk {
    /// All that the desk counts, now. Beside numbers in memory it looks at the store's folder: on a
    /// thread that may wait for a disk.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let inner = &self.inner;
        let (counts, store) = (&inner.counts, &inner.store);
        Figures {
            verify: counts.verify.figures(),
            cache: inner.cache.figures(),
            store: StoreFigures {
                takes_changes: !store.is_failing(),
                nearly_full: store.is_nearly_full(),
                waiting: store.waiting(),
                disk: self.disk_figures(),
                ..store.counts.figures()
            },
            passwords: inner.hasher.figures(),
            audit: AuditFigures {
                node: inner.settings.node.clone(),
                ..store.counts.audit_figures()
            },
            directory: named(&DIRECTORY_ANSWERS, |at| counts.directory.get(at)),
            sync: SyncFigures {
                outcomes: named(&SYNC_OUTCOMES, |at| counts.sync.get(at)),
                last_done: counts.last_synchronised(),
            },
            uses_waiting: inner.usage.left(),
            old_strings: inner.old_strings.figures(),
        }
    }

    fn disk_figures(&self) -> Option<DiskFigures> {
        let disk = Disk::new(self.inner.settings.folder()?, 0);
        Some(DiskFigures { free: disk.free().ok()?, size: disk.size().ok()?, used: disk.used() })
    }
}
