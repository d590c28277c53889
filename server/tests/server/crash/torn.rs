//! A log that was cut off anywhere, as a power cut leaves it: what was acknowledged before that
//! point is there, and the rest is there as a whole or not at all.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use super::journal::Row;
use super::made::Maker;
use super::node::Node;
use super::random::Random;
use super::{rounds, store, tokens};
use crate::support::Latchkey;

/// How many tokens are made; every other one is revoked.
const MADE: usize = 12;

/// How long the log is.
fn logged(folder: &Path) -> u64 {
    folder.join(store::newest_log(folder)).metadata().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_off_anywhere_keeps_what_was_acknowledged_before_that() {
    let latchkey = Latchkey::new();
    let mut random = Random::seeded("torn");
    let data = latchkey.path("data");
    // The accounts are in tables by then, and the log is a new one.
    Node::start(&latchkey, "main", "rocksdb://data").await.unwrap().stop();
    let node = Node::start(&latchkey, "main", "rocksdb://data").await.unwrap();
    let log = store::newest_log(&data);
    let started = logged(&data);
    let mut maker = Maker::log_in(node.address, Vec::new()).await;
    // What is known to be in so much of the log.
    let mut acknowledged = Vec::new();
    for which in 0..MADE {
        maker.make().await;
        let id = maker.all[which].id.clone();
        acknowledged.push((logged(&data), "token.create", id.clone()));
        if which % 2 == 0 {
            maker.revoke(which).await;
            acknowledged.push((logged(&data), "token.revoke", id));
        }
    }
    node.kill();
    assert_eq!(store::newest_log(&data), log, "it is one log");
    let whole = logged(&data);
    let mut cuts: BTreeSet<u64> = acknowledged.iter().map(|(length, ..)| *length).collect();
    for _ in 0..rounds() {
        let beyond = usize::try_from(whole - started).unwrap();
        cuts.insert(started + u64::try_from(random.below(beyond)).unwrap());
    }
    let cuts: Vec<u64> = cuts.into_iter().collect();
    // With few rounds a few of them, the whole log among these.
    let step = (cuts.len() * 2 / (rounds() as usize + 5)).max(1);
    for cut in cuts.iter().rev().step_by(step) {
        let name = format!("cut-{cut}");
        store::copy(&data, &latchkey.path(&name));
        let file = File::options().write(true).open(latchkey.path(&name).join(&log)).unwrap();
        file.set_len(*cut).unwrap();
        let at = format!("rocksdb://{name}");
        let verified = store::run(&latchkey, &at, &["audit", "verify"]);
        assert_eq!(verified.code, Some(0), "{cut} of {whole}: {}{}", verified.out, verified.err);
        let rows = Row::all(&store::run(&latchkey, &at, &["audit", "export", "--json"]).out);
        for (_, action, id) in acknowledged.iter().filter(|(length, ..)| length <= cut) {
            let has_row = |row: &Row| row.action == *action && row.detail.starts_with(&id[..16]);
            assert!(rows.iter().any(has_row), "{cut} of {whole}: {action} of {id} is gone");
        }
        let list = store::run(&latchkey, &at, &["token", "list", "tia", "--json"]).out;
        tokens::assert_as_audited(&list, &rows.iter().collect::<Vec<_>>());
        std::fs::remove_dir_all(latchkey.path(&name)).unwrap();
    }
}
