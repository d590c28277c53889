//! Strings that anybody makes up, and the same one presented by many at once: what they cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use desk::{RtImport, RtToken, StrangerGate, Verdict};

use super::super::support::{World, get, request, world};
use super::{OLD, TIA, bring, hashed, is_good, person, string, token, verify, world_of};

/// Counts, and can be closed.
#[derive(Debug, Default)]
pub(super) struct Gate {
    pub(super) closed: AtomicBool,
    unknown: AtomicU32,
}

impl Gate {
    /// How often something was unknown.
    pub(super) fn counted(&self) -> u32 {
        self.unknown.load(SeqCst)
    }
}

impl StrangerGate for Gate {
    fn may_ask(&self) -> Result<(), u32> {
        if self.closed.load(SeqCst) { Err(7) } else { Ok(()) }
    }

    fn was_unknown(&self) {
        self.unknown.fetch_add(1, SeqCst);
    }
}

/// A string of tia's that nobody has made.
fn invented(n: u32) -> String {
    format!("1-{TIA}-{n:032x}")
}

/// Waits until the feed has brought what the test brought: what is looked at meanwhile is not
/// remembered. How much was hashed until then.
async fn hashed_once_all_is_heard_of(world: &World) -> u64 {
    let mut all = (1_000_000..).map(invented);
    loop {
        let string = all.next().unwrap();
        verify(world, &string).await;
        let before = hashed(world);
        verify(world, &string).await;
        if hashed(world) == before {
            return before;
        }
    }
}

#[tokio::test]
async fn an_invented_string_counts_for_each_hash_and_is_remembered() {
    let world = world_of(3).await;
    if world.settings.store.starts_with("ws") {
        return;
    }
    let before = hashed_once_all_is_heard_of(&world).await;
    let hashed = |world: &World| hashed(world) - before;
    let gate = Gate::default();
    for _ in 0..5 {
        let verdict = world.verify_through(&gate, &invented(1), None, &get()).await;
        assert_eq!(verdict, Verdict::Refused("unknown"));
    }
    assert_eq!((hashed(&world), gate.counted()), (3, 3));
    // Of somebody of whom nothing waits there is nothing to look at.
    for user in [1, TIA + 1, 4_294_967_295] {
        let verdict = world.verify_through(&gate, &string(user, 0), None, &get()).await;
        assert_eq!(verdict, Verdict::Refused("unknown"));
    }
    assert_eq!((hashed(&world), gate.counted()), (3, 6));
    // Who presents a right one has spent nothing.
    let verdict = world.verify_through(&gate, &string(TIA, 0), None, &get()).await;
    assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    assert_eq!(gate.counted(), 6);
}

