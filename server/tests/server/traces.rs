//! Traces as a collector gets them from the real program: which spans, of whose trace, and nothing
//! that is anybody's; and what becomes of requests while the collector is away or silent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::{Latchkey, Request};

/// A collector that writes down what it gets, and answers or does not.
struct Collector {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    fn listen(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<u8>>>::default();
        let hearing = heard.clone();
        // It ends with the tests.
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                if answers {
                    let heard = hearing.clone();
                    std::thread::spawn(move || while hear(&stream, &heard).is_some() {});
                } else {
                    kept.push(stream);
                }
            }
        });
        Self { address, heard }
    }

    /// How often this is in what came.
    fn count(&self, part: &[u8]) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.windows(part.len()).filter(|bytes| *bytes == part).count()
    }
}

/// Takes one request; none: there is no other.
fn hear(mut stream: &TcpStream, heard: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let from = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        let line = head[from..].to_ascii_lowercase();
        if let Some(given) = line.strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
    }
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/x-protobuf"), "{head}");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    heard.lock().unwrap().extend(body);
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}

/// The log of a server that was asked this, and was stopped in order.
fn log_of(collector: SocketAddr, demo: bool, adjust: &[(&str, &str)], ask: &[Request]) -> String {
    let latchkey = Latchkey::new();
    let mut args = vec!["serve", "--listen", "127.0.0.1:0"];
    args.extend(demo.then_some("--demo"));
    let mut command = latchkey.command(&args);
    command.env("LATCHKEY_TRACES_OTLP", format!("http://{collector}"));
    command.env("LATCHKEY_TRACES_RATIO", "100%");
    command.envs(adjust.iter().copied());
    let serving = latchkey.serve_by(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for request in ask {
        assert_ne!(runtime.block_on(request.send(serving.address)).status, 500);
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    log
}

#[test]
fn a_request_is_told_with_what_was_done_for_it_and_nothing_that_is_anybody_s() {
    let collector = Collector::listen(true);
    let fields = [("netid", "helen"), ("password", "wrong-and-secret"), ("next", "")];
    let log = log_of(
        collector.address,
        true,
        // A proxy that is for others.
        &[("http_proxy", "http://127.0.0.1:1")],
        &[
            Request::get("/login?secret=in-the-query").page(),
            Request::form("/fn/log_in?secret=in-the-query", &fields),
            Request::get("/auth/verify/helen").header("authorization", "token latchkey_nonsense"),
            Request::get("/helen/nowhere").header("x-request-id", "helen-s-own"),
            Request::new("HELEN", "/healthz"),
        ],
    );
    assert!(!log.contains("traces do not reach"), "{log}");
    for name in [
        "GET /login",
        "POST /fn/log_in",
        "GET /auth/verify/{*path}",
        "GET (none)",
        "_OTHER /healthz",
        "http.response.status_code",
        "password check",
        "surrealdb",
    ] {
        assert!(collector.count(name.as_bytes()) > 0, "{name}");
    }
    for secret in ["helen", "HELEN", "wrong-and-secret", "in-the-query", "latchkey_nonsense"] {
        assert_eq!(collector.count(secret.as_bytes()), 0, "{secret}");
    }
}

/// A trace of a proxy's, and the same that it does not want to be followed.
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NOT_SAMPLED: &str = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

#[test]
fn a_trusted_proxy_s_trace_is_taken_up_and_nobody_else_s() {
    let ids = [0x4b_u8, 0x5b].map(|first| {
        let mut id = *b"\0\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36";
        id[0] = first;
        id
    });
    let requests = [SAMPLED, NOT_SAMPLED].map(|parent| {
        let named = Request::get("/login").page().header("x-request-id", "0b8cf0c9-1b5e");
        named.header("traceparent", parent)
    });
    for (trusted, followed, spans) in [("127.0.0.1", true, 1), ("192.0.2.7", false, 2)] {
        let collector = Collector::listen(true);
        log_of(collector.address, false, &[("LATCHKEY_TRUSTED_PROXIES", trusted)], &requests);
        assert_eq!(collector.count(b"GET /login"), spans, "{trusted}");
        assert_eq!(collector.count(&ids[0]) > 0, followed, "{trusted}");
        assert_eq!(collector.count(b"0b8cf0c9-1b5e") > 0, followed, "{trusted}");
        assert_eq!(collector.count(&ids[1]), 0, "{trusted}");
    }
}

#[test]
fn a_collector_that_is_silent_or_away_holds_up_no_request_and_no_stop() {
    let many = vec![Request::get("/login").page(); 40];
    let silent = Collector::listen(false);
    let log = log_of(silent.address, true, &[], &many);
    assert!(log.contains("the last traces could not be sent"), "{log}");
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = log_of(away, true, &[], &many);
    assert_eq!(log.matches("traces do not reach the collector").count(), 1, "{log}");
}

#[test]
fn without_a_collector_nothing_is_sent_whatever_the_environment_of_others_says() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let latchkey = Latchkey::new();
    let mut command = latchkey.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("LATCHKEY_TRACES_OTLP", "");
    let serving = latchkey.serve_by(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(Request::get("/login").page().send(serving.address));
    assert_eq!(answer.status, 200);
    assert_eq!(serving.terminate().0, Some(0));
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
