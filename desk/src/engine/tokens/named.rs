//! What the audit calls tokens. Tests: `desk/tests/desk/token_limits.rs`, and in
//! `engine/request_tracker/import.rs`.

use crate::TokenId;

/// A token in the audit: the start of its id, as `Latchkey-Token` gives it, and its description.
pub(crate) fn named(id: &TokenId, description: &str) -> String {
    format!("{} {description}", id.short())
}

/// As much of each description as a row of the audit keeps that names several, in characters.
const DESCRIPTION_KEPT: usize = 60;

/// A token in the audit among others: as [`named`], of a long description the beginning.
pub(crate) fn named_briefly(id: &TokenId, description: &str) -> String {
    let mut kept: String = description.chars().take(DESCRIPTION_KEPT).collect();
    if kept.len() < description.len() {
        kept.push('…');
    }
    named(id, &kept)
}
