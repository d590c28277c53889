//! What the desk counts, as metrics. Tests: `server/tests/server/metrics.rs`.

use std::fmt;
use std::time::Duration;

use desk::{
    AuditAction, AuditFigures, CacheFigures, Figures, LastBackup, Moment, OldStringFigures,
    PasswordFigures, StoreFigures,
};

use super::writer::{Labels, Writer};

pub(super) fn write(
    writer: &mut Writer<'_>,
    figures: &Figures,
    sync_every: Option<Duration>,
) -> fmt::Result {
    of_verify(writer, figures)?;
    of_store(writer, &figures.store)?;
    of_passwords(writer, &figures.passwords)?;
    of_audit(writer, &figures.audit)?;
    writer.counters_by(
        "latchkey_directory_answers",
        "What the campus directory has answered about passwords",
        "answer",
        figures.directory.iter().copied(),
    )?;
    writer.counters_by(
        "latchkey_directory_syncs",
        "How synchronisations with the campus directory have ended, on this node",
        "outcome",
        figures.sync.outcomes.iter().copied(),
    )?;
    writer.gauge(
        "latchkey_directory_sync_last_done_timestamp_seconds",
        "When this node last synchronised with the campus directory; 0: not since its start",
        seconds(figures.sync.last_done),
    )?;
    writer.gauge(
        "latchkey_directory_sync_interval_seconds",
        "How often the campus directory is synchronised with; 0: not at all",
        sync_every.as_ref().map_or(0, Duration::as_secs),
    )
}

/// A moment in whole seconds since 1970; 0: none.
fn seconds(at: Option<Moment>) -> i64 {
    at.map_or(0, |at| at.0 / 1000)
}

fn of_verify(writer: &mut Writer<'_>, figures: &Figures) -> fmt::Result {
    writer.histograms(
        "latchkey_verify_duration_seconds",
        "How long the desk takes to say whether a token is good",
        [(Labels::new(), figures.verify.clone())],
    )?;
    let CacheFigures { entries, bytes, capacity, hits, misses } = figures.cache;
    writer.gauge("latchkey_verify_cache_entries", "Tokens that verify remembers", entries)?;
    writer.gauge("latchkey_verify_cache_bytes", "What they are reckoned at", bytes)?;
    writer.gauge(
        "latchkey_verify_cache_capacity_bytes",
        "As much as verify may remember (tokens.cached)",
        capacity,
    )?;
    writer.counter("latchkey_verify_cache_hits", "Tokens that were answered from memory", hits)?;
    writer.counter(
        "latchkey_verify_cache_misses",
        "Tokens that were not in memory, or outdated there",
        misses,
    )?;
    writer.gauge(
        "latchkey_token_uses_waiting",
        "Tokens whose last use is not written to the store yet",
        figures.uses_waiting,
    )?;
    let OldStringFigures { hashed, moved, unknown, turned_away } = figures.old_strings;
    writer.counters_by(
        "latchkey_rt_strings",
        "Strings of Request Tracker's tokens that were looked at for the first time",
        "outcome",
        [("moved", moved), ("unknown", unknown), ("turned_away", turned_away)],
    )?;
    writer.counter("latchkey_rt_hashes", "Hashes (bcrypt) that were computed for that", hashed)
}

