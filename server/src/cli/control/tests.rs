//! A server's side of a command, with a caller who is not always honest.

use std::sync::Arc;

use futures::FutureExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

use super::listening::{Host, MAX_COMMANDS};
use super::session::Session;
use super::store_id;
use crate::cli::terminal::framing::{Frames, MAX_FRAME, framed};
use crate::cli::terminal::protocol::{
    Answer, Call, Facts, Hello, PROTOCOL, Request, Run, StoreId, VERSION, decode, encode,
};
use crate::config::{Configuration, Sections};

const FACTS: Facts =
    Facts { output_is_terminal: false, errors_are_terminal: false, width: Some(80) };

/// A host with a store in memory, and its stop.
struct World {
    host: Arc<Host>,
    cut: watch::Sender<bool>,
}

impl World {
    async fn new() -> Self {
        let mut sections = Sections::default();
        "mem://".clone_into(&mut sections.store.url);
        let configuration = Configuration::from_sections(sections).expect("it makes sense");
        let desk = desk::Desk::open(configuration.desk.clone()).await.expect("opened");
        Self { host: Host::new(&configuration, &desk), cut: watch::channel(false).0 }
    }

    /// Somebody who calls and has said nothing yet.
    fn call(&self) -> Caller {
        let (own, other) = UnixStream::pair().expect("a pair");
        tokio::spawn(Session::new(self.host.clone(), 0, self.cut.subscribe()).run(other));
        let (reader, writer) = own.into_split();
        Caller { frames: Frames::new(reader), writer, body: Vec::new() }
    }

    /// Somebody who has said what they want.
    async fn run(&self, args: &[&str]) -> Caller {
        let mut caller = self.call();
        let hello = caller.greet(VERSION, PROTOCOL).await;
        assert_eq!(hello.refused, None);
        let store = store_id(&self.host.configuration.desk);
        let run = Run::new(args.iter().map(Into::into), FACTS);
        caller.send(&encode(&Request { store, run: Some(run) }).expect("encoded")).await;
        caller
    }

    /// Until no command runs any more.
    async fn has_ended_all(&self) {
        while self.host.commands.available_permits() < MAX_COMMANDS {
            tokio::task::yield_now().await;
        }
    }
}

/// Whoever calls.
struct Caller {
    frames: Frames<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    body: Vec<u8>,
}

impl Caller {
    async fn send(&mut self, body: &[u8]) {
        self.writer.write_all(&framed(body).expect("small")).await.expect("sent");
    }

    async fn greet(&mut self, latchkey: &str, protocol: u32) -> Hello {
        let hello = Hello { latchkey: latchkey.to_owned(), protocol, refused: None };
        self.send(&serde_json::to_vec(&hello).expect("JSON")).await;
        let answer = self.frames.next().await.expect("read").expect("a hello");
        serde_json::from_slice(&answer).expect("a hello")
    }

