//! `latchkey serve` as a process: a second one on its store, an address in use, an orderly stop, a
//! kill.

use std::net::SocketAddr;

use app::forms::Done;
use desk::{Desk, Settings};
use testkit::forms::new_token;

use testkit::program::Signal;

use crate::support::{Latchkey, Request, origin, secret};

fn settings(latchkey: &Latchkey) -> Settings {
    let store = format!("rocksdb://{}", latchkey.path("data").display());
    Settings { store, demo: true, hash_memory_kib: 64, hash_passes: 1, ..Settings::default() }
}

/// Makes a token of tia's in the store of a server that is not running.
async fn token(latchkey: &Latchkey) -> (desk::PlainToken, desk::TokenView) {
    let desk = Desk::open(settings(latchkey)).await.unwrap();
    desk.console().load_demo().await.unwrap();
    let permit = desk
        .console()
        .permit_as("tia", &secret("tia-local-password"), None, &origin())
        .await
        .unwrap();
    let made = desk.create_token(&permit, new_token("kept")).await.unwrap();
    desk.close().await;
    made
}

#[test]
fn a_second_process_on_the_same_store_is_told_so() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let ended = latchkey.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("in use by another latchkey process"), "{}", ended.err);
    let check = latchkey.run(&["check"]);
    assert_eq!((check.code, check.err.as_str()), (Some(0), ""));
    assert!(
        check.out.contains("Configuration: good.")
            && check.out.contains("in use by a running Latchkey, and was not looked at"),
        "{}",
        check.out
    );
    serving.kill();
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let latchkey = Latchkey::new();
    let nothing_began = |ended: &crate::support::Ended| {
        assert!(!ended.err.contains("commands are taken"), "{}", ended.err);
        assert!(!latchkey.path("data").exists(), "no store is made");
    };
    let ended = latchkey.run(&["serve", "--listen", &address]);
    assert_eq!(ended.code, Some(1));
    let message = format!("Cannot listen on {address}");
    assert!(ended.err.contains(&message) && ended.err.contains("another program"), "{}", ended.err);
    nothing_began(&ended);
    // For documentation (RFC 5737): no machine has it.
    let ended = latchkey.run(&["serve", "--listen", "192.0.2.1:3000"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("It is no address of this machine"), "{}", ended.err);
    nothing_began(&ended);
    latchkey.write("latchkey.toml", &format!("[metrics]\nlisten = \"{address}\"\n"));
    let ended = latchkey.run(&["serve", "--listen", testkit::program::ANY_PORT]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(&format!("{message} for metrics")), "{}", ended.err);
    nothing_began(&ended);
    latchkey.write("latchkey.toml", "[tls]\ncertificate = \"away.pem\"\nkey = \"away.key\"\n");
    let ended = latchkey.run(&["serve", "--listen", testkit::program::ANY_PORT]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("away.pem"), "{}", ended.err);
    nothing_began(&ended);
}

#[test]
fn a_stop_as_soon_as_it_listens_is_orderly() {
    for _ in 0..10 {
        let (code, log) = Latchkey::new().serve().terminate();
        assert_eq!(code, Some(0), "{log}");
    }
}

#[test]
fn the_end_of_its_terminal_is_an_orderly_stop_unless_it_is_to_go_on() {
    let latchkey = Latchkey::new();
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    // However these tests were started.
    let serving = latchkey.serve_by(latchkey.command_by(&["env", "--default-signal=HUP"], &serve));
    serving.signal(Signal::Hup);
    let (code, log) = serving.ended();
    assert!(code == Some(0) && log.contains("stopping"), "{code:?}: {log}");
    // As nohup starts it.
    let nohup = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""];
    let serving = latchkey.serve_by(latchkey.command_by(&nohup, &serve));
    serving.signal(Signal::Hup);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alive = runtime.block_on(Request::get("/healthz").send(serving.address));
    assert_eq!(alive.status, 200);
    assert_eq!(serving.terminate().0, Some(0));
}

/// What a log holds of what steers a terminal, or of a line that somebody else has written.
const STEERING: [char; 4] = ['\u{1b}', '\0', '\u{202e}', '\u{9b}'];

