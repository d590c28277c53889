//! Two nodes on a SurrealDB server, of which any is killed while people work at both, the server
//! too. Only where the tests run on servers (`LATCHKEY_TEST_STORE=ws`). The server that they have
//! (`tools/surreal`) has no RocksDB: it keeps its data in memory and in a log that it syncs
//! (`mem://FOLDER?aol=sync`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::surreal_server::Server;

use super::client::{Client, everybody};
use super::kills::{REQUESTS, check, until_killed};
use super::node::{MAX_WAIT, Node};
use super::random::Random;
use super::round::Round;
use super::{is_looked_at, rounds, store};
use crate::support::{Latchkey, Request};

const NAMES: [&str; 2] = ["one", "two"];

/// Waits until a node has its store.
async fn ready(address: SocketAddr) {
    let began = Instant::now();
    let is = async || Request::get("/readyz").try_send(address).await;
    while is().await.is_none_or(|answer| answer.status != 200) {
        assert!(began.elapsed() < MAX_WAIT, "never ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn start(latchkey: &Latchkey, which: usize, url: &str) -> Node {
    let started = Node::start(latchkey, NAMES[which], url).await;
    started.unwrap_or_else(|message| panic!("no start: {message}"))
}

/// What a client's node knows to be revoked.
fn revoked(client: &mut Client) -> Vec<String> {
    client.tokens().map(|tokens| tokens.revoked()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_too_what_was_acknowledged_is_there_whatever_is_killed() {
    let latchkey = Latchkey::new();
    let kept = format!("mem://{}?aol=sync", latchkey.path("kept").display());
    let Some(mut server) = Server::start_on(&kept).await else { return };
    let (url, bind) = (server.url.clone(), server.url.trim_start_matches("ws://").to_owned());
    let mut random = Random::seeded("shared");
    let mut clients = everybody(&mut random);
    let mut nodes = Vec::new();
    for which in 0..NAMES.len() {
        nodes.push(start(&latchkey, which, &url).await);
    }
    for number in 1..=rounds() {
        let due = 1 + random.below(REQUESTS / 2);
        let working: Vec<(Client, Arc<Round>)> = clients
            .into_iter()
            .enumerate()
            .map(|(at, mut client)| {
                let known = revoked(&mut client);
                let address = nodes[at % nodes.len()].address;
                (client, Arc::new(Round::new(address, due, known)))
            })
            .collect();
        let first = working[0].1.clone();
        let victim = random.below(3);
        // Either node, or the server below both.
        if victim < nodes.len() {
            let node = nodes.remove(victim);
            clients = until_killed(working, &first, async move || node.kill()).await;
            nodes.insert(victim, start(&latchkey, victim, &url).await);
        } else {
            clients = until_killed(working, &first, async || drop(server)).await;
            server = Server::start_at(&bind, &kept).await;
        }
        for node in &nodes {
            ready(node.address).await;
        }
        for (at, client) in clients.iter_mut().enumerate() {
            let node = &nodes[at % nodes.len()];
            check(std::slice::from_mut(client), node, &mut random, false).await;
        }
        // A log-in's row is like any other: which of them is missing shows before the next one.
        let rows = store::look_at(&latchkey, &url, &mut clients, is_looked_at(number));
        let killed = NAMES.get(victim).unwrap_or(&"the server");
        eprintln!("crash: shared: round {number}: {killed} killed, {rows} rows, all as told");
    }
    drop(server);
}