    /// What the server calls for; none: it has closed the connection.
    async fn next(&mut self) -> Option<Call<'_>> {
        // Whether it is closed with something unread makes no difference.
        self.body = self.frames.next().await.ok()??;
        Some(decode(&self.body).expect("a call"))
    }

    async fn answer(&mut self, answer: &Answer<'_>) {
        self.send(&encode(answer).expect("encoded")).await;
    }

    /// Goes on to the end as an honest caller who types nothing; what came out, and the exit code.
    async fn read_all(&mut self) -> (String, String, u8) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = loop {
            match self.next().await.expect("not the end yet") {
                Call::Output(bytes) => out.extend_from_slice(bytes),
                Call::Error(bytes) => err.extend_from_slice(bytes),
                Call::Flush => {}
                Call::Exit(code) => break code,
                call => panic!("{call:?}"),
            }
            self.answer(&Answer::Done).await;
        };
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(out), text(err), code)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_what_it_would_say_at_its_own_terminal() {
    let world = World::new().await;
    let added = world.run(&["client", "add", "rt"]).await.read_all().await;
    assert!(added.0.contains("client_secret") && added.2 == 0, "{added:?}");
    let list = world.run(&["client", "list"]).await.read_all().await;
    assert!(list.0.contains("rt") && list.1.is_empty(), "{list:?}");
    let refused = world.run(&["user", "disable", "nobody"]).await.read_all().await;
    assert!(refused.1.starts_with("latchkey: ") && refused.2 == 3, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_for_a_server_is_not_done() {
    let world = World::new().await;
    for args in [&["serve"][..], &["config"], &["check"], &["seed"], &["token", "create"]] {
        let (out, err, code) = world.run(args).await.read_all().await;
        assert_eq!((out.as_str(), code), ("", 1), "{args:?}");
        assert_eq!(err, "latchkey: No server does this for others.\n");
    }
    let (_, err, code) = world.run(&["nonsense"]).await.read_all().await;
    assert!(code == 2 && err.contains("nonsense"), "{err}");
    // Nor is another store than the server's looked at, or another kind.
    let other = ["user", "list", "--json", "--store", "rocksdb://elsewhere"];
    assert_eq!(world.run(&other).await.read_all().await.0, "[]\n");
    let (_, err, code) = world.run(&["user", "list", "--demo"]).await.read_all().await;
    assert!(code == 1 && err.contains("is not a demo's"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_typed_at_the_caller_s_keyboard() {
    let world = World::new().await;
    let mut import = world.run(&["user", "import", "-"]).await;
    let mut people: &[u8] = b"netid,name,privileged\nsam,Sam,yes\n";
    loop {
        match import.next().await.expect("a call") {
            Call::Input(limit) => {
                assert!(limit > 0);
                import.answer(&Answer::Data(people)).await;
                people = b"";
            }
            Call::Output(text) => {
                assert_eq!(text, b"1 created, 0 updated, 0 unchanged.\n");
                import.answer(&Answer::Done).await;
            }
            call => {
                assert!(matches!(call, Call::Exit(0)), "{call:?}");
                break;
            }
        }
    }
    let mut set = world.run(&["user", "set-password", "sam"]).await;
    for expected in ["New local password of sam", "Retype new password"] {
        assert!(matches!(set.next().await, Some(Call::Ask(prompt)) if prompt == expected));
        set.answer(&Answer::Text("brisk amber violin meadow")).await;
    }
    let (out, _, code) = set.read_all().await;
    assert!(code == 0 && out.starts_with("Initial local password set for sam."), "{out}");
    let mut set = world.run(&["user", "set-password", "sam"]).await;
    assert!(matches!(set.next().await, Some(Call::Ask(_))));
    set.answer(&Answer::Failed(None, "no keyboard")).await;
    let (_, err, code) = set.read_all().await;
    assert!(code == 1 && err.contains("There is no terminal to ask on."), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_caller_who_has_not_taken_what_came_before() {
    let world = World::new().await;
    for n in 0..40 {
        world.host.desk.console().add_client(&format!("client{n}")).await.expect("added");
    }
    let mut slow = world.run(&["audit", "tail", "-n", "40", "--json"]).await;
    assert!(matches!(slow.next().await, Some(Call::Output(_))));
    // Others come and go meanwhile.
    for _ in 0..3 {
        let (out, _, code) = world.run(&["audit", "verify"]).await.read_all().await;
        assert!(code == 0 && out.contains("every chain holds."), "{out}");
    }
    assert!(slow.frames.next().now_or_never().is_none(), "nothing more has come");
    slow.answer(&Answer::Done).await;
    let (out, _, code) = slow.read_all().await;
    assert_eq!((out.lines().count(), code), (39, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_waits_for_end_it() {
    let world = World::new().await;
    for n in 0..200 {
        world.host.desk.console().add_client(&format!("client{n}")).await.expect("added");
    }
    let mut hasty = world.run(&["audit", "tail", "-n", "200", "--json"]).await;
    let answer = framed(&encode(&Answer::Done).expect("encoded")).expect("small");
    // It may be closed before all of them are there.
    let _ = hasty.writer.write_all(&answer.repeat(1000)).await;
    while let Some(call) = hasty.next().await {
        assert!(matches!(call, Call::Output(_)), "{call:?}");
    }
    world.has_ended_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_commands_run_at_once_and_one_that_is_left_makes_room() {
    let world = World::new().await;
    let mut running = Vec::new();
    for _ in 0..MAX_COMMANDS {
        let mut caller = world.run(&["user", "import", "-"]).await;
        assert!(matches!(caller.next().await, Some(Call::Input(_))));
        running.push(caller);
    }
    let mut one_more = world.run(&["user", "list"]).await;
    let refused = one_more.next().await;
    assert!(
        matches!(refused, Some(Call::Refused(why)) if why.contains("try again")),
        "{refused:?}"
    );
    // Whoever has gone has typed half a file, of which nothing becomes anything.
    let mut leaving = running.remove(0);
    leaving.answer(&Answer::Data(b"netid,name\nsam,Sam\n")).await;
    assert!(matches!(leaving.next().await, Some(Call::Input(_))));
    drop(leaving);
    while world.host.commands.available_permits() == 0 {
        tokio::task::yield_now().await;
    }
    let (out, _, code) = world.run(&["user", "list", "--json"]).await.read_all().await;
    assert_eq!((out.as_str(), code), ("[]\n", 0));
    drop(running);
    world.has_ended_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_when_the_server_stops() {
    let world = World::new().await;
    let mut waiting = world.run(&["user", "import", "-"]).await;
    assert!(matches!(waiting.next().await, Some(Call::Input(_))));
    let _ = world.cut.send(true);
    let last = waiting.next().await;
    assert!(
        matches!(last, Some(Call::Refused(why)) if why.starts_with("The server stopped before")),
        "{last:?}"
    );
    assert!(waiting.next().await.is_none());
    world.has_ended_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_told_so_and_nothing_is_done() {
    let world = World::new().await;
    for (version, protocol) in [("0.0.1", PROTOCOL), (VERSION, PROTOCOL + 1)] {
        let mut caller = world.call();
        let hello = caller.greet(version, protocol).await;
        assert_eq!((hello.latchkey.as_str(), hello.protocol), (VERSION, PROTOCOL));
        let why = hello.refused.expect("refused");
        assert!(why.contains(version) && why.contains("restart the server"), "{why}");
        assert!(caller.next().await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_is_not_the_server_s() {
    let world = World::new().await;
    for store in [StoreId::Folder(1, 2), StoreId::Address("rocksdb://data".to_owned())] {
        let mut caller = world.call();
        caller.greet(VERSION, PROTOCOL).await;
        let run = Some(Run::new(["user".into(), "list".into()], FACTS));
        caller.send(&encode(&Request { store, run }).expect("encoded")).await;
        assert!(matches!(caller.next().await, Some(Call::OtherStore)));
    }
    // Whoever only looks is told that it is there.
    let mut caller = world.call();
    caller.greet(VERSION, PROTOCOL).await;
    let request = Request { store: StoreId::Address("mem://".to_owned()), run: None };
    caller.send(&encode(&request).expect("encoded")).await;
    assert!(matches!(caller.next().await, Some(Call::Exit(0))));
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_ends_the_connection_and_nothing_else() {
    let world = World::new().await;
    let too_large = (u32::try_from(MAX_FRAME).expect("small") + 1).to_be_bytes();
    for junk in [&b"GET / HTTP/1.1\r\n\r\n"[..], &too_large, &[0, 0, 0, 1, b'{'], &[0, 0, 0, 0]] {
        let mut caller = world.call();
        caller.writer.write_all(junk).await.expect("sent");
        assert!(caller.next().await.is_none(), "{junk:?}");
    }
    // After an honest beginning, too.
    for junk in [&[0xFF; 9][..], &[]] {
        let mut caller = world.call();
        caller.greet(VERSION, PROTOCOL).await;
        caller.send(junk).await;
        assert!(caller.next().await.is_none(), "{junk:?}");
    }
    // And in the middle of a command: an answer that is none is as if there were nobody.
    let mut caller = world.run(&["user", "import", "-"]).await;
    assert!(matches!(caller.next().await, Some(Call::Input(_))));
    let _ = caller.writer.write_all(&too_large).await;
    assert!(caller.next().await.is_none());
    world.has_ended_all().await;
    let (out, _, code) = world.run(&["user", "list", "--json"]).await.read_all().await;
    assert_eq!((out.as_str(), code), ("[]\n", 0));
}
