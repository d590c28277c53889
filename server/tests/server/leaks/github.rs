//! GitHub reports what it has found: by its own published example, and by a key of these tests,
//! which a server of theirs publishes as GitHub does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::PlainToken;
use http::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Answer, Request, World, world, world_with};

/// GitHub's example: <https://docs.github.com/en/code-security/secret-scanning>.
const NAME: &str = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c";
const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\n\
    AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n\
    -----END PUBLIC KEY-----\n";
const BODY: &str = "[{\"source\":\"commit\",\"token\":\"some_token\",\"type\":\"some_type\",\
    \"url\":\"https://example.com/base-repo-url/\"}]";
const SIGNATURE: &str = "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1Rt\
    BY66YcAdjxji410VQV4xg==";

/// What stands before the point in a public key of P-256.
const BEFORE_POINT: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Publishes keys, and signs by one of its own.
struct GitHub {
    own: EcdsaKeyPair,
    address: String,
    fetches: Arc<AtomicU32>,
}

impl GitHub {
    /// With a key of its own beside that of the example; or one that answers nothing but this.
    async fn answering(status: StatusCode) -> Self {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .unwrap();
        let own = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            document.as_ref(),
            &SystemRandom::new(),
        )
        .unwrap();
        let der = [&BEFORE_POINT[..], own.public_key().as_ref()].concat();
        let text = STANDARD.encode(der);
        let (first, rest) = text.split_at(64);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{rest}\n-----END PUBLIC KEY-----");
        let published = json!({ "public_keys": [
            { "key_identifier": "own", "key": pem, "is_current": true },
            { "key_identifier": NAME, "key": KEY, "is_current": false },
        ] });
        let fetches = Arc::new(AtomicU32::new(0));
        let counted = fetches.clone();
        let keys = get(move || {
            counted.fetch_add(1, SeqCst);
            let body = published.to_string();
            async move { (status, body) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        let server = axum::serve(listener, Router::new().route("/keys", keys));
        tokio::spawn(server.into_future());
        Self { own, address, fetches }
    }

    async fn new() -> Self {
        Self::answering(StatusCode::OK).await
    }

    /// A desk to which it reports.
    async fn desk(&self) -> World {
        world_with(|keys| {
            keys.leaks.github = true;
            keys.leaks.github_keys.clone_from(&self.address);
        })
        .await
    }

    fn signed(&self, body: &str) -> Request {
        let signature = self.own.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        report("own", &STANDARD.encode(signature), body)
    }
}

fn report(name: &str, signature: &str, body: &str) -> Request {
    Request::new("POST", "/leaks/github")
        .header("content-type", "application/json")
        .header("github-public-key-identifier", name)
        .header("github-public-key-signature", signature)
        .body(body.as_bytes().to_vec())
}

fn matches_of(tokens: &[&str]) -> String {
    let found = |token: &&str| {
        json!({
            "token": token, "type": "latchkey_token", "source": "content",
            "url": "https://github.com/octocat/hello/blob/1234/a.txt",
        })
    };
    tokens.iter().map(found).collect::<Value>().to_string()
}

fn labels(answer: &Answer) -> Vec<String> {
    let label = |label: &Value| label["label"].as_str().unwrap().to_owned();
    answer.json().as_array().unwrap().iter().map(label).collect()
}

async fn works(world: &World, token: &PlainToken) -> bool {
    world.send(Request::get("/auth/verify").token(token)).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn githubs_own_example_is_accepted_and_with_any_byte_changed_it_is_not() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    let answer = world.send(report(NAME, SIGNATURE, BODY)).await;
    assert_eq!((answer.status, labels(&answer)), (200, vec!["false_positive".to_owned()]));
    assert_eq!(answer.json()[0]["token_type"], "some_type");
    for at in (0..BODY.len()).step_by(7) {
        let mut body = BODY.as_bytes().to_vec();
        body[at] ^= 1;
        let request = report(NAME, SIGNATURE, "").body(body);
        assert_eq!(world.send(request).await.status, 403, "byte {at}");
    }
    for (name, signature, body) in [
        ("own", SIGNATURE, BODY),
        (NAME, "", BODY),
        (NAME, "no base64", BODY),
        (NAME, &SIGNATURE[4..], BODY),
        ("", SIGNATURE, BODY),
        (NAME, SIGNATURE, "[]"),
        (NAME, SIGNATURE, ""),
    ] {
        let answer = world.send(report(name, signature, body)).await;
        assert_eq!(answer.status, 403, "{name} {signature} {body}");
    }
    let twice = report(NAME, SIGNATURE, BODY).header("github-public-key-signature", SIGNATURE);
    assert_eq!(world.send(twice).await.status, 403);
    for missing in ["github-public-key-identifier", "github-public-key-signature"] {
        let request = report(NAME, SIGNATURE, BODY).without(missing);
        assert_eq!(world.send(request).await.status, 403, "{missing}");
    }
    assert_eq!(github.fetches.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_token_works_no_more_and_github_learns_which_were() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    let (token, view) = world.token("tia", "Ticket sync").await;
    let (kept, _) = world.token("tia", "kept").await;
    let stranger = PlainToken::random();
    let body = matches_of(&[token.expose(), stranger.expose(), "some text", token.expose()]);
    let forged = report("own", SIGNATURE, &body);
    assert_eq!(world.send(forged).await.status, 403);
    assert!(works(&world, &token).await, "who cannot show the signature ends nothing");
    let answer = world.send(github.signed(&body)).await;
    let [yes, no] = ["true_positive", "false_positive"].map(str::to_owned);
    assert_eq!(answer.status, 200);
    assert_eq!(labels(&answer), [yes.clone(), no.clone(), no, yes]);
    assert!(!answer.text().contains(token.expose()));
    assert_eq!(answer.json()[0]["token_hash"], view.id.as_str());
    assert!(!works(&world, &token).await && works(&world, &kept).await);
    let (action, _, detail) = world.last_audit("tia").await;
    assert_eq!(action, "token.leaked");
    let place = "reported by GitHub at https://github.com/octocat/hello/blob/1234/a.txt; last used";
    assert!(detail.contains(place), "{detail}");
    let unreadable = world.send(github.signed("{}")).await;
    assert_eq!(unreadable.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_no_keys_has_github_asked_once_and_not_again_at_once() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    for n in 0..20 {
        let answer = world.send(report(&format!("made up {n}"), SIGNATURE, BODY)).await;
        assert_eq!(answer.status, 403, "{n}");
    }
    assert_eq!(world.send(report(NAME, SIGNATURE, BODY)).await.status, 200);
    assert_eq!(github.fetches.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_its_keys_cannot_be_had_it_is_to_come_again() {
    let github = GitHub::answering(StatusCode::FORBIDDEN).await;
    let world = github.desk().await;
    for _ in 0..5 {
        let answer = world.send(report(NAME, SIGNATURE, BODY)).await;
        assert_eq!(answer.status, 503);
        assert!(answer.header("retry-after").is_some());
    }
    assert_eq!(github.fetches.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_may_be_large_and_not_without_end() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    let (token, _) = world.token("tia", "among many").await;
    let mut strings = vec!["some text"; 1500];
    strings.push(token.expose());
    let body = matches_of(&strings);
    assert!(body.len() > 128 * 1024);
    let answer = world.send(github.signed(&body)).await;
    assert_eq!((answer.status, labels(&answer).len()), (200, 1501));
    assert!(!works(&world, &token).await);
    let endless = "x".repeat(1024 * 1024 + 1);
    assert_eq!(world.send(github.signed(&endless)).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn unless_it_is_wanted_there_is_no_such_door() {
    let world = world().await;
    assert_eq!(world.send(report(NAME, SIGNATURE, BODY)).await.status, 404);
}

/// A report by an unknown hand whose body never comes. Its server says when it waits for that.
async fn without_a_body(world: &World, from: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(world.address).await.unwrap();
    let head = format!(
        "POST /leaks/github HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\nexpect: 100-continue\r\n\
         github-public-key-identifier: {NAME}\r\ngithub-public-key-signature: AAAA\r\n\r\n",
        world.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_whose_bodies_never_come_keep_no_report_of_githubs_out() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    let mut held = Vec::new();
    // One after the other: each that is read has a place when the next comes.
    for address in 2..=5 {
        for _ in 0..2 {
            let mut stream = without_a_body(&world, [127, 0, 0, address]).await;
            let mut begins = [0; 12];
            stream.read_exact(&mut begins).await.unwrap();
            assert_eq!(&begins, b"HTTP/1.1 100");
            held.push(stream);
        }
    }
    // They have theirs, and no more.
    for _ in 0..16 {
        held.push(without_a_body(&world, [127, 0, 0, 2]).await);
    }
    let answer = world.send(github.signed(&matches_of(&["some text"]))).await;
    assert_eq!((answer.status, labels(&answer)), (200, vec!["false_positive".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_sending_what_github_has_not_signed_has_to_wait_and_github_has_not() {
    let github = GitHub::new().await;
    let world = github.desk().await;
    let forged = report(NAME, "AAAA", BODY);
    for n in 0..60 {
        assert_eq!(world.send(forged.clone()).await.status, 403, "{n}");
    }
    let answer = world.send(forged).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    let signed = github.signed(&matches_of(&["some text"]));
    assert_eq!(signed.send_from([127, 0, 0, 2], world.address).await.status, 200);
}
