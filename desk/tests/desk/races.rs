//! Many at once: a form sent twenty times is done once, no verifier answers what was true before a
//! change that has returned, and changes from many hands form one chain.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use desk::{AuditAction, ImportUser, NetId, PlainToken, Refusal, Role, Verdict, right};

use super::support::{World, get, new_token, origin, privileged, secret, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twenty_times_at_once_makes_one_token() {
    let world = world().await;
    let create = AuditAction::TokenCreate;
    let permit = world
        .permit_by_form::<right::ManageOwnTokens>("tia", None, "the same", create)
        .await
        .unwrap();
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (desk, permit) = (world.desk.clone(), permit.clone());
            tokio::spawn(async move { desk.create_token(&permit, new_token("once")).await })
        })
        .collect();
    let mut made = 0;
    for outcome in tries {
        match outcome.await.unwrap() {
            Ok(_) => made += 1,
            Err(refusal) => assert!(matches!(refusal, Refusal::SentAlready { .. })),
        }
    }
    assert_eq!(made, 1);
    assert!(world.console().verify_audit().await.unwrap().faults.is_empty());
}

/// Verifiers that never rest, and the state they must never contradict: once a change has returned,
/// no request that begins after that is answered as before it.
struct Race {
    token: Mutex<Option<PlainToken>>,
    /// Odd: shut. Counts each opening and shutting, so that a verifier knows whether anything
    /// turned while it asked.
    turn: AtomicUsize,
    over: AtomicBool,
    good: AtomicUsize,
    wrong: AtomicUsize,
}