#[tokio::test]
async fn behind_a_closed_gate_nothing_is_hashed_and_what_is_pinned_goes_on() {
    let world = world_of(2).await;
    assert!(is_good(&world, &string(TIA, 0)).await);
    let gate = Gate::default();
    gate.closed.store(true, SeqCst);
    let before = hashed(&world);
    for n in 0..1000 {
        let verdict = world.verify_through(&gate, &invented(n), None, &get()).await;
        assert_eq!(verdict, Verdict::TooMany { seconds: 7 });
    }
    assert_eq!(hashed(&world), before);
    // What was remembered of her is outdated.
    world.token("tia", "one more").await;
    let verdict = world.verify_through(&gate, &string(TIA, 0), None, &get()).await;
    assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_who_present_the_same_at_once_cost_one_hash() {
    let world = world_of(1).await;
    let first = string(TIA, 0);
    let all: Vec<_> = (0..64)
        .map(|_| {
            let (desk, string) = (world.desk.clone(), first.clone());
            tokio::spawn(async move { desk.verify(&string, None, &get()).await })
        })
        .collect();
    for one in all {
        let verdict = one.await.unwrap();
        assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    }
    assert_eq!((hashed(&world), world.figures().old_strings.moved), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_invented_one_at_once_costs_each_hash_once() {
    let world = world_of(2).await;
    if world.settings.store.starts_with("ws") {
        return;
    }
    let before = hashed_once_all_is_heard_of(&world).await;
    let all: Vec<_> = (0..64)
        .map(|_| {
            let desk = world.desk.clone();
            tokio::spawn(async move { desk.verify(&invented(1), None, &get()).await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), Verdict::Refused("unknown"));
    }
    assert_eq!(hashed(&world), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_flood_from_one_network_few_wait_and_the_rest_is_turned_away() {
    let world = world_of(3).await;
    let all: Vec<_> = (0..150)
        .map(|n| {
            let desk = world.desk.clone();
            tokio::spawn(async move { desk.verify(&invented(n), None, &get()).await })
        })
        .collect();
    let mut unknown = 0;
    for one in all {
        match one.await.unwrap() {
            Verdict::Refused("unknown") => unknown += 1,
            Verdict::TooMany { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    let figures = world.figures().old_strings;
    assert_eq!((figures.hashed, figures.unknown), (3 * unknown, unknown));
    assert_eq!(figures.turned_away, 150 - unknown);
    assert!(is_good(&world, &string(TIA, 2)).await, "once they are gone");
    assert_eq!(verify(&world, OLD[2].1).await, Verdict::Refused("malformed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_first_uses_from_one_address_at_once_are_all_good_and_count_for_nothing() {
    let world = world().await;
    let users = 100..120_u64;
    let import = RtImport {
        people: users.clone().map(|user| person(user, &format!("owner{user}"))).collect(),
        tokens: users
            .clone()
            .flat_map(|user| (0..3).map(move |nth| (user, nth)))
            .map(|(user, nth)| RtToken { id: user * 10 + nth as u64, ..token(user, nth) })
            .collect(),
        ..RtImport::default()
    };
    assert_eq!(bring(&world, &import).await.tokens, 60);
    let gate = Arc::new(Gate::default());
    let all: Vec<_> = users
        .flat_map(|user| (0..3).map(move |nth| string(user, nth)))
        .map(|string| {
            let (desk, gate) = (world.desk.clone(), gate.clone());
            tokio::spawn(async move { desk.verify_through(&*gate, &string, None, &get()).await })
        })
        .collect();
    for one in all {
        let verdict = one.await.unwrap();
        assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    }
    assert_eq!((world.figures().old_strings.moved, gate.counted()), (60, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_ones_of_nine_networks_keep_no_good_one_of_a_tenth_out() {
    let world = world().await;
    // Twenty of somebody's, of which none is the string that is invented; and sam's one.
    let theirs = (0..20).map(|n| RtToken { id: 1000 + n, ..token(TIA, 0) });
    let import = RtImport {
        people: vec![person(TIA, "tia"), person(20, "sam")],
        tokens: theirs.chain([token(20, 1)]).collect(),
        ..RtImport::default()
    };
    assert_eq!(bring(&world, &import).await.tokens, 21);
    let flood: Vec<_> = (0..9 * 20)
        .map(|n| {
            let desk = world.desk.clone();
            tokio::spawn(async move {
                let from = format!("10.0.{}.1", n % 9);
                desk.verify(&invented(n), None, &request("GET", &from)).await
            })
        })
        .collect();
    let good = world.verify(&string(20, 1), None, &request("GET", "198.51.100.1")).await;
    assert!(matches!(good, Verdict::Good(_)), "{good:?}");
    assert!(hashed(&world) < 9 * 20 * 20, "before the others are done");
    for one in flood {
        one.abort();
    }
}

#[tokio::test]
async fn what_has_begun_is_not_lost_with_whoever_asked_for_it() {
    let world = world_of(1).await;
    let first = string(TIA, 0);
    let mut asking = Box::pin(verify(&world, &first));
    let looked_at = async {
        while hashed(&world) == 0 {
            let _ = futures::poll!(asking.as_mut());
            tokio::task::yield_now().await;
        }
        drop(asking);
        while world.figures().old_strings.moved == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), looked_at).await.expect("looked at");
    assert!(is_good(&world, &first).await);
    assert_eq!(hashed(&world), 1);
}
