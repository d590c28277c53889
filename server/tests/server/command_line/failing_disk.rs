//! A store on a disk that fails: what is said of a change that could not be synced is true, and a
//! store that cannot be opened again by this process is left to the next one. Syncing fails by a
//! library that is loaded before the system's (`failing_disk.c`), where there is a compiler for it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::program::announced;

use super::serving::{log_in, make_token, status};

use crate::support::{Latchkey, Request};

/// No test waits for longer.
const SOON: Duration = Duration::from_secs(90);

/// A server whose disk may be made to fail.
struct Failing<'a> {
    latchkey: &'a Latchkey,
    child: Child,
    address: SocketAddr,
}

/// The library; none where nothing compiles it.
fn library(latchkey: &Latchkey) -> bool {
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(latchkey.path("failing.so"))
        .arg("tests/server/command_line/failing_disk.c")
        .arg("-ldl")
        .status();
    let is_made = made.is_ok_and(|made| made.success());
    if !is_made {
        eprintln!("skipped: no C compiler here");
    }
    is_made
}

impl<'a> Failing<'a> {
    fn start(latchkey: &'a Latchkey) -> Self {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(latchkey.path("log"))
            .unwrap();
        let mut child = latchkey
            .command(&["serve", "--demo", "--store", "rocksdb://store", "--listen", "127.0.0.1:0"])
            .env("LD_PRELOAD", latchkey.path("failing.so"))
            .env("SYNC_FAILS", latchkey.path("fails"))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let address = loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).unwrap();
            assert!(length > 0, "it ended: {}", Self::log_of(latchkey));
            if let Some(address) = announced(&line) {
                break address;
            }
        };
        Self { latchkey, child, address }
    }

    fn log_of(latchkey: &Latchkey) -> String {
        std::fs::read_to_string(latchkey.path("log")).unwrap()
    }

    async fn log_in(&self) -> String {
        let mut session = String::new();
        log_in(self.address, &mut session).await;
        session
    }

    async fn revoke(&self, session: &str, id: &str) -> u16 {
        Request::form("/fn/revoke_token", &[("id", id), ("own_password", "tia-local-password")])
            .header("cookie", session)
            .send(self.address)
            .await
            .status
    }

    /// Syncing fails from now on: `once`, or `ever`.
    /// Waits until its store answers.
    async fn is_ready(&self) {
        let began = Instant::now();
        while Request::get("/readyz").send(self.address).await.status != 200 {
            assert!(began.elapsed() < SOON, "never: {}", Self::log_of(self.latchkey));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn fail(&self, how: &str) {
        self.latchkey.write("fails", how);
    }
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_change_that_could_not_be_synced_is_told_what_became_of_it() {
    let latchkey = Latchkey::new();
    if !library(&latchkey) {
        return;
    }
    let failing = Failing::start(&latchkey);
    let mut session = failing.log_in().await;
    let (token, id) = make_token(failing.address, &mut session, "one", "1").await;
    failing.fail("once");
    let reported = failing.revoke(&session, &id).await;
    assert!(!latchkey.path("fails").exists(), "nothing was synced");
    // SurrealDB writes by itself every few seconds: where it was that which could not be synced,
    // the change was not begun.
    assert!([200, 503].contains(&reported), "{reported}: {}", Failing::log_of(&latchkey));
    failing.is_ready().await;
    let is = if reported == 200 { 401 } else { 200 };
    assert_eq!(status(failing.address, &token).await, is, "as it was told");
    let (other, _) = make_token(failing.address, &mut session, "two", "2").await;
    drop(failing);
    let again = Failing::start(&latchkey);
    assert_eq!(
        (status(again.address, &token).await, status(again.address, &other).await),
        (is, 200),
        "as it was told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_could_not_be_opened_again_is_left_to_the_next_process() {
    let latchkey = Latchkey::new();
    if !library(&latchkey) {
        return;
    }
    let mut failing = Failing::start(&latchkey);
    let mut session = failing.log_in().await;
    let (token, id) = make_token(failing.address, &mut session, "one", "1").await;
    failing.fail("ever");
    assert_eq!(failing.revoke(&session, &id).await, 503, "it cannot be kept");
    std::fs::remove_file(latchkey.path("fails")).unwrap();
    // It is taken up again, or the process ends: it does not stay as it is.
    let began = Instant::now();
    let ended = loop {
        if let Some(ended) = failing.child.try_wait().unwrap() {
            break Some(ended);
        }
        // It may end at this moment: no answer is none.
        let address = failing.address;
        let asking = async move { Request::get("/readyz").send(address).await.status };
        let ready = tokio::spawn(asking).await;
        if ready.is_ok_and(|status| status == 200) {
            break None;
        }
        assert!(began.elapsed() < SOON, "neither: {}", Failing::log_of(&latchkey));
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    if let Some(ended) = ended {
        assert_eq!(ended.code(), Some(1), "{}", Failing::log_of(&latchkey));
        let log = Failing::log_of(&latchkey);
        assert!(log.contains("could not be opened again by this process"), "{log}");
        drop(failing);
        failing = Failing::start(&latchkey);
    }
    let session = failing.log_in().await;
    let reported = failing.revoke(&session, &id).await;
    assert!([200, 409].contains(&reported), "{reported}");
    assert_eq!(status(failing.address, &token).await, 401);
}
