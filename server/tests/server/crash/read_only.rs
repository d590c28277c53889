//! A store on a disk that takes no writes: a mount in a namespace of its own, where this machine
//! lets anybody make one (containers may not).

use std::process::Command;

use super::made::{Maker, assert_kept};
use super::node::Node;
use crate::support::Latchkey;

const STORE: &str = "rocksdb://data";

/// The folder is read-only for whatever runs behind it.
const READ_ONLY: [&str; 6] = [
    "unshare",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    "mount --bind data data && mount -o remount,bind,ro data && exec \"$0\" \"$@\"",
];

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_read_only_the_start_says_so_and_changes_nothing() {
    let latchkey = Latchkey::new();
    let node = Node::start(&latchkey, "main", STORE).await.unwrap();
    let mut maker = Maker::log_in(node.address, Vec::new()).await;
    for _ in 0..3 {
        maker.make().await;
    }
    maker.revoke(0).await;
    node.kill();
    let program = [&READ_ONLY[..5], &["mount --bind data data && mount -o remount,bind,ro data"]];
    let program = program.concat();
    let tried =
        Command::new(program[0]).args(&program[1..]).current_dir(latchkey.path(".")).output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return;
    }
    let serve = ["serve", "--demo", "--store", STORE, "--listen", "127.0.0.1:0"];
    for args in [&serve[..], &["audit", "verify", "--demo", "--store", STORE]] {
        let ended = latchkey.command_by(&READ_ONLY, args).output().unwrap();
        let message = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{args:?}: {message}");
        assert!(message.contains("Read-only file system"), "{args:?}: {message}");
        assert!(message.contains("mount it for writing"), "{args:?}: {message}");
    }
    let node = Node::start(&latchkey, "main", STORE).await.unwrap();
    assert_kept(node.address, &maker.all).await;
}
