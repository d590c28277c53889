//! Raised parameters and older spellings, through the desk's own doors: what is renewed when, and
//! what each look costs. And what judging keeps from nobody.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::engine::authz::permit::right;
use crate::engine::clock::Clock;
use crate::engine::desk::Desk;
use crate::engine::desk_for_tests::{demo_desk, secret};
use crate::engine::origin::Origin;
use crate::engine::passwords::hasher::Hasher;
use crate::engine::passwords::local::PasswordChange;
use crate::engine::passwords::source::{TriedFrom, local_key};
use crate::engine::secret::{Secret, sha256_hex};
use crate::store::change::Change;
use crate::store::cleanup::Over;
use crate::store::password_hash::PasswordHash;
use crate::store::passwords::{NewLocalPassword, only_by_netid_password, set_local};
use crate::store::rows::User;
use crate::store::throttle::{Failures, Move};
use crate::{AuditAction, AuditQuery, Denied, Helper, NetId, Refusal};

const NEW: &str = "wandering otter parade";

/// The same desk after its operator has raised the parameters: 256 units a look.
async fn raised_desk() -> (Desk, Clock) {
    let (mut desk, clock) = demo_desk().await;
    Arc::get_mut(&mut desk.inner).expect("nobody else has it").hasher =
        Hasher::new(128, 2, 1, 1).expect("parameters");
    (desk, clock)
}

async fn user(desk: &Desk, netid: &str) -> User {
    let netid = NetId::parse(netid).expect("a NetID");
    desk.inner.store.user(&netid).await.expect("read").expect("somebody")
}

fn is_strong(hash: Option<String>) -> bool {
    hash.expect("a hash").contains("m=128,t=2")
}

async fn log_in(
    desk: &Desk,
    netid: &str,
    password: &str,
) -> Result<crate::engine::sessions::visitor::Visitor, Refusal> {
    let (cookie, _) = desk.log_in(netid, &secret(password), &Origin::console()).await?;
    desk.visitor(&cookie, &Origin::console()).await
}

async fn rehashed(desk: &Desk) -> usize {
    let query = AuditQuery {
        action: AuditAction::PasswordRehash.code().to_owned(),
        ..AuditQuery::default()
    };
    desk.console().audit(&query).await.expect("read").rows.len()
}

#[tokio::test]
async fn both_passwords_are_hashed_anew_when_they_are_next_used() {
    let (desk, _) = raised_desk().await;
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    assert!(is_strong(user(&desk, "tia").await.netid_hash));
    assert!(!is_strong(user(&desk, "tia").await.local_hash));
    let own = secret("tia-local-password");
    let permit = desk
        .authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &Origin::console())
        .await
        .expect("right");
    assert!(permit.cookie().is_some());
    assert!(is_strong(user(&desk, "tia").await.local_hash));
    assert_eq!(rehashed(&desk).await, 2);
    // Once.
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    desk.authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &Origin::console())
        .await
        .expect("right");
    assert_eq!(rehashed(&desk).await, 2);
}

#[tokio::test]
async fn nobody_who_is_refused_is_hashed_anew() {
    let (desk, _) = raised_desk().await;
    log_in(&desk, "dave", "dave-netid-password").await.expect_err("disabled");
    log_in(&desk, "sam", "wrong").await.expect_err("wrong");
    assert_eq!(rehashed(&desk).await, 0);
}

#[tokio::test]
async fn the_first_change_after_a_rise_succeeds() {
    let (desk, _) = raised_desk().await;
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    let change = PasswordChange {
        current: secret("tia-local-password"),
        new: secret(NEW),
        retype: secret(NEW),
    };
    let cookie =
        desk.change_own_password(&tia, &change, &Origin::console()).await.expect("changed");
    assert!(desk.glance(&cookie).await.expect("goes on").confirmed_until().is_some());
    assert!(is_strong(user(&desk, "tia").await.local_hash));
}

