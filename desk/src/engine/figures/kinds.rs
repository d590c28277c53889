//! What the desk's figures say. How they come about is [`super::snapshot`]'s.

use crate::engine::figures::timings::TimingsFigures;
use crate::{AuditAction, Moment, Outcome};

/// All that the desk counts.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How long verify takes within the desk.
    pub verify: TimingsFigures,
    /// What verify remembers.
    pub cache: CacheFigures,
    /// How the store answers, and how full its disk is.
    pub store: StoreFigures,
    /// Password hashing.
    pub passwords: PasswordFigures,
    /// What this node has written to the audit, and whether it still holds.
    pub audit: AuditFigures,
    /// What the campus directory has said of passwords: a word, and how often.
    pub directory: Vec<(&'static str, u64)>,
    /// How synchronisations with it have ended.
    pub sync: SyncFigures,
    /// Uses of tokens that are not written yet.
    pub uses_waiting: usize,
    /// Strings of Request Tracker's tokens that were looked at for the first time.
    pub old_strings: OldStringFigures,
}

/// Strings of Request Tracker's tokens that were looked at for the first time, by this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OldStringFigures {
    /// How many hashes were computed for that.
    pub hashed: u64,
    /// Strings that were found, and pinned to their tokens.
    pub moved: u64,
    /// Strings that were nobody's.
    pub unknown: u64,
    /// Strings that were turned away since too many waited.
    pub turned_away: u64,
}

/// What verify remembers of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Tokens.
    pub entries: usize,
    /// What they are reckoned at.
    pub bytes: u64,
    /// As much as there may be.
    pub capacity: u64,
    /// How often a token was there, and holds.
    pub hits: u64,
    /// How often the store was to be asked.
    pub misses: u64,
}

/// How the store answers, as this process has seen it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoreFigures {
    /// Each question, however it ended, and how long it took.
    pub queries: TimingsFigures,
    /// Questions that the store, or the way there, has failed at.
    pub failed: u64,
    /// Questions without an answer in time, or while there was no connection.
    pub silent: u64,
    /// Transactions that were tried again, having met another.
    pub retries: u64,
    /// How often it was opened, or connected to, again.
    pub reopenings: u64,
    /// Seconds since it last answered.
    pub seconds_since_answer: f64,
    /// Whether it takes changes, as far as is known.
    pub takes_changes: bool,
    /// Whether its disk is so nearly full that nothing new is made.
    pub nearly_full: bool,
    /// Changes that wait for their turn.
    pub waiting: usize,
    /// Its disk; none: it is a server's, or in memory.
    pub disk: Option<DiskFigures>,
}

/// The disk below a store in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskFigures {
    /// Free for this process, in bytes.
    pub free: u64,
    /// The whole file system.
    pub size: u64,
    /// What the store's files take.
    pub used: u64,
}

/// Password hashing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PasswordFigures {
    /// At work at this moment.
    pub running: usize,
    /// As many as may be.
    pub threads: usize,
    /// Waiting for a thread.
    pub waiting: usize,
    /// Turned away whom the desk knows: in a session, or in a browser that has logged in before.
    pub refused_known: u64,
    /// Turned away, anybody else.
    pub refused_strangers: u64,
}

/// The audit, as far as this node writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFigures {
    /// Rows written by this process.
    pub rows: Vec<(AuditAction, Outcome, u64)>,
    /// This node's name: its rows form one chain.
    pub node: String,
    /// The last row's number in this node's chain.
    pub end: i64,
    /// When it was last looked at, and whether it was as it had been written; none: not yet.
    pub checked: Option<AuditCheck>,
}

/// A look at the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// When.
    pub at: Moment,
    /// Whether it was as it had been written.
    pub held: bool,
}

/// How synchronisations with the campus directory have ended, by this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncFigures {
    /// A word, and how often.
    pub outcomes: Vec<(&'static str, u64)>,
    /// When one was last done.
    pub last_done: Option<Moment>,
}

impl AuditFigures {
    /// Rows of an action that was done.
    #[must_use]
    pub fn done(&self, action: AuditAction) -> u64 {
        let of = |row: &&(AuditAction, Outcome, u64)| row.0 == action && row.1 == Outcome::Done;
        self.rows.iter().find(of).map_or(0, |(_, _, many)| *many)
    }
}
