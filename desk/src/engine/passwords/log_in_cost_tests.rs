//! No two failing log-ins are told apart: by what they say, by the work that is done for them
//! (which is counted), or by the time that they take (a test of medians, which other work on the
//! machine moves alike).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rand::seq::SliceRandom as _;
use tokio::sync::mpsc;

use crate::engine::clock::Clock;
use crate::engine::desk::Desk;
use crate::engine::desk_for_tests::{demo_desk_with, secret};
use crate::engine::identity::directory::{
    Asking, Directory, DirectoryError, Extent, ExternalIdentity,
};
use crate::engine::origin::Origin;
use crate::engine::passwords::hasher::Hasher;
use crate::engine::passwords::source::local_key;
use crate::engine::secret::Secret;
use crate::store::throttle::{Failures, Move};
use crate::{NetId, Refusal, Source};

/// A directory with one person in it, that counts how often it is asked.
#[derive(Debug, Default)]
struct Campus {
    lookups: AtomicUsize,
}

impl Directory for Campus {
    fn source(&self) -> Source {
        Source::Ldap
    }

    fn check<'a>(
        &'a self,
        netid: &'a NetId,
        password: &'a Secret,
        how: Asking,
    ) -> BoxFuture<'a, Result<Option<ExternalIdentity>, DirectoryError>> {
        self.lookups.fetch_add(1, Ordering::AcqRel);
        let theirs =
            how.wanted && netid.as_str() == "nora" && password.expose() == "nora-netid-password";
        let nora = ExternalIdentity { netid: "nora".to_owned(), ..ExternalIdentity::default() };
        async move { Ok(theirs.then_some(nora)) }.boxed()
    }

    fn everybody(
        &self,
        _: Extent,
        _: mpsc::Sender<Vec<ExternalIdentity>>,
    ) -> BoxFuture<'_, Result<(), DirectoryError>> {
        async { Ok(()) }.boxed()
    }
}

struct World {
    desk: Desk,
    clock: Clock,
    campus: Arc<Campus>,
}

/// Before the parameters were raised: 64 KiB and one pass.
async fn world(with_directory: bool) -> World {
    let campus = Arc::new(Campus::default());
    let directory: Option<Arc<dyn Directory>> =
        if with_directory { Some(campus.clone()) } else { None };
    let (desk, clock) = demo_desk_with(directory, |settings| settings.hash_threads = 1).await;
    if with_directory {
        log_in(&desk, "nora", "nora-netid-password").await.expect("known from now on");
    }
    close_local(&desk, "tia").await;
    World { desk, clock, campus }
}

impl World {
    fn raise(&mut self, memory: u32, passes: u32) {
        let hasher = Hasher::new(memory, passes, 1, 1).expect("parameters");
        Arc::get_mut(&mut self.desk.inner).expect("nobody else has it").hasher = hasher;
    }

    /// What was done so far: hashing, and questions to the directory.
    fn work(&self) -> (u64, usize) {
        (
            self.desk.inner.hasher.spent.load(Ordering::Acquire),
            self.campus.lookups.load(Ordering::Acquire),
        )
    }
}

async fn log_in(desk: &Desk, netid: &str, password: &str) -> Result<(), Refusal> {
    desk.log_in(netid, &secret(password), &Origin::console()).await.map(|_| ())
}

async fn close_local(desk: &Desk, netid: &str) {
    let netid = NetId::parse(netid).expect("a NetID");
    let to = Some(Failures { failures: 100, last: desk.now().0 });
    let closed = Move { key: local_key(&netid), from: None, to, over: None };
    assert!(desk.inner.store.move_failures(&[closed], desk.now()).await.expect("written"));
}

/// Who is tried, and with what.
const TRIES: [(&str, &str, &str); 8] = [
    ("built-in", "sam", "wrong"),
    ("built-in, its hash renewed", "ada", "wrong"),
    ("unknown", "nobody", "wrong"),
    ("unknown, of the directory", "olaf", "wrong"),
    ("disabled", "dave", "wrong"),
    ("disabled, and right", "dave", "dave-netid-password"),
    ("local password closed", "tia", "wrong"),
    ("of the directory", "nora", "wrong"),
];

