//! Forms that were sent: each is done once.

use crate::Moment;
use crate::engine::secret::sha256_hex;
use crate::store::change::Change;
use crate::store::vars::vars;

/// The change, unless this person has sent this form before: [`super::error::StoreError::Exists`]
/// then. `form` is its key; empty: it has none, and is done each time.
pub(crate) fn once(change: Change, netid: &str, form: &str, now: Moment) -> Change {
    if form.is_empty() {
        return change;
    }
    let key = sha256_hex(format!("{netid} {form}").as_bytes());
    change.and(
        "CREATE type::record('form', $form) CONTENT { at: $at }",
        vars! { "form" => key, "at" => now.0 },
    )
}
