//! The stream as it runs by itself: to a file, to this machine's syslog, and what it says of a
//! target that is away. To a receiver on the network: `network_tests.rs`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use desk::{AuditRow, Desk, Origin};
use testkit::World;
use tokio::net::UnixDatagram;
use tokio::task::{JoinHandle, yield_now};

use super::ending::Ending;
use super::streamer::{Pace, stream_regularly};
use super::{StreamStatus, Target};
use crate::config::{AuditStreamTo, Facility, StreamTarget};

/// How long a test waits for what happens within some milliseconds.
pub(super) const IN_TIME: Duration = Duration::from_mins(1);

/// What somebody may call themselves, or their browser: what ends a value, a message, a line, and
/// what only looks odd.
pub(super) const ODD: [&str; 6] = [
    "say \"hi\" ] \\ [x@1 y=\"z\"]",
    "two\nlines <13>1 - - - - - - forged",
    "\r\n17 <13>1 - - - - -  forged",
    "😀 👩‍👩‍👧 é",
    "\u{202e}gnihtyna שלום",
    "{\"id\":\"forged\"}",
];

/// As fast as a test wants it.
const PACE: Pace = Pace { every: Duration::from_millis(1), longest: Duration::from_millis(5) };

/// A target as the configuration has it.
pub(super) fn to(target: StreamTarget) -> AuditStreamTo {
    AuditStreamTo {
        name: format!("{target:?}"),
        target,
        from_start: true,
        facility: Facility::Authpriv,
    }
}

/// Sends by itself, until it is dropped.
pub(super) struct Streaming {
    pub(super) status: Arc<StreamStatus>,
    ending: Ending,
    task: JoinHandle<()>,
}

impl Streaming {
    pub(super) fn start(desk: &Desk, to: &AuditStreamTo, target: Target) -> Self {
        Self::at(PACE, desk, to, target)
    }

    fn at(pace: Pace, desk: &Desk, to: &AuditStreamTo, target: Target) -> Self {
        let (status, ending) = (Arc::<StreamStatus>::default(), Ending::default());
        let stream = desk.audit_stream(&to.name, to.from_start);
        let ends = (pace, ending.clone());
        let task = tokio::spawn(stream_regularly(stream, target, status.clone(), ends));
        Self { status, ending, task }
    }

    /// Waits until that is so of it.
    pub(super) async fn until(&self, is_so: impl Fn(&StreamStatus) -> bool) {
        let waiting = async {
            while !is_so(&self.status) {
                yield_now().await;
            }
        };
        tokio::time::timeout(IN_TIME, waiting).await.expect("within a minute");
    }

