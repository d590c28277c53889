//! A machine whose clock is set back while the server runs: it goes on, and stops in order. One
//! that is stuck ends all the same. The clock is a library's that is loaded before the system's
//! (`clock.c`), where there is a compiler for it; its hours take no time.

use std::process::{Command, Stdio};
use std::time::Duration;

use testkit::program::{ANY_PORT, Serving, Signal};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::serving::{log_in, make_token, status};
use crate::support::{Latchkey, Request};

/// No answer takes longer, and no stop that nobody has to help.
const IN_TIME: Duration = Duration::from_secs(10);

/// By so much time goes on at once: more than whatever is done regularly in the store waits for.
const AT_ONCE: u32 = 40;

/// Back by half an hour.
const BACK: i32 = -1800;

/// A server with a clock of its own.
struct Clock<'a> {
    latchkey: &'a Latchkey,
    /// By how many seconds the machine's time is off.
    off: i32,
    /// How many went by of a sudden.
    gone: u32,
}

impl<'a> Clock<'a> {
    /// None where nothing compiles the library.
    fn of(latchkey: &'a Latchkey) -> Option<Self> {
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-o"])
            .arg(latchkey.path("clock.so"))
            .arg("tests/server/command_line/clock.c");
        if !compiler.status().is_ok_and(|made| made.success()) {
            eprintln!("skipped: no C compiler here");
            return None;
        }
        let clock = Self { latchkey, off: 0, gone: 0 };
        clock.set(false);
        Some(clock)
    }

    fn serve(&self, store: &str) -> Serving {
        let serve = ["serve", "--demo", "--store", store, "--listen", ANY_PORT];
        let mut command = self.latchkey.command(&serve);
        command
            .env("LD_PRELOAD", self.latchkey.path("clock.so"))
            .env("CLOCK", self.latchkey.path("clock"))
            .env("TURNING", self.latchkey.path("turning"));
        self.latchkey.serve_with(command, Stdio::null())
    }

    /// Sets it; whether the runtime's threads are stuck from now on.
    fn set(&self, is_stuck: bool) {
        // At once, since it is read all the time.
        let text = format!("{} {} {}", self.off, self.gone, i32::from(is_stuck));
        self.latchkey.write("clock.new", &text);
        std::fs::rename(self.latchkey.path("clock.new"), self.latchkey.path("clock")).unwrap();
    }

    /// Lets time go by until the server has seen that it did: of a connection that says nothing it
    /// takes leave.
    async fn goes_on(&mut self, server: &Serving) {
        let mut silent = TcpStream::connect(server.address).await.unwrap();
        let mut nothing = [0; 1];
        loop {
            self.gone += AT_ONCE;
            self.set(false);
            // Whoever sleeps until something comes looks at the time then. What was being asked of
            // the store may have taken too long by that: what counts is that there is an answer.
            let request = Request::get("/readyz");
            let asking = request.send(server.address);
            tokio::time::timeout(IN_TIME, asking).await.expect("it answers");
            let left = tokio::time::timeout(Duration::from_millis(100), silent.read(&mut nothing));
            // An answer that it was too slow, an end, or one of the hard kind.
            if left.await.is_ok() {
                return;
            }
        }
    }
}

/// Waits until the token is taken.
async fn taken(server: &Serving, token: &str) {
    let taking = async { while status(server.address, token).await != 200 {} };
    tokio::time::timeout(IN_TIME, taking).await.expect("the token counts");
}

/// Asks it to stop, and waits for that; answers how it ended.
async fn stopped(server: Serving) -> (Option<i32>, String) {
    server.signal(Signal::Term);
    let ended = tokio::task::spawn_blocking(move || server.ended());
    tokio::time::timeout(IN_TIME, ended).await.expect("it ends in time").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_holds_nothing_up() {
    for store in ["rocksdb://store", "mem://"] {
        let latchkey = Latchkey::new();
        let Some(mut clock) = Clock::of(&latchkey) else { return };
        let server = clock.serve(store);
        let mut session = String::new();
        log_in(server.address, &mut session).await;
        let (token, _) = make_token(server.address, &mut session, "one", "1").await;
        // What the store does regularly it does a few times, and then with the clock set back.
        for off in [0, BACK] {
            clock.off = off;
            for _ in 0..8 {
                clock.goes_on(&server).await;
            }
            taken(&server, &token).await;
        }
        assert!(!latchkey.path("turning").exists(), "{store}: a thread waits for the clock");
        let (code, log) = stopped(server).await;
        assert_eq!(code, Some(0), "{store}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_even_where_every_thread_of_the_runtime_is_stuck() {
    let latchkey = Latchkey::new();
    let Some(clock) = Clock::of(&latchkey) else { return };
    let server = clock.serve("mem://");
    clock.set(true);
    server.signal(Signal::Term);
    server.signal(Signal::Term);
    // Where the two are taken for one, as long as a stop may take.
    let ended = tokio::task::spawn_blocking(move || server.ended());
    let ended = tokio::time::timeout(Duration::from_secs(30), ended).await;
    let (code, log) = ended.expect("it ends").unwrap();
    assert_eq!(code, None, "by force: {log}");
}
