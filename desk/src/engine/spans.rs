//! What traces tell of the desk's own work, within the request that it is done for: a question to
//! the store, a change, a look at a password. No span holds anything that was asked or answered.
//! Where nobody listens for traces a span costs a look at a flag. Tests: below, and
//! `server/tests/server/traces.rs`.

use tracing::{Span, info_span};

/// The target of every span that is for traces: whoever writes a log leaves them out.
pub const SPANS: &str = "latchkey::spans";

/// A question to the store.
pub(crate) fn question(sql: &str) -> Span {
    info_span!(
        target: SPANS,
        "store",
        otel.kind = "client",
        db.system.name = "surrealdb",
        db.operation.name = operation(sql)
    )
}

/// A change and its row in the audit: until it is written, its turn included.
pub(crate) fn change() -> Span {
    info_span!(target: SPANS, "store change", db.system.name = "surrealdb")
}

/// What verify reads, together with what others ask for at the same time.
pub(crate) fn look_up() -> Span {
    info_span!(target: SPANS, "store look-up", db.system.name = "surrealdb")
}

/// A look at a password: waiting for a thread, and hashing.
pub(crate) fn password_check() -> Span {
    info_span!(target: SPANS, "password check")
}

/// A new password is hashed.
pub(crate) fn password_hash() -> Span {
    info_span!(target: SPANS, "password hash")
}

/// The first word of a statement. Values are never in its text.
fn operation(sql: &str) -> &str {
    let sql = sql.trim_start();
    let end = sql.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(sql.len());
    &sql[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_question_its_first_word_is_told() {
        for (sql, word) in [
            ("READ all of it", "READ"),
            ("\n  Write $it", "Write"),
            ("STOP;\nand more", "STOP"),
            ("$x", ""),
            ("", ""),
        ] {
            assert_eq!(operation(sql), word, "{sql}");
        }
    }
}
