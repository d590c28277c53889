//! Whether rows of the audit were marked by another `audit.key` than there is now: said by `check`
//! and at the start, since nothing else tells before somebody verifies. Tests: below, and
//! `server/tests/server/command_line/hazards.rs`.

use crate::Refusal;
use crate::engine::audit::mac::is_mac;
use crate::engine::doors::Console;
use crate::engine::secret::Secret;
use crate::store::chain::StoredAudit;

/// How many of a chain's newest rows are looked at.
const LOOKED_AT: i64 = 1000;

const GONE: &str = "rows of the audit are marked by an audit.key, and none is set now: new rows \
    have no mark, and nobody can tell whether earlier ones were changed. Set the key again.";

const ANOTHER: &str = "the newest marked rows of the audit are marked by another audit.key than \
    the one that is set: `latchkey audit verify` calls them changed. Set the key of before again.";

impl Console {
    /// What is to be said of `audit.key`; none: nothing.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn audit_key_hazard(&self) -> Result<Option<&'static str>, Refusal> {
        let store = &self.inner.store;
        for head in store.chain_heads().await? {
            let rows = store.chain_rows(&head.node, head.seq - LOOKED_AT, LOOKED_AT).await?;
            let found = stated(&rows, self.inner.settings.audit_key.as_ref());
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// The same of a chain's newest rows.
fn stated(rows: &[StoredAudit], key: Option<&Secret>) -> Option<&'static str> {
    let (hash, mark) =
        rows.iter().rev().find_map(|row| row.mac.as_ref().map(|mark| (&row.hash, mark)))?;
    match key {
        None => Some(GONE),
        Some(key) => (!is_mac(mark, key, hash)).then_some(ANOTHER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::store::chain::Chain;
    use crate::store::change::AuditEntry;

    #[test]
    fn a_key_that_is_gone_or_another_is_told_by_the_newest_row_that_has_a_mark() {
        let key = |text: &str| Secret::new(text.to_owned());
        let (one, other) = (key("one"), key("other"));
        let entries = [AuditEntry::sample()];
        let (end, marked) = Chain::default().rows(&entries, &[Moment(1)], Some(&one));
        let (_, unmarked) = end.rows(&entries, &[Moment(2)], None);
        assert_eq!(stated(&unmarked, None), None);
        assert_eq!(stated(&unmarked, Some(&one)), None, "set for the first time");
        let both = [marked, unmarked].concat();
        assert_eq!(stated(&both, Some(&one)), None);
        assert_eq!(stated(&both, None), Some(GONE));
        assert_eq!(stated(&both, Some(&other)), Some(ANOTHER));
    }
}
