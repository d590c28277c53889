//! Bytes of the store that are not as they were written: in each kind of file that lies in its
//! folder. What comes of it is all that was told, or words that name the file and what to do; never
//! fewer changes without a word.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::made::{Made, Maker, assert_kept};
use super::node::Node;
use super::random::Random;
use super::{rounds, store};
use crate::support::{Ended, Latchkey};

const DATA: &str = "rocksdb://data";

/// Rows of what the commands here do themselves.
const OF_LOOKING: [&str; 3] = ["audit.read", "token.see", "token.review"];

/// A store as a kill leaves it: some of it in tables, the rest in the log.
async fn made(latchkey: &Latchkey) -> Vec<Made> {
    let node = Node::start(latchkey, "main", DATA).await.unwrap();
    let mut maker = Maker::log_in(node.address, Vec::new()).await;
    for _ in 0..4 {
        maker.make().await;
    }
    node.stop();
    let node = Node::start(latchkey, "main", DATA).await.unwrap();
    let mut maker = Maker::log_in(node.address, maker.all).await;
    for which in 0..4 {
        maker.make().await;
        maker.revoke(which).await;
    }
    node.kill();
    maker.all
}

/// What the audit's rows are called, those of looking apart.
fn rows(export: &str) -> BTreeSet<String> {
    let rows = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let others = rows.filter(|row| !OF_LOOKING.contains(&row["action"].as_str().unwrap()));
    others.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Changes a byte of a file.
fn flip(file: &Path, at: usize, change: u8) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at] ^= change;
    std::fs::write(file, bytes).unwrap();
}

/// What the commands say of a store: what they print, or that they could not.
fn outcomes(latchkey: &Latchkey, at: &str) -> [Ended; 3] {
    [
        store::run(latchkey, at, &["audit", "verify"]),
        store::run(latchkey, at, &["audit", "export", "--json"]),
        store::run(latchkey, at, &["token", "list", "tia", "--json"]),
    ]
}

/// The files there that hold anything, and how much.
fn files(folder: &Path) -> Vec<(String, usize)> {
    let there = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut found: Vec<(String, usize)> = there
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, usize::try_from(file.metadata().unwrap().len()).unwrap())
        })
        .filter(|(_, length)| *length > 0)
        .collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_is_named_or_changes_nothing() {
    let latchkey = Latchkey::new();
    let mut random = Random::seeded("flipped");
    made(&latchkey).await;
    let data = latchkey.path("data");
    // What this store's people hold room back by.
    std::fs::write(data.join("latchkey.reserve"), [0; 4096]).unwrap();
    store::copy(&data, &latchkey.path("whole"));
    let [verified, export, list] = outcomes(&latchkey, "rocksdb://whole");
    assert_eq!(verified.code, Some(0), "{}", verified.err);
    let (rows_before, tokens) = (rows(&export.out), list.out);
    let tries = usize::try_from(rounds()).unwrap().div_ceil(10);
    let files = files(&data);
    for kind in ["CURRENT", "MANIFEST-", "OPTIONS-", "IDENTITY", ".log", ".sst", "latchkey.reserve"]
    {
        let is_of_kind = |(name, _): &&(String, usize)| name.contains(kind);
        assert!(files.iter().any(|file| is_of_kind(&file)), "no {kind} among {files:?}");
        for (name, length) in files.iter().filter(is_of_kind) {
            for _ in 0..tries {
                let (at, change) = (random.below(*length), 1 << random.below(8));
                store::copy(&data, &latchkey.path("flipped"));
                flip(&latchkey.path("flipped").join(name), at, change);
                let case = format!("{name}, byte {at} of {length}, {change:#04x}");
                for (which, ended) in outcomes(&latchkey, "rocksdb://flipped").iter().enumerate() {
                    if ended.code == Some(0) {
                        match which {
                            1 => assert!(rows(&ended.out).is_superset(&rows_before), "{case}"),
                            2 => assert_eq!(ended.out, tokens, "{case}"),
                            _ => {}
                        }
                        continue;
                    }
                    let named = ended.err.contains(name.as_str())
                        || ended.err.contains(&format!("flipped/{kind}"));
                    assert!(named, "{case} is not named: {}", ended.err);
                    assert!(ended.err.contains("put a backup in its place"), "{case}: {ended:?}");
                }
                std::fs::remove_dir_all(latchkey.path("flipped")).unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_the_log_keeps_the_start_from_undoing_what_came_after_it() {
    let latchkey = Latchkey::new();
    let mut random = Random::seeded("flipped log");
    made(&latchkey).await;
    let data = latchkey.path("data");
    let name = store::newest_log(&data);
    let log = data.join(&name);
    let whole = std::fs::read(&log).unwrap();
    // Within the first block, which nothing fills up.
    let at = random.below(whole.len().min(32_000));
    flip(&log, at, 1);
    let message = Node::start(&latchkey, "main", DATA).await.expect_err("it is damaged");
    assert!(message.contains(&format!("data/{name} is not as it was written")), "{message}");
    // Asked once more it says so once more: nothing was dropped meanwhile.
    let again = Node::start(&latchkey, "main", DATA).await.expect_err("it is damaged");
    let (_, command) = again.split_once("`truncate -s ").expect("what to do without a backup");
    let kept: u64 = command.split(' ').next().unwrap().parse().unwrap();
    assert!(kept <= at as u64, "{kept} of {at}: {again}");
    // As it says: what came before is there, and what is there is whole.
    let damaged = std::fs::read(&log).unwrap();
    std::fs::File::options().write(true).open(&log).unwrap().set_len(kept).unwrap();
    let verified = store::run(&latchkey, DATA, &["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert_eq!(damaged.len(), whole.len(), "no start had changed the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_damaged_where_it_is_read_first_is_named_by_the_start() {
    let latchkey = Latchkey::new();
    made(&latchkey).await;
    let data = latchkey.path("data");
    let tables: Vec<String> = files(&data)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| Path::new(name).extension() == Some("sst".as_ref()))
        .collect();
    for name in &tables {
        flip(&data.join(name), 100, 1);
    }
    let message = Node::start(&latchkey, "main", DATA).await.expect_err("it is damaged");
    assert!(tables.iter().any(|name| message.contains(&format!("data/{name}"))), "{message}");
    assert!(message.contains("put a backup in its place"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_the_file_that_names_its_manifest_is_not_made_anew() {
    let latchkey = Latchkey::new();
    let made = made(&latchkey).await;
    let (current, away) = (latchkey.path("data").join("CURRENT"), latchkey.path("away"));
    std::fs::rename(&current, &away).unwrap();
    let message = Node::start(&latchkey, "main", DATA).await.expect_err("it is no new one");
    assert!(message.contains("data/CURRENT is not there"), "{message}");
    std::fs::rename(&away, &current).unwrap();
    let node = Node::start(&latchkey, "main", DATA).await.unwrap();
    assert_kept(node.address, &made).await;
}