    pub(super) async fn until_sent(&self, rows: usize) {
        self.until(|status| status.snapshot().sent >= rows as u64).await;
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Rows with odd values.
pub(super) async fn odd_world() -> World {
    let world = testkit::world().await;
    log_in_oddly(&world).await;
    world
}

/// A row with each of the odd values.
pub(super) async fn log_in_oddly(world: &World) {
    for agent in ODD {
        let origin = Origin { agent: agent.to_owned(), ..testkit::origin() };
        let password = testkit::secret("tia-netid-password");
        world.desk.log_in("tia", &password, &origin).await.expect("in");
    }
}

/// All that there is.
pub(super) async fn all_rows(desk: &Desk) -> Vec<AuditRow> {
    desk.audit_stream("all", true).next(100_000).await.expect("rows").rows
}

/// Lines of the file, as far as they are rows, by their numbers.
fn written(path: &Path) -> Vec<(i64, String)> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
    let rows = text.lines().filter_map(row);
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    rows.map(|row| (row["seq"].as_i64().expect("a number"), text(&row["agent"]))).collect()
}

fn expected(rows: &[AuditRow]) -> Vec<(i64, String)> {
    rows.iter().map(|row| (row.link.seq, row.agent.clone())).collect()
}

#[tokio::test]
async fn a_file_has_each_row_as_a_line_of_json_and_is_its_owner_s() {
    use std::os::unix::fs::MetadataExt as _;
    let world = odd_world().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let to = to(StreamTarget::File(path.clone()));
    let rows = all_rows(&world.desk).await;
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until_sent(rows.len()).await;
    assert_eq!(written(&path), expected(&rows));
    let text = std::fs::read_to_string(&path).expect("text");
    // As a copy of the audit, which `audit verify --against` reads.
    assert_eq!(text, app::server::audit::Format::JsonLines.lines(&rows));
    assert_eq!(path.metadata().expect("a file").mode() & 0o077, 0);
    assert_eq!(streaming.status.snapshot().behind, 0);
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_followed_by_a_new_one_and_a_cut_line_is_ended() {
    let world = odd_world().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let to = to(StreamTarget::File(path.clone()));
    let first = all_rows(&world.desk).await;
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until_sent(first.len()).await;
    let moved = folder.path().join("audit.jsonl.1");
    std::fs::rename(&path, &moved).expect("moved");
    // As a full disk leaves it.
    std::fs::write(&path, "{\"id\":\"cut of").expect("written");
    log_in_oddly(&world).await;
    let all = all_rows(&world.desk).await;
    streaming.until_sent(all.len()).await;
    assert_eq!(
        (written(&moved), written(&path)),
        (expected(&first), expected(&all[first.len()..]))
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_waited_for() {
    let world = odd_world().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("not yet there").join("audit.jsonl");
    let to = to(StreamTarget::File(path.clone()));
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until(|status| status.snapshot().failures > 2).await;
    let rows = all_rows(&world.desk).await;
    let snapshot = streaming.status.snapshot();
    assert_eq!((snapshot.behind, snapshot.sent), (rows.len() as u64, 0));
    assert!(snapshot.is_away);
    std::fs::create_dir(path.parent().expect("a folder")).expect("made");
    streaming.until_sent(rows.len()).await;
    assert_eq!(written(&path), expected(&rows));
    assert!(!streaming.status.snapshot().is_away);
}

/// Of a stream that looks once an hour, and of one whose target is away.
#[tokio::test]
async fn what_is_written_is_sent_before_its_end_and_a_target_that_is_away_is_not_waited_for() {
    let world = odd_world().await;
    let folder = tempfile::tempdir().expect("a folder");
    let hour = Duration::from_hours(1);
    let pace = Pace { every: hour, longest: hour };
    let path = folder.path().join("audit.jsonl");
    let there = to(StreamTarget::File(path.clone()));
    let away = to(StreamTarget::File(folder.path().join("not there").join("audit.jsonl")));
    let first = all_rows(&world.desk).await.len();
    let [streaming, waiting] = [there, away]
        .map(|to| Streaming::at(pace, &world.desk, &to, Target::of(&to).expect("a target")));
    streaming.until_sent(first).await;
    waiting.until(|status| status.snapshot().is_away).await;
    log_in_oddly(&world).await;
    let rows = all_rows(&world.desk).await;
    assert!(rows.len() > first && written(&path).len() == first, "nothing is sent by itself");
    for streaming in [&streaming, &waiting] {
        tokio::time::timeout(IN_TIME, streaming.ending.come()).await.expect("within a minute");
    }
    assert_eq!(written(&path), expected(&rows));
}

#[tokio::test]
async fn what_is_no_file_is_not_written_to() {
    let to = to(StreamTarget::File("/dev/null".into()));
    let world = odd_world().await;
    let target = Target::of(&to).expect("a target");
    let error = target.deliver(&all_rows(&world.desk).await).await.expect_err("no file");
    assert_eq!(error.to_string(), "it is there and is no file");
}

#[tokio::test]
async fn this_machine_s_syslog_has_each_row_as_a_message() {
    let world = odd_world().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let to = to(StreamTarget::Socket(path.clone()));
    let streaming = Streaming::start(&world.desk, &to, Target::of(&to).expect("a target"));
    streaming.until(|status| status.snapshot().is_away).await;
    let socket = UnixDatagram::bind(&path).expect("a socket");
    let rows = all_rows(&world.desk).await;
    let mut received = Vec::new();
    while received.len() < rows.len() {
        let mut message = vec![0; 1 << 16];
        let length = tokio::time::timeout(IN_TIME, socket.recv(&mut message)).await;
        message.truncate(length.expect("in time").expect("a message"));
        let message = String::from_utf8(message).expect("text");
        let (head, line) = message.split_once(": ").expect("a head");
        assert!(head.starts_with('<') && head.contains(" latchkey["), "{head}");
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let agent = line["agent"].as_str().expect("a text").to_owned();
        received.push((line["seq"].as_i64().expect("a number"), agent));
    }
    assert_eq!(received, expected(&rows));
}

#[tokio::test]
async fn a_row_that_is_longer_than_the_socket_takes_is_cut_and_does_not_hold_up_the_next() {
    let world = odd_world().await;
    let mut rows = all_rows(&world.desk).await;
    rows.truncate(2);
    // Beyond what any system gives a socket, and in characters of which none may be halved.
    rows[0].detail = format!("x{}", "é".repeat(4 << 20));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    let target = Target::of(&to(StreamTarget::Socket(path))).expect("a target");
    target.deliver(&rows).await.expect("both");
    let mut lines = Vec::new();
    for _ in 0..2 {
        let mut message = vec![0; 1 << 16];
        let length = socket.recv(&mut message).await.expect("a message");
        let message = std::str::from_utf8(&message[..length]).expect("text");
        let (_, line) = message.split_once(": ").expect("a head");
        lines.push(serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    }
    let detail = lines[0]["detail"].as_str().expect("a text");
    assert!(detail.len() == 3071 && rows[0].detail.starts_with(detail), "{}", detail.len());
    assert_eq!((&lines[0]["cut"], &lines[0]["seq"]), (&true.into(), &rows[0].link.seq.into()));
    assert_eq!((&lines[1]["cut"], &lines[1]["seq"]), (&().into(), &rows[1].link.seq.into()));
}