impl Race {
    fn begin(world: &World, verifiers: u32) -> (Arc<Self>, Vec<tokio::task::JoinHandle<()>>) {
        let race = Arc::new(Self {
            token: Mutex::default(),
            turn: AtomicUsize::new(1),
            over: AtomicBool::new(false),
            good: AtomicUsize::new(0),
            wrong: AtomicUsize::new(0),
        });
        let run = |_| {
            let (desk, race) = (world.desk.clone(), race.clone());
            tokio::spawn(async move {
                while !race.over.load(Ordering::SeqCst) {
                    tokio::task::yield_now().await;
                    let Some(token) = race.token.lock().unwrap().clone() else { continue };
                    let turn = race.turn.load(Ordering::SeqCst);
                    if matches!(desk.verify(token.expose(), None, &get()).await, Verdict::Good(_)) {
                        race.good.fetch_add(1, Ordering::SeqCst);
                        if turn % 2 == 1 && race.turn.load(Ordering::SeqCst) == turn {
                            race.wrong.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }
            })
        };
        let tasks = (0..verifiers).map(run).collect();
        (race, tasks)
    }

    /// Opens or shuts.
    fn turn(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until the open door was found open: else a round would prove nothing.
    async fn seen_good(&self) {
        let before = self.good.load(Ordering::SeqCst);
        while self.good.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
    }

    async fn end(&self, tasks: Vec<tokio::task::JoinHandle<()>>) {
        self.over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(self.wrong.load(Ordering::SeqCst), 0, "answered as good after it was refused");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revoked_token_is_refused_by_everybody_once_revoking_returned() {
    let world = world().await;
    // Many owners: a list of thousands of revoked tokens would make each round slower.
    let netids: Vec<String> = (0..30).map(|n| format!("racer{n}")).collect();
    let import = netids.iter().map(|netid| ImportUser {
        netid: NetId::parse(netid).unwrap(),
        name: Some(netid.clone()),
        email: None,
        role: Some(Role::Staff),
        privileged: Some(true),
        disabled: None,
        password: Some(secret(&format!("{netid}-netid-password"))),
    });
    world.console().import_users(&import.collect::<Vec<_>>()).await.unwrap();
    let mut permits = Vec::new();
    for netid in &netids {
        world.give_own(netid, &format!("{netid}-local-password")).await;
        permits.push(world.permit::<right::ManageOwnTokens>(netid, None).await.unwrap());
    }
    let (race, tasks) = Race::begin(&world, 4);
    for round in 0..world.rounds(2000) {
        let permit = &permits[round as usize % permits.len()];
        let (token, view) = world.create_token(permit, new_token("raced")).await.unwrap();
        race.turn();
        *race.token.lock().unwrap() = Some(token.clone());
        race.seen_good().await;
        world.revoke_token(permit, view.id.as_str()).await.unwrap();
        race.turn();
        assert_eq!(
            world.verify(token.expose(), None, &get()).await,
            Verdict::Refused("revoked"),
            "round {round}"
        );
    }
    race.end(tasks).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_loses_the_privilege_is_refused_by_everybody_once_that_returned() {
    let world = world().await;
    let (token, _) = world.token("tia", "raced").await;
    // Confirmed once: each round takes its permits by that session, as it stands. The clock does.
    let confirmed = world.permit::<right::SetPrivileged>("ada", Some("tia")).await.unwrap();
    let ada = world.look(confirmed.cookie().unwrap()).await.unwrap();
    let permit = async || {
        world.authorise::<right::SetPrivileged>(&ada, Some("tia"), None, &origin()).await.unwrap()
    };
    let (race, tasks) = Race::begin(&world, 4);
    *race.token.lock().unwrap() = Some(token.clone());
    race.turn();
    for round in 0..world.rounds(600) {
        let taking = permit().await;
        race.seen_good().await;
        world.change_account(&privileged(&taking, false)).await.unwrap();
        race.turn();
        assert_eq!(
            world.verify(token.expose(), None, &get()).await,
            Verdict::Refused("owner not privileged"),
            "round {round}"
        );
        let giving = permit().await;
        race.turn();
        world.change_account(&privileged(&giving, true)).await.unwrap();
    }
    race.end(tasks).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_cut_off_halfway_leave_no_outdated_answer_behind() {
    let world = world().await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    for round in 0..40_u64 {
        let (token, view) = world.create_token(&permit, new_token("cut off")).await.unwrap();
        assert!(matches!(world.verify(token.expose(), None, &get()).await, Verdict::Good(_)));
        // Whoever asked for it goes away, sooner or later.
        let patience = std::time::Duration::from_micros(100 * round);
        let _ = tokio::time::timeout(patience, world.revoke_token(&permit, view.id.as_str())).await;
        // Where it went through, it is the next thing that verify says; the store has the last
        // word.
        let tia = world.person("tia").await;
        let stored = world
            .own_tokens(&tia)
            .await
            .unwrap()
            .into_iter()
            .find(|one| one.id == view.id)
            .unwrap();
        if stored.revoked.is_some() {
            assert_eq!(
                world.verify(token.expose(), None, &get()).await,
                Verdict::Refused("revoked"),
                "round {round}"
            );
        } else {
            let _ = world.revoke_token(&permit, view.id.as_str()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_many_hands_form_one_unbroken_chain() {
    let world = world().await;
    let permit = world.permit::<right::ManageOwnTokens>("tia", None).await.unwrap();
    let many: Vec<_> = (0..40)
        .map(|n| {
            let (desk, permit) = (world.desk.clone(), permit.clone());
            tokio::spawn(async move {
                desk.create_token(&permit, new_token(&format!("token {n}"))).await.unwrap()
            })
        })
        .collect();
    for made in many {
        made.await.unwrap();
    }
    let report = world.console().verify_audit().await.unwrap();
    assert!(report.faults.is_empty() && report.rows >= 40, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_of_one_session_at_once_are_all_answered() {
    let world = world().await;
    let cookie = world.cookie("tia").await;
    world.clock.advance(120);
    let requests: Vec<_> = (0..30)
        .map(|_| {
            let (desk, cookie) = (world.desk.clone(), cookie.clone());
            tokio::spawn(async move {
                desk.visitor(&cookie, &origin()).await.map(|visitor| visitor.me().netid)
            })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap(), "tia");
    }
}
