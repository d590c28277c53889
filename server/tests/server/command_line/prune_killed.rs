//! `latchkey audit prune`, and what a server removes by itself, killed at different moments: the
//! chain that the next start finds holds, and the next prune finishes what was begun.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use desk::{Clock, Desk, KeepDays, Settings};
use tokio::task::JoinSet;

use super::restoring::run;
use crate::support::Latchkey;

/// Five transactions' worth.
const OLD_ROWS: usize = 1000;

/// At how many moments each is killed: each leaves a store that is asked six times.
fn kills() -> u32 {
    if std::env::var("LATCHKEY_TEST_ROUNDS").is_ok_and(|rounds| rounds == "all") { 6 } else { 3 }
}

/// Says to [`what_a_child_does`] that it is one, and where its store is.
const CHILD: &str = "TEST_PRUNED_STORE";

const PRUNE: [&str; 4] = ["audit", "prune", "--keep-days", "30"];

/// A store with rows of a hundred days ago, and a copy of its audit beside.
async fn aged() -> Latchkey {
    let latchkey = Latchkey::new();
    let store = format!("rocksdb://{}", latchkey.path("data").display());
    let then = Clock::Set(Arc::new(AtomicI64::new(Clock::System.now().plus_days(-100).0)));
    let desk = Desk::open(Settings { store, clock: then, ..Settings::default() }).await.unwrap();
    let mut making = JoinSet::new();
    for n in 0..OLD_ROWS {
        let desk = desk.clone();
        making.spawn(async move { desk.console().add_client(&format!("client{n}")).await });
    }
    while let Some(made) = making.join_next().await {
        made.unwrap().unwrap();
    }
    desk.close().await;
    drop(desk);
    let copy = run(&latchkey, &["audit", "export"]).out;
    latchkey.write("copy.csv", &copy);
    latchkey
}

/// The same store and copy, in a folder of its own.
fn again(of: &Latchkey) -> Latchkey {
    let latchkey = Latchkey::new();
    let copied = Command::new("cp").arg("-r").arg(of.path(".")).arg(latchkey.path(".")).status();
    assert!(copied.unwrap().success());
    latchkey
}

/// The store's logs that were not there before, and how much is in them.
fn written(store: &Path, before: &HashSet<OsString>) -> u64 {
    let files = std::fs::read_dir(store).unwrap().map(Result::unwrap);
    let new = files.filter(|file| {
        file.path().extension().is_some_and(|end| end == "log")
            && !before.contains(&file.file_name())
    });
    // One may have gone meanwhile.
    new.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

/// Kills it as soon as it has written so much; answers how much that was.
fn killed(mut child: Child, store: &Path, before: &HashSet<OsString>, at: u64) -> u64 {
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = written(store, before).max(most);
        if most >= at {
            child.kill().unwrap();
            child.wait().unwrap();
            break;
        }
        std::thread::yield_now();
    }
    most
}

/// Up to which row the rows were removed.
fn removed(latchkey: &Latchkey) -> usize {
    let ended = run(latchkey, &["audit", "verify", "--against", "copy.csv"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let Some((_, behind)) = ended.out.split_once("the rows up to row ") else { return 0 };
    behind.split(' ').next().unwrap().parse().unwrap()
}

/// Has it killed at different moments on copies of a store, and what is left looked at.
fn kill_at_many_moments(aged: &Latchkey, start: impl Fn(&Latchkey) -> Child) {
    let begin = |latchkey: &Latchkey, at: u64| {
        let store = latchkey.path("data");
        let there = std::fs::read_dir(&store).unwrap().map(|file| file.unwrap().file_name());
        let there: HashSet<OsString> = there.collect();
        killed(start(latchkey), &store, &there, at)
    };
    let whole = again(aged);
    let all = begin(&whole, u64::MAX);
    assert_eq!(removed(&whole), OLD_ROWS);
    let mut in_the_middle = 0_u32;
    let kills = kills();
    for kill in 1..=kills {
        let latchkey = again(aged);
        let at = all * u64::from(kill) / u64::from(kills + 1);
        begin(&latchkey, at);
        let gone = removed(&latchkey);
        assert_eq!(gone % 200, 0, "whole transactions, at {at} of {all}");
        in_the_middle += u32::from(gone > 0 && gone < OLD_ROWS);
        let finished = run(&latchkey, &PRUNE);
        assert_eq!(finished.code, Some(0), "{}{}", finished.out, finished.err);
        assert_eq!(removed(&latchkey), OLD_ROWS, "at {at} of {all}");
        assert!(run(&latchkey, &PRUNE).out.contains("Nothing is older."));
        // The desk goes on.
        assert_eq!(run(&latchkey, &["client", "remove", "client1"]).code, Some(0));
        assert_eq!(removed(&latchkey), OLD_ROWS);
    }
    assert!(in_the_middle >= kills / 3, "{in_the_middle} of {kills} while rows went");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prune_that_is_killed_leaves_a_chain_that_holds_and_the_next_one_ends_it() {
    let aged = aged().await;
    kill_at_many_moments(&aged, |latchkey| {
        latchkey.command(&PRUNE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_what_a_server_removes_by_itself() {
    let aged = aged().await;
    let this = std::env::current_exe().unwrap();
    kill_at_many_moments(&aged, |latchkey| {
        Command::new(&this)
            .args(["--exact", "command_line::prune_killed::what_a_child_does"])
            .env(CHILD, latchkey.path("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    });
}

/// No test of its own: what a server does by itself every ten minutes, at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_child_does() {
    let Some(store) = std::env::var_os(CHILD) else { return };
    let settings = Settings {
        store: format!("rocksdb://{}", Path::new(&store).display()),
        audit_keep: Some(KeepDays::new(30).unwrap()),
        ..Settings::default()
    };
    let desk = testkit::reopen(settings).await;
    desk.remove_old_audit_rows().await.unwrap();
    desk.close().await;
}
