//! A new program in the place of the old one, while the socket stays with who supervises them: no
//! request is refused meanwhile.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use testkit::program::Serving;

use crate::support::http2::Http2;
use crate::support::{Certificate, Latchkey, Request};

/// How many programs follow each other.
const PROGRAMS: usize = 4;

/// Hands its standard input over as systemd does a socket, and becomes the program.
const HAND_OVER: &str =
    "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\"";

/// The program on this socket.
fn serve_on(latchkey: &Latchkey, socket: &TcpListener, args: &[&str]) -> Serving {
    let socket = OwnedFd::from(socket.try_clone().unwrap());
    let mut command = latchkey.command_by(&["sh", "-c", HAND_OVER], args);
    // Nobody reads the log before the end, and a line a request fills what is between them.
    command.env("LATCHKEY_LOG", "warn");
    latchkey.serve_with(command, Stdio::from(socket))
}

/// What is spoken.
#[derive(Clone, Copy, Debug)]
enum By {
    Http,
    Https,
    Http2,
}

/// Asks again and again, each time on a connection of its own, until it is told to stop; every
/// request is answered.
async fn ask(
    (address, by, certificate): (SocketAddr, By, Arc<Certificate>),
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) {
    const HERE: [u8; 4] = [127, 0, 0, 1];
    let healthz = Request::get("/healthz");
    while !stop.load(Relaxed) {
        let status = match by {
            By::Http => healthz.send(address).await.status,
            By::Https => {
                let stream = certificate.by_http1(HERE, address).await;
                healthz.send_on(address, stream).await.status
            }
            By::Http2 => {
                let client = Http2::on(certificate.by_http2(HERE, address).await).await;
                client.status("/healthz").await.unwrap()
            }
        };
        assert_eq!(status, 200, "{by:?}");
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

/// Has one program follow another on a socket while these ask.
async fn follow_each_other(latchkey: &Latchkey, certificate: Certificate, by: &[By]) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let certificate = Arc::new(certificate);
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut asking = Vec::new();
    for number in 0..PROGRAMS {
        // On the same store: whoever asks waits for as long.
        let configured: &[&str] = if number == 0 { &["--listen", "127.0.0.1:1"] } else { &[] };
        let args = [&["serve", "--demo"][..], configured].concat();
        let serving = serve_on(latchkey, &socket, &args);
        assert_eq!(serving.address, address, "the socket's counts");
        if asking.is_empty() {
            asking.extend(by.iter().map(|by| {
                let whom = (address, *by, certificate.clone());
                tokio::spawn(ask(whom, stop.clone(), answered.clone()))
            }));
        }
        more(&answered).await;
        if number == PROGRAMS - 1 {
            stop.store(true, Relaxed);
            for asking in asking.drain(..) {
                asking.await.expect("each was answered");
            }
        }
        let (code, log) = tokio::task::spawn_blocking(move || serving.terminate()).await.unwrap();
        assert_eq!(code, Some(0), "{log}");
        // Where there was nothing to say, it is not said.
        assert_eq!(log.contains("server.listen counts for nothing"), number == 0, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_program_follows_another_on_a_socket_no_request_is_refused() {
    follow_each_other(&Latchkey::new(), Certificate::new(), &[By::Http; 4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_one_by_https_whose_connection_has_just_begun() {
    let (latchkey, certificate) = (Latchkey::new(), Certificate::new());
    latchkey.write("latchkey.toml", &certificate.section());
    let by = [By::Https, By::Http2, By::Https, By::Http2];
    follow_each_other(&latchkey, certificate, &by).await;
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
