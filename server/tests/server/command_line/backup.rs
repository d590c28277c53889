//! `latchkey backup` and `latchkey restore`: by a server and without one, into a file or a pipe;
//! what is refused; killed in the middle; a disk that is full; and what a copy undoes, done again.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use serde_json::Value;

use super::full_disk::can_mount;
use super::restoring::{in_store, made, run};
use crate::support::{Ended, Latchkey};

/// A store with two people, and a token of each.
pub(super) async fn with_people() -> (Latchkey, Vec<String>) {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| made(desk, &["nora", "otto"]).await).await;
    (latchkey, tokens)
}

/// The store of a folder without a configuration.
const STORE: &str = "rocksdb://data";

fn restore(latchkey: &Latchkey, args: &[&str]) -> Ended {
    run(latchkey, &[&["restore"][..], args, &["--store", STORE]].concat())
}

pub(super) fn done(ended: Ended) -> String {
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    ended.out
}

/// The exit code of `token verify`.
pub(super) fn works(latchkey: &Latchkey, token: &str) -> Option<i32> {
    loop {
        let ended = latchkey.run_with(&["token", "verify", "--token-stdin"], token);
        if !ended.err.contains("in use") {
            return ended.code;
        }
    }
}

pub(super) fn move_away(latchkey: &Latchkey) {
    std::fs::rename(latchkey.path("data"), latchkey.path("data.old")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_where_there_is_nothing() {
    let (latchkey, tokens) = with_people().await;
    let made = done(run(&latchkey, &["backup", "one.backup"]));
    assert!(made.contains("schema") && made.contains("SHA-256"), "{made}");
    let verified = done(run(&latchkey, &["backup", "verify", "one.backup"]));
    assert!(verified.contains("whole"), "{verified}");
    let json: Value =
        serde_json::from_str(&done(run(&latchkey, &["backup", "verify", "--json", "one.backup"])))
            .unwrap();
    let sha256 = json["sha256"].as_str().unwrap();
    assert!(verified.contains(sha256) && made.contains(sha256));

    move_away(&latchkey);
    let tried = done(run(&latchkey, &["restore", "--dry-run", "one.backup", "--store", STORE]));
    assert!(tried.starts_with("Nothing was restored."), "{tried}");
    assert!(!latchkey.path("data").exists() && !latchkey.path("data.restoring").exists());
    // Whoever names no store may well mean another one than that of the working folder.
    for unnamed in [&["restore", "one.backup"][..], &["restore", "--dry-run", "one.backup"]] {
        let refused = run(&latchkey, unnamed);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{}", refused.err);
        assert!(refused.err.contains("Say which store"), "{}", refused.err);
    }
    assert!(!latchkey.path("data").exists());
    let restored = done(restore(&latchkey, &["one.backup"]));
    assert!(restored.contains("work again"), "{restored}");
    let place = latchkey.path("data").canonicalize().unwrap();
    assert!(restored.starts_with(&format!("Restored into {}: ", place.display())), "{restored}");
    assert!(!latchkey.path("data.restoring").exists());
    assert_eq!(works(&latchkey, &tokens[0]), Some(0));
    done(run(&latchkey, &["audit", "verify"]));
    let rows = done(run(&latchkey, &["audit", "tail", "--action", "store.restore"]));
    assert_eq!(rows.matches("store.restore").count(), 1, "{rows}");
    assert!(rows.contains(sha256), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_over_and_what_is_no_backup_is_called_so() {
    let (latchkey, _) = with_people().await;
    done(run(&latchkey, &["backup", "one.backup"]));
    let before = std::fs::read(latchkey.path("one.backup")).unwrap();
    let again = run(&latchkey, &["backup", "one.backup"]);
    assert!(again.code == Some(2) && again.err.contains("--force"), "{}", again.err);
    assert_eq!(std::fs::read(latchkey.path("one.backup")).unwrap(), before);
    done(run(&latchkey, &["backup", "--force", "one.backup"]));

    let over = restore(&latchkey, &["one.backup"]);
    assert!(over.code == Some(1) && over.err.contains("move that folder away"), "{}", over.err);

    let mut damaged = before.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(latchkey.path("damaged.backup"), &damaged).unwrap();
    std::fs::write(latchkey.path("cut.backup"), &before[..before.len() - 1]).unwrap();
    latchkey.write("text.backup", "no backup, and longer than its beginning");
    move_away(&latchkey);
    for (file, why) in [
        ("damaged.backup", "is damaged"),
        ("cut.backup", "ends too early"),
        ("text.backup", "no backup of Latchkey"),
    ] {
        let verified = run(&latchkey, &["backup", "verify", file]);
        assert!(verified.code == Some(4) && verified.out.contains(why), "{file}: {}", verified.out);
        let restored = restore(&latchkey, &[file]);
        assert!(restored.code == Some(1) && restored.err.contains(why), "{file}: {}", restored.err);
        assert!(!latchkey.path("data").exists() && !latchkey.path("data.restoring").exists());
    }
}

#[test]
fn a_running_server_makes_it_for_whoever_asks_it() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let made = done(latchkey.run(&["backup", "one.backup", "--demo"]));
    assert!(made.starts_with("one.backup: ") && made.contains("SHA-256"), "{made}");
    let again = latchkey.run(&["backup", "one.backup", "--demo"]);
    assert!(again.code == Some(2) && again.err.contains("--force"), "{}", again.err);
    done(latchkey.run(&["backup", "one.backup", "--demo", "--force"]));
    // Nothing else is left beside it, and it is its owner's alone.
    let mode = std::fs::metadata(latchkey.path("one.backup")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    let piped = std::fs::File::create(latchkey.path("piped.backup")).unwrap();
    let mut streaming = latchkey.command(&["backup", "-", "--demo"]);
    assert!(streaming.stdout(piped).status().unwrap().success());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut failing = latchkey.command(&["backup", "-", "--demo"]);
    assert_eq!(failing.stdout(full).stderr(Stdio::null()).status().unwrap().code(), Some(1));
    serving.kill();
    for file in ["one.backup", "piped.backup"] {
        done(latchkey.run(&["backup", "verify", file]));
    }
    let files = std::fs::read_dir(latchkey.path(".")).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = files.map(|file| file.file_name()).collect();
    names.sort();
    assert_eq!(names, ["data", "one.backup", "piped.backup"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_in_the_middle_leaves_nothing_in_place() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["backup", "one.backup"]));
    let backup = std::fs::read(latchkey.path("one.backup")).unwrap();
    move_away(&latchkey);
    let mut restoring = latchkey
        .command(&["restore", "-", "--store", STORE])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It waits for the other half.
    let mut input = restoring.stdin.take().unwrap();
    input.write_all(&backup[..backup.len() / 2]).unwrap();
    let beside = latchkey.path("data.restoring");
    while !beside.join("store").join("CURRENT").exists() {
        assert!(restoring.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    restoring.kill().unwrap();
    restoring.wait().unwrap();
    drop(input);
    assert!(!latchkey.path("data").exists() && beside.exists());
    done(restore(&latchkey, &["one.backup"]));
    assert!(!beside.exists());
    assert_eq!(works(&latchkey, &tokens[0]), Some(0));
}

/// An operator whose restore has failed goes on to the next line.
#[tokio::test(flavor = "multi_thread")]
async fn beside_a_store_that_was_moved_away_no_new_one_is_made() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["user", "list"]));
    let serve = ["serve", "--store", STORE, "--listen", testkit::program::ANY_PORT];
    for beside in ["data.old", "data.restoring"] {
        std::fs::rename(latchkey.path("data"), latchkey.path(beside)).unwrap();
        let ended = latchkey.run(&serve);
        assert_eq!(ended.code, Some(1), "{beside}: {}", ended.err);
        assert!(ended.err.contains(&format!("{beside} lies beside it")), "{}", ended.err);
        assert!(!latchkey.path("data").exists(), "{beside}");
        std::fs::rename(latchkey.path(beside), latchkey.path("data")).unwrap();
    }
    assert_eq!(works(&latchkey, &tokens[0]), Some(0));
    std::fs::rename(latchkey.path("data"), latchkey.path("elsewhere")).unwrap();
    let serving = latchkey.serve_by(latchkey.command(&serve));
    serving.signal(testkit::program::Signal::Term);
    let (code, log) = tokio::task::spawn_blocking(move || serving.ended()).await.unwrap();
    assert!(code == Some(0) && log.contains("a new one is made, with nobody in it"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_takes_a_backup_and_gives_one() {
    let (latchkey, tokens) = with_people().await;
    // By then the desk that made them has let go of the store.
    done(run(&latchkey, &["user", "list"]));
    let mut making = latchkey
        .command(&["backup", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut backup, mut err) = (Vec::new(), String::new());
    making.stdout.take().unwrap().read_to_end(&mut backup).unwrap();
    making.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(making.wait().unwrap().success(), "{err}");
    assert!(err.contains("SHA-256 "), "what it is told by: {err}");
    std::fs::write(latchkey.path("one.backup"), &backup).unwrap();
    move_away(&latchkey);
    let mut command = latchkey.command_by(&["sh", "-c", "\"$0\" restore - < one.backup"], &[]);
    command.env("LATCHKEY_STORE", STORE);
    assert!(command.stdout(Stdio::null()).status().unwrap().success());
    assert_eq!(works(&latchkey, &tokens[1]), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_leaves_no_half_of_a_backup() {
    let (latchkey, _) = with_people().await;
    let mut command = latchkey.command_by(&["sh", "-c", "\"$0\" backup - > /dev/full"], &[]);
    let ended = loop {
        let ended = command.output().unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        if !err.contains("in use") {
            break (ended.status.code(), err);
        }
    };
    assert_eq!(ended.0, Some(1));
    assert!(ended.1.contains("cannot be written"), "{}", ended.1);

    if !can_mount() {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return;
    }
    std::fs::create_dir(latchkey.path("small")).unwrap();
    let script = "mount -t tmpfs -o size=4k tmpfs small && \
        \"$0\" backup small/one.backup; echo \"ended with $?\"; ls -A small";
    let unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", script];
    let ended = latchkey.command_by(&unshare, &[]).output().unwrap();
    let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr));
    assert_eq!(out, "ended with 1\n", "{err:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_happened_since_the_copy_is_listed_and_done_again_before_the_start() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["backup", "one.backup"]));
    done(run(&latchkey, &["token", "revoke", "nora", "--all"]));
    done(run(&latchkey, &["user", "disable", "otto"]));
    latchkey.write("since.csv", &done(run(&latchkey, &["audit", "export"])));
    move_away(&latchkey);

    let dry_run = ["one.backup", "--since", "data.old", "--dry-run", "--revoke-again"];
    let planned = done(restore(&latchkey, &dry_run));
    for words in ["Nothing was restored.", "would be undone", "Token revoked", "nora", "otto"] {
        assert!(planned.contains(words), "{words}: {planned}");
    }
    assert!(!latchkey.path("data").exists() && !planned.contains("revoked again"), "{planned}");

    let listed = done(restore(&latchkey, &["one.backup", "--since", "data.old"]));
    let remove = format!("remove {} and", latchkey.path("data").canonicalize().unwrap().display());
    let words =
        ["Token revoked", "Account disabled", "nora", "otto", "--revoke-again", remove.as_str()];
    for words in words {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    assert_eq!((works(&latchkey, &tokens[0]), works(&latchkey, &tokens[1])), (Some(0), Some(0)));

    for since in ["data.old", "since.csv"] {
        std::fs::remove_dir_all(latchkey.path("data")).unwrap();
        let again = ["one.backup", "--since", since, "--revoke-again", "--disable-again"];
        let again = done(restore(&latchkey, &again));
        assert!(again.contains("1 token revoked again."), "{since}: {again}");
        assert!(again.contains("1 person disabled again: otto."), "{since}: {again}");
        let both = (works(&latchkey, &tokens[0]), works(&latchkey, &tokens[1]));
        assert_eq!(both, (Some(4), Some(4)), "{since}");
        done(run(&latchkey, &["audit", "verify"]));
    }
}

/// Of the copy otto is the only administrator, and stays one.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_done_again_is_said_by_the_exit_code_too() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["user", "set-role", "otto", "admin"]));
    done(run(&latchkey, &["backup", "one.backup"]));
    done(run(&latchkey, &["user", "set-role", "nora", "admin"]));
    done(run(&latchkey, &["user", "disable", "otto"]));
    move_away(&latchkey);
    let again = ["one.backup", "--since", "data.old", "--disable-again"];
    let ended = restore(&latchkey, &again);
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("otto is not disabled: This is the last"), "{}", ended.out);
    assert!(ended.out.starts_with("Restored into "), "{}", ended.out);
    assert_eq!(works(&latchkey, &tokens[1]), Some(0), "it is restored all the same");
    std::fs::remove_dir_all(latchkey.path("data")).unwrap();
    let ended = restore(&latchkey, &[again.as_slice(), &["--json"]].concat());
    assert_eq!(ended.code, Some(4), "{}{}", ended.out, ended.err);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["restored"], true);
    assert_eq!(report["again"]["failed"].as_array().map(Vec::len), Some(1), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_know_what_had_happened_since_the_copy_is_refused() {
    let (latchkey, _) = with_people().await;
    latchkey.write("older.csv", &done(run(&latchkey, &["audit", "export"])));
    done(run(&latchkey, &["user", "disable", "otto"]));
    done(run(&latchkey, &["backup", "one.backup"]));
    done(run(&latchkey, &["token", "revoke", "nora", "--all"]));
    done(run(&latchkey, &["user", "disable", "nora"]));
    let whole = done(run(&latchkey, &["audit", "export"]));
    // The newest row comes first, below the heading: the one after it is left out.
    let lines = whole.split_inclusive('\n').enumerate();
    let gap: String = lines.filter(|(at, _)| *at != 2).map(|(_, line)| line).collect();
    latchkey.write("gap.csv", &gap);
    move_away(&latchkey);
    let (other, _) = with_people().await;
    done(run(&other, &["user", "disable", "otto"]));
    done(run(&other, &["user", "disable", "nora"]));
    let of_other = other.path("data").display().to_string();
    for (since, why) in [
        ("older.csv", "is older than the backup"),
        ("gap.csv", "is missing in it"),
        (&*of_other, "another desk's"),
    ] {
        let refused = restore(&latchkey, &["one.backup", "--since", since]);
        assert!(refused.code == Some(1) && refused.err.contains(why), "{since}: {}", refused.err);
        assert!(!latchkey.path("data").exists() && !latchkey.path("data.restoring").exists());
    }
    done(restore(&latchkey, &["one.backup", "--since", "data.old"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_backup_wants_its_identity() {
    use age::secrecy::ExposeSecret as _;
    let (latchkey, tokens) = with_people().await;
    let identity = age::x25519::Identity::generate();
    latchkey.write("identity", &format!("# mine\n{}\n", identity.to_string().expose_secret()));
    let recipients = format!("[backup]\nrecipients = [\"{}\"]\n", identity.to_public());
    latchkey.write("latchkey.toml", &recipients);
    let made = done(run(&latchkey, &["backup", "one.backup"]));
    assert!(made.contains("encrypted"), "{made}");
    let begins = std::fs::read(latchkey.path("one.backup")).unwrap();
    assert!(begins.starts_with(b"age-encryption.org/"));
    let closed = run(&latchkey, &["backup", "verify", "one.backup"]);
    assert!(closed.code == Some(2) && closed.err.contains("--identity"), "{}", closed.err);
    done(run(&latchkey, &["backup", "verify", "one.backup", "--identity", "identity"]));
    move_away(&latchkey);
    done(restore(&latchkey, &["one.backup", "--identity", "identity"]));
    assert_eq!(works(&latchkey, &tokens[0]), Some(0));
}
