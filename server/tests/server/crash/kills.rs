//! A server on a folder of its own, killed at random moments while people work.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::client::{Client, Work, everybody};
use super::node::{MAX_WAIT, Node};
use super::random::Random;
use super::round::Round;
use super::{is_looked_at, rounds, store};
use crate::support::Latchkey;

/// The kill comes at one of so many requests.
pub(super) const REQUESTS: usize = 120;

/// And so many microseconds after it at the most: as long as a change takes.
const AFTER: usize = 4_000;

/// How much longer than a clean start one after a kill may take, of all the one in the middle:
/// what was not yet in tables is read again.
const LONGER: u32 = 10;

const STORE: &str = "rocksdb://data";

/// Everybody works, each at their own node, until the kill.
pub(super) async fn until_killed(
    clients: Vec<(Client, Arc<Round>)>,
    due: &Round,
    kill: impl AsyncFnOnce(),
) -> Vec<Client> {
    let (mut working, mut watching) = (JoinSet::new(), JoinSet::new());
    let rounds: Vec<Arc<Round>> = clients.iter().map(|(_, round)| round.clone()).collect();
    for (at, (mut client, round)) in clients.into_iter().enumerate() {
        let watched = round.clone();
        if client.tokens().is_some() {
            watching.spawn(async move { watched.watch_revoked().await });
        }
        working.spawn(async move {
            client.work(&round).await;
            (at, client)
        });
    }
    tokio::time::timeout(MAX_WAIT, due.is_due()).await.expect("work goes on until the kill");
    kill().await;
    for round in &rounds {
        round.end();
    }
    let mut clients = working.join_all().await;
    watching.join_all().await;
    clients.sort_by_key(|(at, _)| *at);
    clients.into_iter().map(|(_, client)| client).collect()
}

/// After a start everything is as it was told.
pub(super) async fn check(clients: &mut [Client], node: &Node, random: &mut Random, all: bool) {
    for client in clients {
        match &mut client.work {
            Work::Tokens(tokens) => tokens.check(node.address, random, all).await,
            Work::Sessions(sessions) => sessions.check(node.address, random).await,
            // They find out by what they do next.
            Work::Password(_) | Work::Account(_) => {}
        }
    }
}

/// Tokens whose revocation was acknowledged, of everybody.
pub(super) fn revoked(clients: &mut [Client]) -> Vec<String> {
    clients.iter_mut().filter_map(Client::tokens).flat_map(|tokens| tokens.revoked()).collect()
}

/// The one in the middle.
fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

async fn start(latchkey: &Latchkey) -> Node {
    Node::start(latchkey, "main", STORE)
        .await
        .unwrap_or_else(|message| panic!("no start: {message}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_any_kill_and_what_is_revoked_stays_so() {
    let latchkey = Latchkey::new();
    let mut random = Random::seeded("kills");
    let mut clients = everybody(&mut random);
    // The first start makes the store.
    start(&latchkey).await.stop();
    let (mut clean, mut after_kill, mut acknowledged) = (Vec::new(), Vec::new(), 0);
    let mut node = start(&latchkey).await;
    clean.push(node.took);
    for round_number in 1..=rounds() {
        let round = Round::new(node.address, 1 + random.below(REQUESTS), revoked(&mut clients));
        let round = Arc::new(round);
        let wait = Duration::from_micros(random.below(AFTER) as u64);
        let working = clients.into_iter().map(|client| (client, round.clone())).collect();
        clients = until_killed(working, &round, async move || {
            tokio::time::sleep(wait).await;
            node.kill();
        })
        .await;
        if is_looked_at(round_number) {
            acknowledged += clients.iter().map(|it| it.journal.acknowledged()).sum::<usize>();
            let rows = store::look(&latchkey, &mut clients);
            eprintln!("crash: kills: round {round_number}: {rows} rows, all as told");
        }
        node = start(&latchkey).await;
        after_kill.push(node.took);
        check(&mut clients, &node, &mut random, false).await;
        store::assert_tidy(&latchkey);
    }
    check(&mut clients, &node, &mut random, true).await;
    for _ in 0..3 {
        node.stop();
        node = start(&latchkey).await;
        clean.push(node.took);
    }
    node.stop();
    store::look(&latchkey, &mut clients);
    let longest = after_kill.iter().max().copied().unwrap_or_default();
    let (clean, after_kill) = (median(clean), median(after_kill));
    eprintln!(
        "crash: kills: {} rounds, {acknowledged} changes acknowledged and kept; ready after a \
         clean stop in {clean:.0?}, after a kill in {after_kill:.0?}, {longest:.0?} at the longest",
        rounds()
    );
    assert!(after_kill < clean * LONGER, "{after_kill:?} after a kill, {clean:?} after a stop");
}
