//! Handshakes that do not come: they are connections like any other.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::HERE;
use crate::support::{Request, secure_world};

/// No test waits for longer: nothing that is to happen takes so long, however slow the machine.
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Beginnings of a handshake: none, its first byte, the head of a record of 512 bytes.
const BEGINNINGS: [&[u8]; 3] = [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"];

async fn sent(from: [u8; 4], address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    stream
}

async fn until_closed(stream: &mut TcpStream) {
    let mut read = Vec::new();
    let reading = stream.read_to_end(&mut read);
    let _ = tokio::time::timeout(TEST_TIMEOUT, reading).await.expect("closed within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_come_ends_in_the_time_of_a_head() {
    let (world, certificate) = secure_world(|limits| limits.head = Duration::from_secs(1)).await;
    for beginning in BEGINNINGS {
        until_closed(&mut sent(HERE, world.address, beginning).await).await;
    }
    // Nor does it gain time by coming bit by bit.
    let mut stream = sent(HERE, world.address, b"\x16\x03\x01\x40\x00").await;
    let dribble = async { while stream.write_all(b"\x01").await.is_ok() {} };
    tokio::time::timeout(TEST_TIMEOUT, dribble).await.expect("closed within a minute");
    // Nor by being over, and nothing asked.
    let mut stream = certificate.by_http1(HERE, world.address).await;
    let mut read = Vec::new();
    let reading = stream.read_to_end(&mut read);
    let _ = tokio::time::timeout(TEST_TIMEOUT, reading).await.expect("closed within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_do_not_come_keep_nobody_out() {
    let hour = Duration::from_hours(1);
    for beginning in BEGINNINGS {
        let (world, certificate) = secure_world(|limits| {
            limits.most = 32;
            limits.head = hour;
        })
        .await;
        let (token, _) = world.token("tia", "goes on").await;
        let mut held = Vec::new();
        for _ in 0..100 {
            held.push(sent(HERE, world.address, beginning).await);
            if held.len() % 10 == 0 {
                let stream = certificate.by_http1(HERE, world.address).await;
                let verify = Request::get("/auth/verify").token(&token);
                assert_eq!(verify.send_on(world.address, stream).await.status, 200);
            }
        }
        until_closed(&mut held[0]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_its_share_of_them() {
    let hour = Duration::from_hours(1);
    let (world, certificate) = secure_world(|limits| {
        limits.each = 16;
        limits.head = hour;
    })
    .await;
    let mut theirs = Vec::new();
    for _ in 0..100 {
        theirs.push(sent([127, 0, 0, 2], world.address, b"\x16").await);
    }
    let is_open = |stream: &TcpStream| match stream.try_read(&mut [0; 64]) {
        Ok(read) => read > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    };
    let closing = async {
        while theirs.iter().filter(|stream| is_open(stream)).count() > 16 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, closing).await.expect("closed within a minute");
    let beside = certificate.by_http1(HERE, world.address).await;
    assert_eq!(Request::get("/healthz").send_on(world.address, beside).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_none() {
    let (world, certificate) = secure_world(|limits| limits.head = Duration::from_hours(1)).await;
    let mut held = Vec::new();
    for beginning in BEGINNINGS {
        held.push(sent(HERE, world.address, beginning).await);
    }
    // They are there once another one was answered.
    let stream = certificate.by_http1(HERE, world.address).await;
    assert_eq!(Request::get("/healthz").send_on(world.address, stream).await.status, 200);
    tokio::time::timeout(Duration::from_secs(5), world.stop()).await.expect("it waits for nothing");
    for stream in &mut held {
        until_closed(stream).await;
    }
}
