//! How far Request Tracker has moved in. Tests: `desk/tests/desk/request_tracker/import.rs`.

use std::collections::HashSet;

use crate::Refusal;
use crate::engine::doors::Console;
use crate::engine::request_tracker::import::READ_AT_ONCE;
use crate::request_tracker::RtStanding;
use crate::store::request_tracker::BroughtRow;

impl Console {
    /// How far Request Tracker has moved in.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn rt_standing(&self) -> Result<RtStanding, Refusal> {
        let (store, now) = (&self.inner.store, self.now());
        let mut standing = RtStanding {
            last_import: store.last_rt_import().await?,
            strings_end: self.settings().rt_strings_end,
            ..RtStanding::default()
        };
        let mut last: Option<BroughtRow> = None;
        loop {
            let limit = u32::try_from(READ_AT_ONCE).unwrap_or(u32::MAX);
            let rows = store.rt_brought_after(last.as_ref(), limit).await?;
            if rows.is_empty() {
                return Ok(standing);
            }
            let ids = rows.iter().map(|row| row.token.clone()).collect();
            let tokens = store.rt_tokens_now(ids).await?;
            let live: HashSet<&str> = tokens
                .iter()
                .filter(|token| token.over_at > now.0)
                .map(|token| token.id.as_str())
                .collect();
            let count = |so: &dyn Fn(&BroughtRow) -> bool| {
                u64::try_from(rows.iter().filter(|row| so(row)).count()).unwrap_or(u64::MAX)
            };
            standing.imported += count(&|_| true);
            standing.moved += count(&|row| row.moved);
            standing.not_moved += count(&|row| row.waits && live.contains(row.token.as_str()));
            let revoked = tokens.iter().filter(|token| token.revoked).count();
            standing.revoked += u64::try_from(revoked).unwrap_or(u64::MAX);
            last = rows.into_iter().next_back();
        }
    }
}