#[test]
fn nobody_chooses_how_long_a_line_of_the_log_is_or_what_it_does_to_a_terminal() {
    // No hex digit: so many of these would be somebody's secret.
    let long = "y".repeat(40_000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for format in ["text", "json"] {
        let latchkey = Latchkey::new();
        let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        command.env("LATCHKEY_LOG_FORMAT", format);
        let serving = latchkey.serve_by(command);
        let evil = "/x\u{202e}evil\u{9b}31m";
        let requests = [
            Request::new("POST", &format!("/{long}")),
            Request::new("GET", &format!("/{long}")),
            Request::new(&long.to_ascii_uppercase(), "/"),
            Request::new("POST", evil),
            Request::new("GET", evil),
        ];
        for _ in 0..20 {
            for request in &requests {
                runtime.block_on(request.send(serving.address));
            }
        }
        let (code, log) = serving.terminate();
        assert_eq!(code, Some(0));
        for line in log.lines() {
            assert!(line.len() < 1024 && !line.contains(STEERING), "{}: {line}", line.len());
        }
        assert!(log.lines().count() >= 100, "a line for each: {log}");
        assert!(log.contains("%E2%80%AEevil%C2%9B31m") && log.contains("yyy…"), "{log}");
        assert!(log.contains("cross-site request refused"), "{log}");
        if format == "json" {
            let line = log.lines().find(|line| line.contains("YYY…")).expect("the method");
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["ms"].is_u64() && line["status"].is_u64(), "{line}");
        }
    }
}

