//! Tokens from Request Tracker that ended with their strings go out of the store as others do that
//! are over, though none of them has that end of its own: [`SHOWN_DAYS`] after the day, after a
//! clean-up first met it, and after the last was brought. So a day that is written wrongly takes
//! nothing away before somebody has seen it. Tests: `desk/tests/desk/request_tracker/ended.rs`.

use std::collections::BTreeMap;

use crate::engine::tokens::cleanup::{BATCH, SHOWN_DAYS, take_out};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::request_tracker::BroughtRow;
use crate::store::strings_end::NotedEnd;
use crate::store::tokens;
use crate::{Moment, TokenView};

/// How many rows one question reads.
const READ_AT_ONCE: u32 = 500;

/// Takes out what ended with its string long ago by `reckoned`, of everybody; answers how many
/// tokens.
///
/// # Errors
/// Those of [`Store::commit`]: what is not taken out yet will be the next time.
pub(crate) async fn clean_up_old_strings(
    store: &Store,
    strings_end: Option<Moment>,
    reckoned: Moment,
    now: Moment,
) -> Result<u32, StoreError> {
    let noted = store.noted_strings_end().await?;
    let Some(end) = strings_end else {
        if noted.is_some() {
            store.forget_strings_end().await?;
        }
        return Ok(0);
    };
    let Some(noted) = noted.filter(|noted| noted.ends == end.0) else {
        // The reckoned time is behind after a pause, and catches up faster than days pass.
        store.note_strings_end(end, reckoned.max(now)).await?;
        return Ok(0);
    };
    let Some(brought) = store.last_rt_import().await? else { return Ok(0) };
    if !is_due(&noted, brought, reckoned) {
        return Ok(0);
    }
    let (removed, is_all) = take_out_all(store, now).await?;
    if is_all {
        store.note_strings_cleaned(end, brought).await?;
    }
    Ok(removed)
}

/// Whether there is something to be taken out, and it is time. Pure.
fn is_due(noted: &NotedEnd, brought: Moment, reckoned: Moment) -> bool {
    let last = noted.ends.max(noted.since).max(brought.0);
    noted.cleaned != Some(brought.0) && Moment(last).plus_days(SHOWN_DAYS) <= reckoned
}

/// Takes out all that were brought; answers how many, and whether none is left: where another node
/// takes them out, it goes on with the rest.
async fn take_out_all(store: &Store, now: Moment) -> Result<(u32, bool), StoreError> {
    let mut removed = 0;
    let mut last: Option<BroughtRow> = None;
    loop {
        let brought = store.rt_brought_after(last.as_ref(), READ_AT_ONCE).await?;
        if brought.is_empty() {
            return Ok((removed, true));
        }
        let ids = brought.iter().map(|row| row.token.clone()).collect();
        let mut of_each: BTreeMap<String, Vec<TokenView>> = BTreeMap::new();
        for row in store.rt_tokens_left(ids).await? {
            of_each.entry(row.owner.clone()).or_default().push(row.view(now));
        }
        for (owner, theirs) in &of_each {
            for ended in theirs.chunks(BATCH) {
                let ids: Vec<_> = ended.iter().map(|token| &token.id).collect();
                let change = tokens::clean_up_old_strings(&ids);
                if !take_out(store, owner, ended, change, now).await? {
                    return Ok((removed, false));
                }
                removed += u32::try_from(ended.len()).unwrap_or(u32::MAX);
            }
        }
        last = brought.into_iter().next_back();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::settings::Settings;
    use crate::engine::verify::cache::Cache;

    #[tokio::test]
    async fn after_a_pause_the_days_begin_when_they_do_and_not_in_the_pause() {
        let cache = Arc::new(Cache::new(1, false));
        let store = Store::open(&Settings::default(), cache).await.expect("in memory");
        let now = Moment(0).plus_days(1000);
        for (reckoned, since) in [(now.plus_days(-80), now), (now.plus_days(1), now.plus_days(1))] {
            store.forget_strings_end().await.expect("in memory");
            let removed = clean_up_old_strings(&store, Some(Moment(0)), reckoned, now).await;
            assert_eq!(removed.expect("in memory"), 0);
            let noted = store.noted_strings_end().await.expect("in memory").expect("noted");
            assert_eq!((noted.ends, noted.since), (0, since.0));
        }
    }

    #[test]
    fn it_is_due_ninety_days_after_the_last_of_what_somebody_could_have_seen() {
        let day = |days: i64| Moment(0).plus_days(days);
        for (ends, since, brought, cleaned, reckoned, expected) in [
            (100, 10, 5, None, 189, false),
            (100, 10, 5, None, 190, true),
            // A day of years ago that was written a moment ago.
            (-4000, 10, 5, None, 99, false),
            (-4000, 10, 5, None, 100, true),
            // Brought after the day.
            (100, 10, 150, None, 239, false),
            (100, 10, 150, None, 240, true),
            // It is done, until more are brought.
            (100, 10, 5, Some(5), 400, false),
            (100, 10, 150, Some(5), 400, true),
        ] {
            let cleaned = cleaned.map(|days| day(days).0);
            let noted = NotedEnd { ends: day(ends).0, since: day(since).0, cleaned };
            let due = is_due(&noted, day(brought), day(reckoned));
            assert_eq!(due, expected, "{noted:?} {brought} {reckoned}");
        }
    }
}