#[tokio::test]
async fn a_failing_log_in_costs_the_same_whoever_it_is_tried_for() {
    for with_directory in [false, true] {
        let mut world = world(with_directory).await;
        for raised in [false, true] {
            if raised {
                world.raise(128, 2);
                log_in(&world.desk, "ada", "ada-netid-password").await.expect("renewed");
            }
            // More often than the directory hears, and through all the delays.
            for round in 0..12 {
                for (who, netid, password) in TRIES {
                    world.clock.advance(10);
                    let (hashed, lookups) = world.work();
                    assert_eq!(
                        log_in(&world.desk, netid, password).await,
                        Err(Refusal::LoginIncorrect),
                        "{who}"
                    );
                    let (hashed, lookups) = (world.work().0 - hashed, world.work().1 - lookups);
                    let expected = (if raised { 256 } else { 64 }, usize::from(with_directory));
                    assert_eq!(
                        (hashed, lookups),
                        expected,
                        "{who}, raised {raised}, round {round}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_tried_too_often_waits_alike() {
    for with_directory in [false, true] {
        let world = world(with_directory).await;
        for (who, netid, password) in
            TRIES.into_iter().filter(|(who, ..)| *who != "disabled, and right")
        {
            for _ in 0..3 {
                assert_eq!(
                    log_in(&world.desk, netid, password).await,
                    Err(Refusal::LoginIncorrect),
                    "{who}"
                );
            }
            let work = world.work();
            let refused = log_in(&world.desk, netid, password).await;
            assert_eq!(refused, Err(Refusal::TooManyAttempts { seconds: 1 }), "{who}");
            assert_eq!(world.work(), work, "{who}");
        }
    }
}

#[tokio::test]
async fn what_is_no_netid_costs_as_much() {
    let world = world(true).await;
    for (netid, password) in [("; --", "wrong"), ("", ""), ("not a netid", "sam-netid-password")] {
        let (hashed, lookups) = world.work();
        assert_eq!(log_in(&world.desk, netid, password).await, Err(Refusal::LoginIncorrect));
        assert_eq!((world.work().0 - hashed, world.work().1 - lookups), (64, 1));
    }
}

/// How often the medians are taken anew before a difference is believed.
const ATTEMPTS: usize = 5;

/// One that skips the hashing, or does it twice, is far beyond that.
const TELLING: f64 = 1.3;

/// Whose medians differ from the middle one by more than [`TELLING`].
fn outliers(medians: &BTreeMap<&'static str, Duration>) -> BTreeSet<&'static str> {
    let mut sorted: Vec<f64> = medians.values().map(Duration::as_secs_f64).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let tells = |time: &Duration| {
        let ratio = time.as_secs_f64() / middle;
        !(1.0 / TELLING..TELLING).contains(&ratio)
    };
    medians.iter().filter(|(_, time)| tells(time)).map(|(who, _)| *who).collect()
}

/// The medians of log-ins that are tried in turns, so that whatever else the machine does meets all
/// of them alike.
async fn medians(world: &World, rounds: usize) -> BTreeMap<&'static str, Duration> {
    let mut times: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
    let mut order = TRIES;
    for _ in 0..rounds {
        // In another order each time: what comes and goes on the machine keeps no step with any of
        // them.
        order.shuffle(&mut rand::rng());
        for (who, netid, password) in order {
            world.clock.advance(10);
            let began = Instant::now();
            assert_eq!(
                log_in(&world.desk, netid, password).await,
                Err(Refusal::LoginIncorrect),
                "{who}"
            );
            times.entry(who).or_default().push(began.elapsed());
        }
    }
    let median = |mut times: Vec<Duration>| {
        let half = times.len() / 2;
        *times.select_nth_unstable(half).1
    };
    times.into_iter().map(|(who, times)| (who, median(times))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failing_log_in_is_told_by_its_time() {
    let rounds = std::env::var("LATCHKEY_TEST_TRIES")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(100);
    for with_directory in [false, true] {
        let mut world = world(with_directory).await;
        for memory in [2048, 8192] {
            world.raise(memory, 1);
            // Whoever was tried last may still have to wait.
            world.clock.advance(10);
            log_in(&world.desk, "ada", "ada-netid-password").await.expect("renewed");
            // What tells somebody does so every time; a machine that is busy with something else
            // meets one of them now and another one then.
            let mut always = outliers(&medians(&world, rounds).await);
            for _ in 1..ATTEMPTS {
                if always.is_empty() {
                    break;
                }
                always.retain({
                    let again = outliers(&medians(&world, rounds).await);
                    move |who| again.contains(who)
                });
            }
            assert!(always.is_empty(), "directory {with_directory}, {memory} KiB: {always:?}");
        }
    }
}
