use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use surrealdb::types::SurrealValue;

use super::store::{Store, vars};
use crate::{Moment, TokenView, Used};

/// How often uses are written: a crash forgets at most this much of them.
const WRITTEN_EVERY: Duration = Duration::from_secs(2);

/// How many tokens' uses one transaction writes.
const BATCH: usize = 1000;

#[derive(Clone, Debug)]
struct Noted {
    at: Moment,
    address: IpAddr,
}

#[derive(Clone, Debug, SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct UseRow {
    id: String,
    at: i64,
    address: String,
}

/// The latest use of each token, noted in memory and written in batches, so that verify never waits for the disk.
#[derive(Debug, Default)]
pub(super) struct Uses {
    noted: Mutex<HashMap<String, Noted>>,
}

impl Uses {
    fn noted(&self) -> MutexGuard<'_, HashMap<String, Noted>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a use; answers whether it is the token's first since the last writing.
    pub(super) fn note(&self, id: &str, at: Moment, address: IpAddr) -> bool {
        let mut noted = self.noted();
        if let Some(known) = noted.get_mut(id) {
            *known = Noted { at, address };
            return false;
        }
        noted.insert(id.to_owned(), Noted { at, address });
        true
    }

    /// Fills in what is not written yet.
    pub(super) fn fill_in(&self, tokens: &mut [TokenView]) {
        let noted = self.noted();
        for token in tokens {
            if let Some(latest) = noted.get(&token.id) {
                token.used = Some(Used { at: latest.at, address: latest.address.to_string() });
            }
        }
    }

    /// Writes all that is noted. What cannot be written stays noted for the next time.
    pub(super) async fn write(&self, store: &Store) {
        // Taken out only once it is written: a list read in between still finds it.
        let rows: Vec<UseRow> =
            self.noted().iter().map(|(id, used)| UseRow { id: id.clone(), at: used.at.0, address: used.address.to_string() }).collect();
        for batch in rows.chunks(BATCH) {
            let write = "FOR $use IN $uses { UPDATE type::record('token', $use.id) SET used_at = $use.at, used_address = $use.address }";
            if let Err(error) = store.note(write, vars! { "uses" => batch.to_vec() }).await {
                tracing::warn!(%error, "uses of tokens could not be written; they are kept for the next time");
                return;
            }
            let mut noted = self.noted();
            for row in batch {
                // Used again since: that use is still to be written.
                if noted.get(&row.id).is_some_and(|used| used.at.0 == row.at) {
                    noted.remove(&row.id);
                }
            }
        }
    }
}

/// Writes uses until the desk is gone.
pub(super) async fn write_regularly(store: Store, uses: std::sync::Arc<Uses>) {
    let mut ticks = tokio::time::interval(WRITTEN_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        uses.write(&store).await;
    }
}