#[test]
fn a_stop_is_orderly_and_the_log_says_nothing_secret() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fields = [("netid", "tia"), ("password", "tia-netid-password"), ("next", "")];
    let answer = runtime
        .block_on(Request::form("/fn/log_in?secret=in-the-query", &fields).send(serving.address));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    let value = cookie.split(['=', ';']).nth(1).unwrap();
    runtime.block_on(
        Request::get("/auth/verify")
            .header("authorization", "token latchkey_nonsense")
            .send(serving.address),
    );
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0));
    assert!(log.contains("/fn/log_in") && log.contains("stopping"), "{log}");
    for secret in ["tia-netid-password", value, "latchkey_nonsense", "in-the-query"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

/// What the log says after requests that say this in `X-Forwarded-For`, sent from an address that
/// is trusted or not.
fn log_after(trusted: &str, forwarded: &[&[u8]]) -> String {
    let latchkey = Latchkey::new();
    let mut command = latchkey.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("LATCHKEY_TRUSTED_PROXIES", trusted);
    let serving = latchkey.serve_by(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for forwarded in forwarded {
        let request = Request::get("/login").page().raw_header("x-forwarded-for", forwarded);
        assert_eq!(runtime.block_on(request.send(serving.address)).status, 200, "{forwarded:?}");
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    log
}

#[test]
fn a_trusted_proxy_s_word_that_cannot_be_read_is_told_in_the_log_once_and_steers_nothing() {
    const WARNING: &str = "a trusted proxy does not say in X-Forwarded-For who asks";
    let long = "x".repeat(200);
    let unreadable: [&[u8]; 3] =
        ["un\u{202e}known, 10.0.0.1:x".as_bytes(), b"unknown", long.as_bytes()];
    let log = log_after("127.0.0.1", &unreadable);
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(WARNING)).collect();
    let [line] = lines.as_slice() else { panic!("once: {log}") };
    for part in [
        "WARN",
        "peer=127.0.0.1",
        "x-forwarded-for",
        "un·known, 10.0.0.1:x",
        "tokens that are bound to networks are refused",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!log.contains('\u{202e}') && !log.contains("not in proxy.trusted"), "{log}");
    let log = log_after("127.0.0.1", &[long.as_bytes()]);
    assert!(
        log.contains(WARNING) && log.contains(&"x".repeat(80)) && !log.contains(&"x".repeat(81)),
        "{log}"
    );
    let log = log_after("127.0.0.1", &[b"192.0.2.7", b"192.0.2.7:1234, [2001:db8::1]"]);
    assert!(!log.contains(WARNING), "{log}");
}

#[test]
fn who_forwards_and_is_not_trusted_is_told_in_the_log_once() {
    const WARNING: &str = "X-Forwarded-For comes from somebody who is not in proxy.trusted";
    let log = log_after("192.0.2.1", &[b"192.0.2.7", b"unknown"]);
    assert_eq!(
        log.lines()
            .filter(|line| line.contains(WARNING) && line.contains("peer=127.0.0.1"))
            .count(),
        1,
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let mut session = String::new();
    log_in(serving.address, &mut session).await;
    let one = make_token(serving.address, &mut session, "one", "1").await;
    let other = make_token(serving.address, &mut session, "other", "2").await;
    serving.kill();

    let serving = latchkey.serve();
    assert_eq!(
        [status(serving.address, &one.0).await, status(serving.address, &other.0).await],
        [200, 200]
    );
    post(serving.address, &mut session, "/fn/revoke_token", &[("id", &one.1)]).await;
    assert_eq!(status(serving.address, &one.0).await, 401, "at once");
    serving.kill();

    let serving = latchkey.serve();
    assert_eq!(
        [status(serving.address, &one.0).await, status(serving.address, &other.0).await],
        [401, 200]
    );
    let page = Request::get("/settings/auth-tokens")
        .page()
        .header("cookie", &session)
        .send(serving.address)
        .await;
    assert_eq!(page.status, 200, "the session goes on");
    serving.kill();
    assert_eq!(latchkey.run(&["audit", "verify", "--demo"]).code, Some(0));
}

/// Posts a form that must succeed, and keeps the session's cookie where it got a new one.
pub(super) async fn post(
    address: SocketAddr,
    session: &mut String,
    path: &str,
    fields: &[(&str, &str)],
) -> Done {
    let answer = Request::form(path, fields).header("cookie", session).send(address).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    if let Some(cookie) =
        answer.headers("set-cookie").iter().find(|cookie| cookie.starts_with("latchkey="))
    {
        cookie.split(';').next().unwrap().clone_into(session);
    }
    answer.decoded()
}

pub(super) async fn log_in(address: SocketAddr, session: &mut String) {
    post(
        address,
        session,
        "/fn/log_in",
        &[("netid", "tia"), ("password", "tia-netid-password"), ("next", "")],
    )
    .await;
}

/// The token and its id.
pub(super) async fn make_token(
    address: SocketAddr,
    session: &mut String,
    description: &str,
    form: &str,
) -> (String, String) {
    let fields = [
        ("form", form),
        ("description", description),
        ("expires", "30"),
        ("access", "full"),
        ("own_password", "tia-local-password"),
    ];
    let made = post(address, session, "/fn/create_token", &fields).await;
    let secret = made.secret.unwrap();
    let id = desk::PlainToken::parse(&secret).unwrap().id();
    (secret, id.to_string())
}

pub(super) async fn status(address: SocketAddr, token: &str) -> u16 {
    Request::get("/auth/verify")
        .header("authorization", &format!("token {token}"))
        .send(address)
        .await
        .status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_before_works_after_until_the_command_line_revokes_it() {
    let latchkey = Latchkey::new();
    let (token, view) = token(&latchkey).await;
    let ended = wait_for_store(
        &latchkey,
        &["token", "verify", "--demo", "--token-stdin", "--json"],
        token.expose(),
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let serving = latchkey.serve();
    assert_eq!(
        Request::get("/auth/verify")
            .token(&token)
            .send(serving.address)
            .await
            .header("remote-user")
            .as_deref(),
        Some("tia")
    );
    serving.terminate();
    assert!(latchkey.run(&["token", "list", "tia", "--demo"]).out.contains("used "));
    let ended = latchkey.run(&["token", "revoke", "tia", view.id.short(), "--demo"]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), "“kept” of tia revoked.\n"),
        "{}",
        ended.err
    );
    assert_eq!(
        latchkey.run_with(&["token", "verify", "--demo", "--token-stdin"], token.expose()).code,
        Some(4)
    );
    let serving = latchkey.serve();
    assert_eq!(Request::get("/auth/verify").token(&token).send(serving.address).await.status, 401);
}

/// This process lets go of a store's files a moment after it closed it.
fn wait_for_store(latchkey: &Latchkey, args: &[&str], input: &str) -> crate::support::Ended {
    for _ in 0..100 {
        let ended = latchkey.run_with(args, input);
        if !ended.err.contains("in use by another") {
            return ended;
        }
        std::thread::yield_now();
    }
    panic!("the store stays in use");
}
