//! A receiver on the network that refuses, is slow, is silent, goes away in the middle of a message
//! or is not there at first: each row arrives, in its order, and as it is.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::AuditRow;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::Target;
use super::network::Timeouts;
use super::tests::{IN_TIME, Streaming, all_rows, log_in_oddly, odd_world, to};
use crate::config::{AuditStreamTo, Authorities, StreamTarget};

/// What the receiver does with a connection.
#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Closes it at once.
    Refuses,
    /// Reads so many bytes, and closes it.
    CutsAfter(usize),
    /// Reads nothing, and keeps it.
    Silent,
    /// Reads everything, and keeps it open.
    NeverCloses,
    /// Reads a few bytes at a time.
    Slow,
    /// Reads everything, and ends the connection as TLS has it.
    SaysItsEnd,
}

/// Whatever it has heard, a connection after the other.
type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

struct Receiver {
    address: SocketAddr,
    heard: Heard,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads what comes, as its mood is.
async fn receive<S>(mut stream: S, mood: Option<Mood>, heard: &Heard)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let at = {
        let mut heard = heard.lock().expect("whole");
        heard.push(Vec::new());
        heard.len() - 1
    };
    let mut left = match mood {
        Some(Mood::Refuses) => return,
        Some(Mood::Silent) => return std::future::pending().await,
        Some(Mood::CutsAfter(bytes)) => bytes,
        Some(Mood::Slow | Mood::NeverCloses | Mood::SaysItsEnd) | None => usize::MAX,
    };
    let size = if matches!(mood, Some(Mood::Slow)) { 7 } else { 4096 };
    let mut bytes = vec![0; size];
    while left > 0 {
        let read = stream.read(&mut bytes[..size.min(left)]).await.unwrap_or(0);
        if read == 0 {
            break;
        }
        heard.lock().expect("whole")[at].extend(&bytes[..read]);
        left -= read;
    }
    match mood {
        Some(Mood::NeverCloses) => std::future::pending().await,
        Some(Mood::SaysItsEnd) => stream.shutdown().await.expect("its end is sent"),
        _ => {}
    }
}

/// Carries what is said in both directions, until so many bytes have come.
async fn carry(mut stream: TcpStream, near: DuplexStream, bytes: usize) {
    let (from, mut to) = stream.split();
    let (mut back, mut on) = tokio::io::split(near);
    let mut limited = from.take(bytes as u64);
    tokio::select! {
        _ = tokio::io::copy(&mut limited, &mut on) => {}
        _ = tokio::io::copy(&mut back, &mut to) => {}
    }
}

/// By TLS, with a certificate for `localhost`.
fn acceptor() -> TlsAcceptor {
    let pem = include_bytes!("fixtures/receiver.txt");
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fixtures/receiver_key.txt"));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key.expect("PEM"))
        .expect("a key and its certificate");
    TlsAcceptor::from(Arc::new(config))
}

impl Receiver {
    /// With these moods one after the other, and then a good one; connections at the same time, as
    /// receivers have them.
    fn listen(address: SocketAddr, tls: Option<TlsAcceptor>, moods: &[Mood]) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("set");
        socket.bind(address).expect("an address");
        let listener: TcpListener = socket.listen(16).expect("listening");
        let address = listener.local_addr().expect("an address");
        let heard = Heard::default();
        let mut moods: VecDeque<Mood> = moods.iter().copied().collect();
        let hearing = heard.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mood, tls, heard) = (moods.pop_front(), tls.clone(), hearing.clone());
                tokio::spawn(async move { Self::take(stream, tls, mood, &heard).await });
            }
        });
        Self { address, heard, task }
    }

    async fn take(stream: TcpStream, tls: Option<TlsAcceptor>, mood: Option<Mood>, heard: &Heard) {
        let Some(tls) = tls else { return receive(stream, mood, heard).await };
        match mood {
            Some(Mood::Refuses) => {}
            // By TLS all that came is in its hands before anybody has read it: there the cable is
            // cut.
            Some(Mood::CutsAfter(bytes)) => {
                let (near, far) = tokio::io::duplex(1 << 16);
                let receiving = async {
                    if let Ok(stream) = tls.accept(far).await {
                        receive(stream, None, heard).await;
                    }
                };
                tokio::join!(receiving, carry(stream, near, bytes));
            }
            _ => {
                if let Ok(stream) = tls.accept(stream).await {
                    receive(stream, mood, heard).await;
                }
            }
        }
    }

    /// The messages that came whole, in their order.
    fn messages(&self) -> Vec<String> {
        let heard = self.heard.lock().expect("whole");
        heard.iter().flat_map(|bytes| whole_messages(bytes)).collect()
    }
}

