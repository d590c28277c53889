//! The store's clock, for the deadline in each transaction ([`crate::store::commit`]): it may be
//! minutes off from this node's, and is reckoned with as it was last read.

use std::time::{Duration, Instant};

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::vars::vars;

/// How long a reading is reckoned with: a clock that was set back would let transactions begin too
/// late.
const READ_EVERY: Duration = Duration::from_mins(1);

impl Store {
    /// What the store's clock will say at this moment. Read now, if it was not within the last
    /// minute.
    ///
    /// # Errors
    /// [`StoreError::Failed`], [`StoreError::Silent`].
    pub(super) async fn by_its_clock(&self, moment: Instant) -> Result<i64, StoreError> {
        let known = self.clock.read().filter(|(at, _)| at.elapsed() < READ_EVERY);
        let (at, store_time) = match known {
            Some(reading) => reading,
            None => {
                let mut response = self
                    .ask_until("RETURN time::millis(time::now())", vars! {}, moment)
                    .await?
                    .check()?;
                let store_time =
                    response.take::<Option<i64>>(0)?.ok_or(StoreError::Broken("time"))?;
                // It said so before it was heard: the deadline is rather too early than too late.
                let reading = (Instant::now(), store_time);
                self.clock.set(Some(reading));
                reading
            }
        };
        let left = moment.saturating_duration_since(at).as_millis();
        Ok(store_time.saturating_add(i64::try_from(left).unwrap_or(i64::MAX)))
    }

    /// It was set, or this node slept: it is read anew.
    pub(super) fn forget_its_clock(&self) {
        self.clock.set(None);
    }

    /// As where it was set by this many milliseconds.
    #[cfg(test)]
    pub(super) fn set_its_clock_off(&self, by: i64) {
        self.clock.set(self.clock.read().map(|(at, store_time)| (at, store_time + by)));
    }
}
