//! A new program in the place of the old one, while the socket stays with who supervises them: no
//! request is refused meanwhile.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use testkit::program::Serving;

use crate::support::{Latchkey, Request};

/// Hands its standard input over as systemd does a socket, and becomes the program.
const HAND_OVER: &str =
    "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\"";

/// The program on this socket.
fn serve_on(latchkey: &Latchkey, socket: &TcpListener, args: &[&str]) -> Serving {
    let socket = OwnedFd::from(socket.try_clone().unwrap());
    let command = latchkey.command_by(&["sh", "-c", HAND_OVER], args);
    latchkey.serve_with(command, Stdio::from(socket))
}

/// Asks again and again, each time on a connection of its own, until it is told to stop; every
/// request is answered.
async fn ask(address: SocketAddr, stop: Arc<AtomicBool>, answered: Arc<AtomicUsize>) {
    while !stop.load(Relaxed) {
        assert_eq!(Request::get("/healthz").send(address).await.status, 200);
        answered.fetch_add(1, Relaxed);
    }
}

async fn more(answered: &AtomicUsize) {
    let until = answered.load(Relaxed) + 50;
    let answering = async {
        while answered.load(Relaxed) < until {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), answering).await.expect("within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_program_follows_another_on_a_socket_no_request_is_refused() {
    let latchkey = Latchkey::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let args = ["serve", "--demo", "--listen", "127.0.0.1:1"];
    let first = serve_on(&latchkey, &socket, &args);
    assert_eq!(first.address, address, "the socket's counts");
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let asking: Vec<_> =
        (0..4).map(|_| tokio::spawn(ask(address, stop.clone(), answered.clone()))).collect();
    more(&answered).await;
    let (code, log) = tokio::task::spawn_blocking(move || first.terminate()).await.unwrap();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("server.listen counts for nothing"), "{log}");
    // On the same store: whoever asks waits for as long.
    let second = serve_on(&latchkey, &socket, &["serve", "--demo"]);
    more(&answered).await;
    stop.store(true, Relaxed);
    for asking in asking {
        asking.await.expect("each was answered");
    }
    let (code, log) = tokio::task::spawn_blocking(move || second.terminate()).await.unwrap();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("counts for nothing"), "there was nothing to say: {log}");
}

#[test]
fn what_is_no_socket_is_said_to_be_none() {
    let latchkey = Latchkey::new();
    let mut command = latchkey.command_by(&["sh", "-c", HAND_OVER], &["serve", "--demo"]);
    let ended = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let message = String::from_utf8_lossy(&ended.stderr);
    assert!(message.contains("only ListenStream= is possible"), "{message}");
}