/// By their lengths (RFC 6587 §3.4.1). What is left at the end was cut.
fn whole_messages(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(blank) = bytes.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&bytes[..blank]).expect("digits");
        let length: usize = length.parse().expect("a number");
        let Some(message) = bytes.get(blank + 1..blank + 1 + length) else { break };
        messages.push(String::from_utf8(message.to_vec()).expect("UTF-8"));
        bytes = &bytes[blank + 1 + length..];
    }
    messages
}

/// The values of a message, read as RFC 5424 has them.
fn values(message: &str) -> HashMap<String, String> {
    let (head, rest) = message.split_once(" [latchkey@32473 ").expect("structured data");
    assert!(head.starts_with('<') && head.split(' ').count() == 6, "{head}");
    let (mut values, mut rest) = (HashMap::new(), rest);
    loop {
        let (name, value) = rest.split_once("=\"").expect("a value");
        let (mut text, mut chars) = (String::new(), value.char_indices());
        let end = loop {
            match chars.next().expect("its end") {
                (at, '"') => break at + 1,
                (_, '\\') => text.push(chars.next().expect("escaped").1),
                (_, c) => text.push(c),
            }
        };
        values.insert(name.to_owned(), text);
        match value[end..].strip_prefix(' ') {
            Some(more) => rest = more,
            None => {
                assert!(value[end..].starts_with("] \u{FEFF}"), "{message}");
                return values;
            }
        }
    }
}

/// Each row came, whole, and at first in its order.
fn assert_all(messages: &[String], rows: &[AuditRow]) {
    let mut seen = HashSet::new();
    let received: Vec<_> = messages.iter().map(|message| values(message)).collect();
    let first = received.iter().filter(|values| seen.insert(values["seq"].clone()));
    let first: Vec<_> = first
        .map(|values| {
            ["seq", "hash", "actor", "action", "agent", "detail"].map(|name| values[name].clone())
        })
        .collect();
    let expected = rows.iter().map(|row| {
        let (seq, hash, actor) =
            (row.link.seq.to_string(), row.link.hash.clone(), row.actor.to_string());
        [seq, hash, actor, row.action.code().to_owned(), row.agent.clone(), row.detail.clone()]
    });
    assert_eq!(first, expected.collect::<Vec<_>>());
}

fn syslog(host: &str, port: u16, tls: Option<Authorities>) -> AuditStreamTo {
    to(StreamTarget::Syslog { host: host.to_owned(), port, tls })
}

/// A target that waits for nothing for long.
fn impatient(to: &AuditStreamTo) -> Target {
    let short = Duration::from_millis(300);
    let timeouts = Timeouts { connect: Duration::from_secs(20), write: short, receipt: short };
    let mut target = Target::of(to).expect("a target");
    target.timeouts = timeouts;
    target
}

fn fixture(name: &str) -> Option<Authorities> {
    Some(Authorities { file: Some(PathBuf::from("src/audit_stream/fixtures").join(name)) })
}

/// By TCP and by TLS.
async fn through(moods: &[Mood]) {
    for is_by_tls in [false, true] {
        let world = odd_world().await;
        let tls = is_by_tls.then(acceptor);
        let receiver = Receiver::listen(([127, 0, 0, 1], 0).into(), tls, moods);
        let (host, tls) =
            if is_by_tls { ("localhost", fixture("authority.txt")) } else { ("127.0.0.1", None) };
        let to = syslog(host, receiver.address.port(), tls);
        let streaming = Streaming::start(&world.desk, &to, impatient(&to));
        let first = all_rows(&world.desk).await;
        streaming.until_sent(first.len()).await;
        log_in_oddly(&world).await;
        let all = all_rows(&world.desk).await;
        streaming.until_sent(all.len()).await;
        assert_all(&receiver.messages(), &all);
        assert!(streaming.status.snapshot().failures >= moods.len() as u64, "{is_by_tls}");
    }
}

