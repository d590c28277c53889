//! Makes anew what everybody is found by, where a program before this one made it in another way:
//! some people at a time, with pauses, so that nobody waits for it; a restart goes on where it was,
//! and nodes that share a store share the work. Until it is done, those who are still to come are
//! found by the words of before. Tests: `desk/tests/desk/old_stores/found.rs`.

use std::time::{Duration, Instant};

use crate::engine::accounts::words::{SPELLING, terms};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::terms::TermsRow;

/// People in one transaction: whoever of them logs in meanwhile has it tried again, so that they
/// are few.
const BATCH: u32 = 50;

/// A pause is so many times as long as the batch before it: a quarter of one core at the most.
const PAUSES: u32 = 3;

/// How long to wait before a store that did not answer is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// After how many batches the log says how far it is.
const BATCHES_A_LINE: u64 = 1000;

/// Makes them anew as far as they are not, and then waits for the end of the desk.
pub(crate) async fn renew_terms(store: Store) {
    let (mut done, mut is_started) = (0_u64, false);
    loop {
        let started = Instant::now();
        match renew_some(&store, &mut is_started).await {
            Ok(true) => break,
            Ok(false) => {
                done += 1;
                if done.is_multiple_of(BATCHES_A_LINE) {
                    let people = done.saturating_mul(u64::from(BATCH));
                    tracing::info!(people, "making anew what people are found by");
                }
                tokio::time::sleep(started.elapsed() * PAUSES).await;
            }
            Err(error) => {
                tracing::warn!(
                    %error, "what people are found by could not be made anew; trying again",
                );
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
    std::future::pending::<()>().await;
}

/// Makes the next people's anew; whether everybody's are.
async fn renew_some(store: &Store, is_started: &mut bool) -> Result<bool, StoreError> {
    if !*is_started {
        store.spell_terms(SPELLING).await?;
        *is_started = true;
    }
    let Some(above) = store.terms_renewed_to().await? else { return Ok(true) };
    let people = store.names_after(&above, BATCH).await?;
    let next =
        people.last().map(|last| last.netid.clone()).filter(|_| people.len() == BATCH as usize);
    let is_last = next.is_none();
    let rows = people.into_iter().map(|row| TermsRow {
        terms: terms(&row.name, &row.email),
        netid: row.netid,
        name: row.name,
        email: row.email,
    });
    store.renew_terms(&above, rows.collect(), next).await?;
    Ok(is_last)
}
