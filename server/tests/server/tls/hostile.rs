//! Whoever speaks HTTP/2 to do harm, by frames written by hand: somebody else goes on, and the
//! program does not grow.

use std::net::SocketAddr;
use std::time::Duration;

use testkit::program::ANY_PORT;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::HERE;
use crate::support::http2::{frame, head, preface};
use crate::support::{Certificate, Latchkey, Request, secure_world};

/// No test waits for longer: nothing that is to happen takes so long, however slow the machine.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;

/// Of HEADERS: all of it is in this frame; and of the stream too.
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

/// The numbers of streams that a client begins.
fn streams(many: u32) -> impl Iterator<Item = u32> {
    (0..many).map(|n| 2 * n + 1)
}

/// Sends it on a connection of its own until all is sent or the other side has enough; gives the
/// connection, and whether it takes all of it.
async fn send(certificate: &Certificate, address: SocketAddr, bytes: Vec<u8>) -> bool {
    let mut stream = certificate.by_http2(HERE, address).await;
    let sent = stream.write_all(&preface()).await.is_ok() && stream.write_all(&bytes).await.is_ok();
    // Nothing is read meanwhile: what it answers to is in its own way.
    let mut answered = Vec::new();
    let read = stream.read_to_end(&mut answered);
    sent && tokio::time::timeout(TEST_TIMEOUT, read).await.is_err()
}

/// Whether somebody else is answered.
async fn goes_on(certificate: &Certificate, address: SocketAddr) {
    let stream = certificate.by_http1(ELSEWHERE, address).await;
    assert_eq!(Request::get("/auth/verify").send_on(address, stream).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_are_begun_and_given_up_end_their_connection() {
    let (world, certificate) = secure_world(|_| {}).await;
    let mut bytes = Vec::new();
    for stream in streams(10_000) {
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &head("/login")));
        bytes.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    assert!(!send(&certificate, world.address, bytes).await, "it has enough");
    goes_on(&certificate, world.address).await;
}

/// One at a time, so that each is looked at before it is given up.
#[tokio::test(flavor = "multi_thread")]
async fn so_do_those_that_are_given_up_one_by_one() {
    let (world, certificate) = secure_world(|_| {}).await;
    let mut stream = certificate.by_http2(HERE, world.address).await;
    stream.write_all(&preface()).await.unwrap();
    let giving_up = async {
        for number in streams(1_000_000) {
            // A body that never comes: it is not answered before it is given up.
            let length = [0x0f, 0x0d, 3, b'9', b'9', b'9'];
            let mut form = vec![0x83, 0x87, 1, 9];
            form.extend(b"localhost");
            form.extend([4, 11]);
            form.extend(b"/fn/log_out");
            form.extend(length);
            form.extend(b"\0\x0esec-fetch-site\x0bsame-origin");
            let mut bytes = frame(HEADERS, END_HEADERS, number, &form);
            bytes.extend(frame(PING, 0, 0, &u64::from(number).to_be_bytes()));
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
            // What it has answered to the ping, it has looked at what came before.
            let mut answered = vec![0; 17];
            if stream.read(&mut answered).await.unwrap_or(0) == 0 {
                return;
            }
            let reset = frame(RST_STREAM, 0, number, &8_u32.to_be_bytes());
            if stream.write_all(&reset).await.is_err() {
                return;
            }
        }
        panic!("it goes on and on");
    };
    tokio::time::timeout(TEST_TIMEOUT, giving_up).await.expect("ended within a minute");
    goes_on(&certificate, world.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_ends_its_connection() {
    let (world, certificate) = secure_world(|_| {}).await;
    let mut bytes = frame(HEADERS, END_STREAM, 1, &head("/login"));
    // A header that nobody knows, 100 bytes long, again and again.
    let mut header = vec![0, 1, b'x', 100];
    header.extend([b'y'; 100]);
    for _ in 0..200 {
        bytes.extend(frame(CONTINUATION, 0, 1, &header.repeat(150)));
    }
    assert!(!send(&certificate, world.address, bytes).await, "it has enough");
    goes_on(&certificate, world.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_what_is_to_be_answered_keeps_nobody_out() {
    let (world, certificate) = secure_world(|_| {}).await;
    // Each is to be acknowledged: first all of them are sent, by somebody who reads nothing.
    let floods = [
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 255, 255]).repeat(10_000),
        frame(PING, 0, 0, b"whatever").repeat(10_000),
    ];
    for flood in floods {
        let mut stream = certificate.by_http2(HERE, world.address).await;
        stream.write_all(&preface()).await.unwrap();
        let sending = tokio::spawn(async move {
            // It may be ended, or never taken.
            let _ = stream.write_all(&flood).await;
            stream
        });
        for _ in 0..20 {
            goes_on(&certificate, world.address).await;
        }
        sending.abort();
    }
}

/// How much memory a process takes, in KiB.
fn memory(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is there");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Answers that nobody takes, and bodies that are announced: as many as connections and streams
/// may be of one address.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_costs_no_more_than_as_many_connections_may() {
    const CONNECTIONS: usize = 64;
    let (latchkey, certificate) = (Latchkey::new(), Certificate::new());
    latchkey.write("latchkey.toml", &certificate.section());
    let mut command = latchkey.command(&["serve", "--demo", "--listen", ANY_PORT]);
    // Nobody reads the log before the end, and a line a request fills what is between them.
    command.env("LATCHKEY_LOG", "warn");
    let serving = latchkey.serve_by(command);
    let address = serving.address;
    // What it takes for the first time, it keeps.
    goes_on(&certificate, address).await;
    let before = memory(serving.id());
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = certificate.by_http2(HERE, address).await;
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // SETTINGS_INITIAL_WINDOW_SIZE: nothing of any answer.
        bytes.extend(frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]));
        for number in streams(32) {
            let head = head("/api/v1/openapi.json");
            bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, number, &head));
        }
        stream.write_all(&bytes).await.unwrap();
        held.push(stream);
    }
    for _ in 0..20 {
        goes_on(&certificate, address).await;
    }
    let grown = memory(serving.id()).saturating_sub(before);
    // 180 KiB is what a connection by HTTP/1.1 may take (docs/operations/running.md); here are its
    // own and its streams', of which an address has 1024 in all.
    assert!(grown < 1024 * 180, "{grown} KiB");
    drop(held);
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
}