#[tokio::test]
async fn a_receiver_has_each_row_in_its_order_and_as_it_is() {
    through(&[]).await;
}

#[tokio::test]
async fn of_a_receiver_that_refuses_or_goes_away_in_the_middle_nothing_is_lost() {
    use Mood::{CutsAfter, Refuses};
    through(&[CutsAfter(2000), Refuses, CutsAfter(1), CutsAfter(300)]).await;
}

#[tokio::test]
async fn of_a_receiver_that_is_silent_or_gives_no_receipt_nothing_is_lost() {
    through(&[Mood::Silent, Mood::NeverCloses]).await;
}

#[tokio::test]
async fn a_slow_receiver_is_waited_for() {
    let world = odd_world().await;
    let receiver = Receiver::listen(([127, 0, 0, 1], 0).into(), None, &[Mood::Slow, Mood::Slow]);
    let to = syslog("127.0.0.1", receiver.address.port(), None);
    let target = Target::of(&to).expect("a target");
    let streaming = Streaming::start(&world.desk, &to, target);
    let rows = all_rows(&world.desk).await;
    streaming.until_sent(rows.len()).await;
    assert_all(&receiver.messages(), &rows);
    assert_eq!(receiver.messages().len(), rows.len(), "each of them once");
}

/// As whoever is on the way may end it.
#[tokio::test]
async fn of_a_receiver_that_ends_as_tls_has_it_no_other_end_is_a_receipt() {
    let world = odd_world().await;
    let rows = all_rows(&world.desk).await;
    let moods = [Mood::Slow, Mood::SaysItsEnd, Mood::Slow, Mood::SaysItsEnd];
    let receiver = Receiver::listen(([127, 0, 0, 1], 0).into(), Some(acceptor()), &moods);
    let to = syslog("localhost", receiver.address.port(), fixture("authority.txt"));
    let target = Target::of(&to).expect("a target");
    target.deliver(&rows[..1]).await.expect("not every receiver sends it");
    target.deliver(&rows[..1]).await.expect("its end");
    let error = target.deliver(&rows[..1]).await.expect_err("cut").to_string();
    assert!(error.starts_with("the connection ended without a word by TLS"), "{error}");
    target.deliver(&rows[..1]).await.expect("its end");
}

/// At an address of this machine that no other test has.
#[tokio::test]
async fn a_receiver_that_is_away_is_waited_for_and_another_start_goes_on() {
    let world = odd_world().await;
    let [high, low] = u16::try_from(std::process::id() % 60_000).expect("small").to_be_bytes();
    let address = SocketAddr::from(([127, 101, high, low.max(1)], 6601));
    let to = syslog(&address.ip().to_string(), address.port(), None);
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until(|status| status.snapshot().failures > 1).await;
    drop(streaming);
    log_in_oddly(&world).await;
    let rows = all_rows(&world.desk).await;
    let receiver = Receiver::listen(address, None, &[]);
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until_sent(rows.len()).await;
    assert_all(&receiver.messages(), &rows);
    assert_eq!(streaming.status.snapshot().behind, 0);
}

#[tokio::test]
async fn nothing_is_sent_to_a_receiver_that_is_not_the_one_that_is_meant() {
    let world = odd_world().await;
    let rows = all_rows(&world.desk).await;
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let receiver = Receiver::listen(any, Some(acceptor()), &[]);
    for (host, authority) in
        [("127.0.0.1", "authority.txt"), ("localhost", "another_authority.txt")]
    {
        let to = syslog(host, receiver.address.port(), fixture(authority));
        let target = Target::of(&to).expect("a target");
        let delivered = tokio::time::timeout(IN_TIME, target.deliver(&rows)).await;
        let error = delivered.expect("in time").expect_err("not the one").to_string();
        assert!(error.contains("certificate"), "{host}: {error}");
    }
    assert_eq!(receiver.messages(), Vec::<String>::new());
}

#[test]
fn a_file_of_authorities_that_cannot_be_read_is_named() {
    let to = syslog("localhost", 6514, fixture("there is none"));
    let error = Target::of(&to).expect_err("no file").to_string();
    assert!(error.starts_with("audit_stream.ca_file: "), "{error}");
}