fn of_store(writer: &mut Writer<'_>, store: &StoreFigures) -> fmt::Result {
    writer.histograms(
        "latchkey_store_query_duration_seconds",
        "How long questions to the store take, however they end",
        [(Labels::new(), store.queries.clone())],
    )?;
    writer.counters_by(
        "latchkey_store_errors",
        "Questions that the store has failed at, or has not answered in time (silent)",
        "kind",
        [("failed", store.failed), ("silent", store.silent)],
    )?;
    writer.counter(
        "latchkey_store_retries",
        "Transactions that were tried again, having met another",
        store.retries,
    )?;
    writer.counter(
        "latchkey_store_reopenings",
        "How often the store was opened, or connected to, again",
        store.reopenings,
    )?;
    writer.gauge(
        "latchkey_store_last_answer_age_seconds",
        "How long ago the store last answered",
        store.seconds_since_answer,
    )?;
    writer.gauge(
        "latchkey_store_takes_changes",
        "Whether the store takes changes, as far as is known: 1 or 0",
        u64::from(store.takes_changes),
    )?;
    writer.gauge(
        "latchkey_store_nearly_full",
        "Whether the store's disk is so nearly full that nothing new is made: 1 or 0",
        u64::from(store.nearly_full),
    )?;
    writer.gauge(
        "latchkey_store_commits_waiting",
        "Changes that wait to be written together",
        store.waiting,
    )?;
    let Some(disk) = store.disk else { return Ok(()) };
    writer.gauge("latchkey_store_disk_free_bytes", "Free on the store's disk", disk.free)?;
    writer.gauge("latchkey_store_disk_size_bytes", "The store's whole disk", disk.size)?;
    writer.gauge("latchkey_store_used_bytes", "What the store's files take", disk.used)
}

fn of_passwords(writer: &mut Writer<'_>, passwords: &PasswordFigures) -> fmt::Result {
    let PasswordFigures { running, threads, waiting, refused_known, refused_strangers } =
        *passwords;
    writer.gauge("latchkey_password_pool_running", "Passwords being hashed", running)?;
    writer.gauge("latchkey_password_pool_threads", "As many as may be at once", threads)?;
    writer.gauge("latchkey_password_pool_waiting", "Passwords that wait for a thread", waiting)?;
    writer.counters_by(
        "latchkey_password_pool_refused",
        "Passwords that were turned away since too many waited; known: of sessions and browsers \
         that have logged in before",
        "lane",
        [("known", refused_known), ("strangers", refused_strangers)],
    )
}

fn of_audit(writer: &mut Writer<'_>, audit: &AuditFigures) -> fmt::Result {
    writer.counter(
        "latchkey_sessions_started",
        "Log-ins by which a session began, on this node",
        audit.done(AuditAction::LogIn),
    )?;
    writer.counter(
        "latchkey_sessions_ended",
        "Sessions that were logged out of or ended by hand, on this node",
        audit.done(AuditAction::LogOut) + audit.done(AuditAction::SessionEnd),
    )?;
    let rows = audit.rows.iter().map(|(action, outcome, many)| {
        (vec![("action", action.code()), ("outcome", outcome.code())], *many)
    });
    writer.counters(
        "latchkey_audit_rows",
        "Rows of the audit that this process has written",
        rows,
    )?;
    writer.gauges(
        "latchkey_audit_chain_end",
        "The number of the last row in this node's chain",
        [(vec![("node", audit.node.as_str())], audit.end)],
    )?;
    writer.gauge(
        "latchkey_audit_last_check_timestamp_seconds",
        "When the audit was last looked at; 0: not since the start",
        seconds(audit.checked.map(|check| check.at)),
    )?;
    writer.gauge(
        "latchkey_audit_check_held",
        "Whether the audit was as it had been written when it was last looked at: 1 or 0; 1 also \
         before it was",
        u64::from(audit.checked.is_none_or(|check| check.held)),
    )
}

/// `every`: from one of those that are made by themselves to the next.
pub(super) fn write_backup(
    writer: &mut Writer<'_>,
    last: Option<&LastBackup>,
    every: Option<Duration>,
) -> fmt::Result {
    writer.gauge(
        "latchkey_backup_last_done_timestamp_seconds",
        "When a backup was last made by itself; 0: never, as far as is known",
        seconds(last.and_then(|last| last.made)),
    )?;
    writer.gauge(
        "latchkey_backup_last_failed",
        "Whether the last backup that was tried has failed: 1 or 0",
        u64::from(last.is_some_and(|last| last.failed.is_some())),
    )?;
    writer.gauge(
        "latchkey_backup_interval_seconds",
        "How often a backup is made by itself; 0: none is",
        every.as_ref().map_or(0, Duration::as_secs),
    )
}
