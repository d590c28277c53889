//! Tokens that anybody makes up: the store is asked about each once at the most, and not at all
//! where the gate is closed; what there is is found all the same.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use desk::{PlainToken, Refusal, StrangerGate, Verdict};

use super::support::{get, origin, reopen, secret, world, world_with};

/// Counts, and can be closed.
#[derive(Debug, Default)]
struct Gate {
    closed: AtomicBool,
    requests: AtomicU32,
    unknown: AtomicU32,
}

impl Gate {
    fn closed() -> Self {
        Self { closed: AtomicBool::new(true), ..Self::default() }
    }

    fn counts(&self) -> (u32, u32) {
        (self.requests.load(SeqCst), self.unknown.load(SeqCst))
    }
}

impl StrangerGate for Gate {
    fn may_ask(&self) -> Result<(), u32> {
        self.requests.fetch_add(1, SeqCst);
        if self.closed.load(SeqCst) { Err(7) } else { Ok(()) }
    }

    fn was_unknown(&self) {
        self.unknown.fetch_add(1, SeqCst);
    }
}

#[tokio::test]
async fn the_store_is_asked_about_each_once() {
    let world = world().await;
    // On a server what other nodes write has to be heard of first.
    let gate = Gate::default();
    let stranger = PlainToken::random();
    let unknown = async || world.verify_through(&gate, stranger.expose(), None, &get()).await;
    let mut before = gate.counts();
    loop {
        assert_eq!(unknown().await, Verdict::Refused("unknown"));
        let now = gate.counts();
        if now == before {
            break;
        }
        before = now;
        tokio::task::yield_now().await;
    }
    let counts = gate.counts();
    for _ in 0..10 {
        assert_eq!(unknown().await, Verdict::Refused("unknown"));
    }
    assert_eq!(gate.counts(), counts);
    assert!(world.settings.store.starts_with("ws") || counts == (1, 1), "{counts:?}");
    assert_eq!(
        world.verify_through(&gate, "malformed", None, &get()).await,
        Verdict::Refused("malformed")
    );
    assert_eq!(gate.counts(), counts, "what is no token is nobody's question");
}

#[tokio::test]
async fn what_there_is_is_found_behind_a_closed_gate_also_where_memory_is_too_small() {
    let world = world_with(|settings| settings.cached_tokens = 1).await;
    let gate = Gate::closed();
    let mut tokens = Vec::new();
    for n in 0..80 {
        tokens.push(world.token("tia", &format!("number {n}")).await.0);
    }
    for token in tokens.iter().chain(&tokens) {
        let verdict = world.verify_through(&gate, token.expose(), None, &get()).await;
        assert!(matches!(verdict, Verdict::Good(_)), "{verdict:?}");
    }
    assert_eq!(gate.counts(), (0, 0));
    let stranger = PlainToken::random();
    assert_eq!(
        world.verify_through(&gate, stranger.expose(), None, &get()).await,
        Verdict::TooMany { seconds: 7 }
    );
}

#[tokio::test]
async fn another_nodes_new_token_is_found_behind_a_closed_gate_once_it_was_heard_of() {
    let world = world().await;
    let beside = world.beside().await;
    let (token, _) = world.token("tia", "made here").await;
    let gate = Gate::closed();
    let found = async {
        while !matches!(
            beside.verify_through(&gate, token.expose(), None, &get()).await,
            Verdict::Good(_)
        ) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), found).await.expect("within a minute");
    // And at once where the gate is open: nothing that is not heard of is refused for it.
    let (newest, _) = world.token("tia", "newest").await;
    assert!(matches!(beside.verify(newest.expose(), None, &get()).await, Verdict::Good(_)));
}

#[tokio::test]
async fn after_a_start_what_there_is_is_read_and_found_behind_a_closed_gate() {
    let world = world().await;
    if !world.settings.store.starts_with("rocksdb") {
        return;
    }
    let (token, _) = world.token("tia", "before").await;
    let settings = world.settings.clone();
    world.close().await;
    let folder = {
        let super::support::World { desk, folder, .. } = world;
        drop(desk);
        folder
    };
    let desk = reopen(settings).await;
    let gate = Gate::closed();
    let found = async {
        while !matches!(
            desk.verify_through(&gate, token.expose(), None, &get()).await,
            Verdict::Good(_)
        ) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), found).await.expect("within a minute");
    drop(folder);
}

#[tokio::test]
async fn revoking_and_proving_a_client_go_through_the_gate_too() {
    let world = world().await;
    let known = world.console().add_client("rt").await.unwrap();
    let known = secret(known.expose());
    let (open, closed) = (Gate::default(), Gate::closed());
    assert!(
        world.client_through(&closed, "rt", &known).await.unwrap().is_some(),
        "the one that there is"
    );
    let client = world.client_through(&open, "rt", &known).await.unwrap().unwrap();
    assert!(world.client_through(&closed, "rt", &known).await.unwrap().is_some(), "right before");
    for (name, wrong) in [("rt", "wrong"), ("nobody", "wrong"), ("no name", "wrong")] {
        let refused = world.client_through(&closed, name, &secret(wrong)).await;
        assert!(matches!(refused, Err(Refusal::TooManyAttempts { seconds: 7 })), "{name}");
    }
    let stranger = PlainToken::random();
    let revoked = client.revoke_through(&closed, &stranger, &origin()).await;
    assert_eq!(revoked, Err(Refusal::TooManyAttempts { seconds: 7 }));
    assert_eq!(
        client.revoke_through(&open, &stranger, &origin()).await,
        Err(Refusal::TokenUnknown)
    );
    assert_eq!(open.counts().1, 1);
    let (token, _) = world.token("tia", "held").await;
    client.revoke_through(&closed, &token, &origin()).await.unwrap();
}
