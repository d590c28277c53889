//! What is heard of the store, and what is read after it, on a feed of the test’s own.

use super::*;
use crate::engine::settings::Settings;
use crate::engine::verify::cache::Cached;
use crate::engine::verify::cached_token::tests::known;
use crate::store::change::{AuditEntry, Change};

const ID: [u8; 32] = [7; 32];

/// Whether what was just read is used: only while the feed is there.
fn is_trusted(cache: &Cache) -> bool {
    cache.put(ID, Some(known("tia")), cache.begin_read(), Moment(0));
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
    let mut heard = Heard { ends: HashMap::from([("main".to_owned(), 1)]), started: true };
    let mut rows = store.audit_changes("main", 2, 3).await.expect("read");
    let twelve = heard.of(&cache, rows.pop().expect("the last"));
    assert!(twelve.contains(&Event::Account("twelve".to_owned())), "{twelve:?}");
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

/// A store with so many rows of the audit, each a change of its own.
async fn store_with_rows(many: i64) -> Store {
    let store =
        Store::open(&Settings::default(), Arc::new(Cache::new(1, false))).await.expect("in memory");
    let all = (0..many).fold(Change::default(), |all, n| {
        all.audited(AuditEntry { subject: format!("p{n}"), ..AuditEntry::sample() })
    });
    store.commit(all, Moment(0)).await.expect("written");
    store
}

fn end(seq: i64) -> ChainEnd {
    ChainEnd { node: "main".to_owned(), seq }
}

#[tokio::test]
async fn however_many_tell_of_a_chain_it_is_read_once_and_each_row_is_told_once() {
    let (cache, store) = (Cache::new(100, true), store_with_rows(40).await);
    let mut heard = Heard { ends: HashMap::from([("main".to_owned(), 10)]), started: true };
    let emitted = heard.read_all(&store, &cache, (1..=40).map(end).collect()).await.expect("read");
    let accounts = emitted.iter().filter(|event| matches!(event, Event::Account(_))).count();
    assert_eq!(accounts, 30, "{emitted:?}");
    assert_eq!(heard.read_all(&store, &cache, vec![end(40)]).await.expect("nothing"), []);
}

#[tokio::test]
async fn of_very_much_it_is_not_asked_what_it_was() {
    let (cache, store) = (Cache::new(100, true), store_with_rows(MUCH + 1).await);
    cache.feed(true);
    assert!(is_trusted(&cache));
    let mut heard = Heard { ends: HashMap::from([("main".to_owned(), 0)]), started: true };
    let emitted = heard.catch_up(&store, &cache).await.expect("read");
    assert_eq!(emitted, [Event::Everything]);
    assert!(cache.get(&ID, Moment(0)).is_none(), "anything may have changed");
    assert_eq!(heard.catch_up(&store, &cache).await.expect("nothing"), []);
}

#[test]
fn what_ends_tokens_is_told_to_whoever_sees_them() {
    let emitted = |action: AuditAction, outcome: Outcome| {
        let row = AuditChange {
            node: "main".to_owned(),
            seq: 1,
            actor: "helen".to_owned(),
            subject: "tia".to_owned(),
            action: action.code().to_owned(),
            outcome: outcome.code().to_owned(),
        };
        Heard::default().of(&Cache::new(1, false), row).contains(&Event::Tokens("tia".to_owned()))
    };
    for action in [
        AuditAction::TokenRevoke,
        AuditAction::TokenRestore,
        AuditAction::TokenCleanup,
        AuditAction::UserPrivileged,
        AuditAction::UserLeft,
    ] {
        assert!(emitted(action, Outcome::Done), "{action:?}");
        assert!(!emitted(action, Outcome::Refused), "{action:?}");
    }
    // Of these the feed of tokens tells, or nobody has to be told.
    for action in [AuditAction::TokenCreate, AuditAction::LogIn, AuditAction::TokenSee] {
        assert!(!emitted(action, Outcome::Done), "{action:?}");
    }
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
