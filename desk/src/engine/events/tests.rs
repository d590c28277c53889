//! What is heard of the store, and what is read after it, on a feed of the test’s own.

use super::*;
use crate::engine::settings::Settings;
use crate::engine::verify::cache::Cached;
use crate::engine::verify::cached_token::tests::known;
use crate::store::change::{AuditEntry, Change};

const ID: [u8; 32] = [7; 32];

/// Whether what was just read is used: only while the feed is there.
fn is_trusted(cache: &Cache) -> bool {
    cache.put(ID, Some(known("tia")), cache.reading(), Moment(0));
    matches!(cache.get(&ID, Moment(0)), Some(Cached::Known(_)))
}

#[tokio::test]
async fn a_cache_of_a_shared_store_is_trusted_only_while_its_feed_is_followed() {
    let cache = Arc::new(Cache::new(100, true));
    let store = Store::open(&Settings::default(), cache.clone()).await.expect("in memory");
    let events = Arc::new(Events::new(Clock::standing()));
    assert!(!is_trusted(&cache), "nobody follows yet");
    let following = tokio::spawn(follow(store, cache.clone(), events));
    while !is_trusted(&cache) {
        tokio::task::yield_now().await;
    }
    following.abort();
    assert!(following.await.is_err_and(|ended| ended.is_cancelled()));
    assert!(!is_trusted(&cache), "it ended");
}

#[test]
fn a_panic_of_whoever_follows_ends_the_trust_too() {
    let cache = Cache::new(100, true);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let feed = Feed(&cache);
        feed.is_there();
        assert!(is_trusted(&cache));
        panic!("in the middle of following");
    }));
    assert!(ended.is_err() && !is_trusted(&cache));
}

#[tokio::test]
async fn a_row_that_the_feed_left_out_is_read_though_a_later_one_came() {
    let cache = Cache::new(100, true);
    let store =
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory");
    let subjects = ["ten", "eleven", "twelve"];
    for subject in subjects {
        let row = AuditEntry { subject: subject.to_owned(), ..AuditEntry::sample() };
        store.commit(Change::default().audited(row), Moment(0)).await.expect("written");
    }
    let mut heard = Heard { ends: HashMap::from([("main".to_owned(), 1)]), begun: true };
    let mut rows = store.audit_changes("main", 2, 3).await.expect("read");
    let twelve = heard.of(&cache, rows.pop().expect("the last"));
    assert_eq!(twelve, Event::Account("twelve".to_owned()));
    let missed = heard.catch_up(&store, &cache).await.expect("read");
    assert!(missed.contains(&Event::Account("eleven".to_owned())), "{missed:?}");
    assert_eq!(heard.ends["main"], 3);
    assert_eq!(heard.catch_up(&store, &cache).await.expect("read"), []);
    // In their order nothing is read twice.
    let row = AuditEntry { subject: "thirteen".to_owned(), ..AuditEntry::sample() };
    store.commit(Change::default().audited(row), Moment(0)).await.expect("written");
    let mut rows = store.audit_changes("main", 3, 4).await.expect("read");
    heard.of(&cache, rows.pop().expect("the next"));
    assert_eq!(heard.catch_up(&store, &cache).await.expect("read"), []);
}

#[test]
fn what_changed_since_a_moment_is_remembered_of_each() {
    let mut recent = Recent::from(Moment(10));
    let tia = || "tia".to_owned();
    recent.note(&Event::Tokens(tia()), Moment(20));
    recent.note(&Event::Account(tia()), Moment(30));
    recent.note(&Event::History(tia()), Moment(25));
    recent.note(&Event::Tokens("rae".to_owned()), Moment(40));
    assert_eq!(
        recent.of("tia", Moment(20)),
        [Event::Tokens(tia()), Event::Account(tia()), Event::History(tia())]
    );
    assert_eq!(recent.of("tia", Moment(26)), [Event::Account(tia())]);
    assert_eq!(recent.of("tia", Moment(31)), []);
    assert_eq!(recent.of("sam", Moment(11)), []);
}

#[test]
fn a_look_is_remembered_with_who_looked() {
    let mut recent = Recent::from(Moment(10));
    let look = |of: &str, by: &str| Event::Look { of: of.to_owned(), by: by.to_owned() };
    recent.note(&look("tia", "helen"), Moment(20));
    recent.note(&look("tia", "ada"), Moment(30));
    recent.note(&look("tiana", "ada"), Moment(30));
    recent.note(&look("sam", "helen"), Moment(30));
    assert_eq!(recent.of("tia", Moment(20)), [look("tia", "ada"), look("tia", "helen")]);
    assert_eq!(recent.of("tia", Moment(21)), [look("tia", "ada")]);
    assert_eq!(recent.of("helen", Moment(11)), []);
    for n in 0..=REMEMBERED {
        recent.note(&look("tia", &n.to_string()), Moment(40));
    }
    assert_eq!(recent.of("sam", Moment(30)), [Event::Everything], "too many to remember");
}

#[test]
fn what_is_not_known_counts_as_changed() {
    let mut recent = Recent::from(Moment(10));
    assert_eq!(recent.of("tia", Moment(10)), [Event::Everything], "the desk was not there before");
    recent.note(&Event::Everything, Moment(20));
    assert_eq!(recent.of("tia", Moment(15)), [Event::Everything], "the feed was away");
    assert_eq!(recent.of("tia", Moment(21)), []);
    for n in 0..=REMEMBERED {
        recent.note(&Event::Tokens(n.to_string()), Moment(30));
    }
    assert_eq!(recent.of("tia", Moment(30)), [Event::Everything], "too many to remember");
    assert_eq!(recent.of("tia", Moment(31)), []);
}
