//! A disk that fails: everything that is asked of the store's files is answered with an
//! input/output error, by a library that is loaded before the system's (`failing.c`), where there
//! is a compiler for it. Of syncing alone: `command_line/failing_disk.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::made::{Maker, assert_kept};
use super::node::{MAX_WAIT, Node, log, serve};
use super::round::status;
use super::store;
use crate::support::{Latchkey, Request};

const STORE: &str = "rocksdb://data";

/// The library; none where nothing compiles it.
fn library(latchkey: &Latchkey) -> bool {
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(latchkey.path("failing.so"))
        .arg("tests/server/crash/failing.c")
        .arg("-ldl")
        .status();
    let is_compiled = compiled.is_ok_and(|compiled| compiled.success());
    if !is_compiled {
        eprintln!("skipped: no C compiler here");
    }
    is_compiled
}

/// Starts a server on a disk that fails where the files' names begin so, once it is told to.
async fn start(latchkey: &Latchkey, below: &Path) -> Result<Node, String> {
    let mut command = serve(latchkey, "main", STORE);
    command
        .env("LD_PRELOAD", latchkey.path("failing.so"))
        .env("FAILS_WHEN", latchkey.path("fails"))
        .env("FAILS_BELOW", below);
    Node::start_by(latchkey, command).await
}

/// As the system calls it.
fn data(latchkey: &Latchkey) -> PathBuf {
    latchkey.path(".").canonicalize().unwrap().join("data")
}

fn well(latchkey: &Latchkey) {
    std::fs::remove_file(latchkey.path("fails")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_writes_no_more_nothing_is_acknowledged_and_nothing_is_lost() {
    let latchkey = Latchkey::new();
    if !library(&latchkey) {
        return;
    }
    let below = data(&latchkey);
    let mut node = start(&latchkey, &below).await.unwrap();
    let mut maker = Maker::log_in(node.address, Vec::new()).await;
    for _ in 0..3 {
        maker.make().await;
    }
    maker.revoke(0).await;
    latchkey.write("fails", "w");
    assert_eq!(maker.try_make().await, 503, "a token that is not kept must not look like one");
    assert_eq!(maker.try_revoke(1).await, 503, "nor a revocation");
    for token in &maker.all {
        let is = status(node.address, &token.secret).await;
        let right = if token.works { 200 } else { 401 };
        assert!([Some(right), Some(503)].contains(&is), "{is:?} for {token:?}");
    }
    well(&latchkey);
    // It goes on by itself, or ends for the next one: it does not stay as it is.
    let began = Instant::now();
    let is_ready = async |node: &Node| {
        let answer = Request::get("/readyz").try_send(node.address).await;
        answer.is_some_and(|answer| answer.status == 200)
    };
    while !is_ready(&node).await && !node.has_ended() {
        assert!(began.elapsed() < MAX_WAIT, "neither: {}", log(&latchkey));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    if node.has_ended() {
        drop(node);
        node = start(&latchkey, &below).await.unwrap();
    }
    assert_kept(node.address, &maker.all).await;
    let mut maker = Maker::log_in(node.address, maker.all).await;
    maker.revoke(1).await;
    maker.make().await;
    node.kill();
    let node = start(&latchkey, &below).await.unwrap();
    assert_kept(node.address, &maker.all).await;
    node.stop();
    assert_eq!(store::run(&latchkey, STORE, &["audit", "verify"]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_cannot_be_read_is_named_at_the_start_and_nothing_is_taken_for_the_end() {
    let latchkey = Latchkey::new();
    if !library(&latchkey) {
        return;
    }
    let below = data(&latchkey);
    let node = start(&latchkey, &below).await.unwrap();
    let mut maker = Maker::log_in(node.address, Vec::new()).await;
    for _ in 0..3 {
        maker.make().await;
    }
    maker.revoke(0).await;
    // What is in memory is answered from there.
    latchkey.write("fails", "r");
    for token in &maker.all {
        let is = status(node.address, &token.secret).await;
        let right = if token.works { 200 } else { 401 };
        assert!([Some(right), Some(503)].contains(&is), "{is:?} for {token:?}");
    }
    node.kill();
    for name in ["", "CURRENT", "MANIFEST-", &store::newest_log(&latchkey.path("data"))] {
        let message = start(&latchkey, &below.join(name)).await.expect_err("it cannot be read");
        assert!(message.contains("Input/output error"), "{name}: {message}");
        assert!(message.contains("The disk fails: look at it"), "{name}: {message}");
        assert!(message.contains(&format!("data/{name}")), "{name}: {message}");
    }
    well(&latchkey);
    let node = start(&latchkey, &below).await.unwrap();
    assert_kept(node.address, &maker.all).await;
}