#[tokio::test]
async fn on_the_command_line_it_is_hashed_anew_too() {
    let (desk, _) = raised_desk().await;
    let own = secret("helen-local-password");
    desk.console()
        .permit_as::<right::SetLocalPassword>("helen", &own, Some("sam"), &Origin::console())
        .await
        .expect("allowed");
    assert!(is_strong(user(&desk, "helen").await.local_hash));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_at_once_after_a_rise_all_succeed() {
    let (desk, _) = raised_desk().await;
    for netid in ["sam", "tia", "rae", "helen", "ada"] {
        let log_ins: Vec<_> = (0..8)
            .map(|_| {
                let desk = desk.clone();
                tokio::spawn(async move {
                    log_in(&desk, netid, &format!("{netid}-netid-password")).await.map(|_| ())
                })
            })
            .collect();
        for log_in in log_ins {
            assert_eq!(log_in.await.expect("no panic"), Ok(()), "{netid}");
        }
    }
}

#[tokio::test]
async fn a_log_in_by_an_earlier_netid_password_begins_nothing() {
    let (desk, _) = demo_desk().await;
    let sam = user(&desk, "sam").await;
    let (netid, old) = (&sam.person.netid, sam.netid_hash.as_deref().expect("a hash"));
    let other = desk.inner.hasher.hash(&secret(NEW)).await.expect("a hash");
    desk.inner
        .store
        .commit(only_by_netid_password(netid, old, other), desk.now())
        .await
        .expect("another password");
    let late = desk
        .inner
        .store
        .commit(only_by_netid_password(netid, old, old.to_owned()), desk.now())
        .await
        .map_err(Refusal::from);
    assert_eq!(late, Err(Refusal::ChangedMeanwhile));
    assert_eq!(
        log_in(&desk, "sam", "sam-netid-password").await.map(|_| ()),
        Err(Refusal::LoginIncorrect)
    );
    log_in(&desk, "sam", NEW).await.expect("the new one");
}

/// tia, whose NetID password is [`NEW`], chooses a local password; answers what it cost too.
async fn tia_chooses(desk: &Desk, current: &str, new: &str) -> (Result<(), Refusal>, u64) {
    let tia = log_in(desk, "tia", NEW).await.expect("logged in");
    let change = PasswordChange { current: secret(current), new: secret(new), retype: secret(new) };
    let before = desk.inner.hasher.spent.load(Ordering::Acquire);
    let changed = desk.change_own_password(&tia, &change, &Origin::console()).await.map(drop);
    (changed, desk.inner.hasher.spent.load(Ordering::Acquire) - before)
}

#[tokio::test]
async fn the_netid_password_is_looked_at_once_and_only_after_the_current_one() {
    let (desk, _) = demo_desk().await;
    let tia = user(&desk, "tia").await;
    let hash = desk.inner.hasher.hash(&secret(NEW)).await.expect("a hash");
    let old = tia.netid_hash.as_deref().expect("a hash");
    let changed = only_by_netid_password(&tia.person.netid, old, hash);
    desk.inner.store.commit(changed, desk.now()).await.expect("another NetID password");
    let (wrong, one_look) = tia_chooses(&desk, "wrong", NEW).await;
    assert_eq!(wrong, Err(Refusal::CurrentPasswordIncorrect), "nothing is told of it");
    let (same, cost) = tia_chooses(&desk, "tia-local-password", NEW).await;
    assert_eq!((same, cost), (Err(Refusal::PasswordsSame), 2 * one_look));
    let other = "quiet harbour walnut";
    assert_eq!(tia_chooses(&desk, "tia-local-password", other).await.0, Ok(()));
}

#[tokio::test]
async fn passwords_hashed_as_they_were_typed_are_accepted_and_renewed() {
    let (desk, _) = demo_desk().await;
    let typed = "cafe\u{301}\u{a0}wandering otter";
    let tia = user(&desk, "tia").await;
    let netid = &tia.person.netid;
    let hash = || desk.inner.hasher.raw_hash(typed);
    let local = NewLocalPassword {
        hash: PasswordHash::new(hash()),
        initial: false,
        set_at: desk.now(),
        set_by: String::new(),
        lapses_at: None,
    };
    let netid_password =
        only_by_netid_password(netid, tia.netid_hash.as_deref().expect("a hash"), hash());
    desk.inner
        .store
        .commit(Change::default().with(set_local(netid, local)).with(netid_password), desk.now())
        .await
        .expect("stored");
    let composed = "café wandering otter";
    log_in(&desk, "tia", composed).await.expect_err("hashed otherwise");
    let visitor = log_in(&desk, "tia", typed).await.expect("as it was typed");
    desk.authorise::<right::ManageOwnTokens>(
        &visitor,
        None,
        Some(&secret(typed)),
        &Origin::console(),
    )
    .await
    .expect("right");
    assert_eq!(rehashed(&desk).await, 2);
    // From now on however it is typed.
    for text in [typed, composed] {
        let visitor = log_in(&desk, "tia", text).await.expect("either way");
        desk.authorise::<right::ManageOwnTokens>(
            &visitor,
            None,
            Some(&secret(text)),
            &Origin::console(),
        )
        .await
        .expect("right");
    }
    assert_eq!(rehashed(&desk).await, 2);
}

#[tokio::test]
async fn counts_that_say_nothing_any_more_are_swept_out_and_what_is_closed_stays() {
    let (desk, clock) = demo_desk().await;
    let store = &desk.inner.store;
    let (sam, key) =
        (NetId::parse("sam").expect("a NetID"), desk.sources_key().await.expect("a key").clone());
    let from = |n: u8| Origin { address: [203, 0, 113, n].into(), ..Origin::console() };
    for n in 0..50 {
        desk.log_in("sam", &secret("wrong"), &from(n)).await.expect_err("wrong");
    }
    let sources = (0..50).flat_map(|n| TriedFrom::Address(from(n).address).counted(&sam, &key));
    let keys: Vec<String> = sources.map(|counted| counted.key).collect();
    let closed = Some(Failures { failures: 100, last: desk.now().0 });
    let close = Move { key: local_key(&sam), from: None, to: closed, over: None };
    assert!(store.move_failures(&[close], desk.now()).await.expect("written"));
    let clean_up_once = async || {
        let now = desk.now();
        store
            .clean_up(Over {
                now,
                sessions: now,
                ahead: now,
                replaced: now,
                forms: now,
                notices: now,
            })
            .await
            .expect("swept");
        let left = store.failures(&keys).await.expect("read");
        left.into_iter().flatten().count()
    };
    assert!((48..=50).contains(&clean_up_once().await), "two may share a count");
    clock.advance(2 * 15 * 60);
    assert_eq!(clean_up_once().await, 0);
    clock.advance(400 * 86_400);
    clean_up_once().await;
    assert_eq!(store.failures(&[local_key(&sam)]).await.expect("read"), [closed]);
}

#[tokio::test]
async fn what_an_earlier_version_had_closed_keeps_nobody_out() {
    let (desk, _) = demo_desk().await;
    let to = Some(Failures { failures: 100, last: desk.now().0 });
    let old = Move { key: sha256_hex(b"sam"), from: None, to, over: None };
    assert!(desk.inner.store.move_failures(&[old], desk.now()).await.expect("written"));
    log_in(&desk, "sam", "sam-netid-password").await.expect("let in");
}

#[tokio::test]
async fn a_count_is_moved_only_from_what_was_read() {
    let (desk, _) = demo_desk().await;
    let count = |failures| Some(Failures { failures, last: 7 });
    let moved = async |from, to| {
        let one = Move { key: "a count".to_owned(), from, to, over: None };
        desk.inner.store.move_failures(&[one], desk.now()).await.expect("asked")
    };
    assert!(moved(None, count(1)).await);
    assert!(!moved(None, count(1)).await, "somebody else was first");
    assert!(!moved(count(2), count(3)).await);
    assert!(moved(count(1), count(2)).await);
    assert!(!moved(count(1), None).await);
    assert!(moved(count(2), None).await && moved(None, None).await);
}

#[tokio::test]
async fn judging_keeps_nobody_from_logging_in_or_confirming() {
    let (desk, _) = demo_desk().await;
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    let held = desk.inner.judging.pool.held().await;
    let judged = {
        let (desk, tia) = (desk.clone(), tia.clone());
        tokio::spawn(async move {
            desk.judge_password(&tia, None, &secret(NEW), &Origin::console()).await
        })
    };
    while desk.inner.judging.pool.there() == 0 {
        tokio::task::yield_now().await;
    }
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    let own = secret("tia-local-password");
    desk.authorise::<right::ManageOwnTokens>(&tia, None, Some(&own), &Origin::console())
        .await
        .expect("confirmed");
    assert!(!judged.is_finished());
    drop(held);
    assert_eq!(judged.await.expect("no panic").expect("judged").refused, None);
}

#[tokio::test]
async fn who_does_not_know_the_current_password_has_no_new_one_judged() {
    let (desk, _) = demo_desk().await;
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    // Were it asked, it would never answer.
    let _held = desk.inner.judging.pool.held().await;
    let change = PasswordChange { current: secret("wrong"), new: secret(NEW), retype: secret(NEW) };
    let refused = desk.change_own_password(&tia, &change, &Origin::console()).await.map(|_| ());
    assert_eq!(refused, Err(Refusal::CurrentPasswordIncorrect));
}

#[tokio::test]
async fn who_may_have_no_local_password_has_none_judged() {
    let (desk, _) = demo_desk().await;
    let _held = desk.inner.judging.pool.held().await;
    for (netid, denied) in [
        ("guest", Denied::ActorNotPrivileged(Helper::HelpDesk)),
        ("sam", Denied::FirstPasswordBySomeoneElse(Helper::HelpDesk)),
    ] {
        let visitor =
            log_in(&desk, netid, &format!("{netid}-netid-password")).await.expect("logged in");
        let refused =
            desk.judge_password(&visitor, None, &secret(NEW), &Origin::console()).await.map(|_| ());
        assert_eq!(refused, Err(Refusal::NotAllowed(denied)), "{netid}");
    }
}

#[tokio::test]
async fn of_what_a_session_has_judged_at_once_the_latest_is_answered() {
    let (desk, _) = demo_desk().await;
    let tia = log_in(&desk, "tia", "tia-netid-password").await.expect("logged in");
    let held = desk.inner.judging.pool.held().await;
    let typed: Vec<_> = (1..=100)
        .map(|typed| {
            let (desk, tia) = (desk.clone(), tia.clone());
            let new = Secret::new(NEW.repeat(5).chars().take(typed).collect());
            tokio::spawn(
                async move { desk.judge_password(&tia, None, &new, &Origin::console()).await },
            )
        })
        .collect();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    drop(held);
    let mut judged = Vec::new();
    for judging in typed {
        judged.push(judging.await.expect("no panic"));
    }
    let last = judged.pop().expect("a hundred");
    assert_eq!(last.expect("judged").refused, None);
    assert!(
        judged.iter().all(|earlier| *earlier == Err(Refusal::TooManyAttempts { seconds: 1 })),
        "{judged:?}"
    );
}
