//! A store on a disk that fills: what takes rights away goes on for as long as there is any room,
//! nothing is half done, tokens go on working, and when there is room again everything does,
//! without a restart.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use desk::Refusal;
use testkit::program::announced;

use super::serving::{log_in, make_token, status};
use crate::support::{Answer, Latchkey, Request};

/// How many wrong passwords strangers type.
const STRANGERS: u64 = 100;

/// No test waits for longer.
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A server whose store is on a disk of 96 MB that it shares with nobody: a mount in a namespace of
/// its own. When it ends it is started once more.
struct Small {
    shell: Child,
    stated: BufReader<ChildStdout>,
    disk: PathBuf,
    log: PathBuf,
}

/// Whether this machine lets anybody mount something in a namespace of their own (containers may
/// not).
pub(super) fn can_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .output();
    tried.is_ok_and(|tried| tried.status.success())
}

impl Small {
    fn start(latchkey: &Latchkey) -> Self {
        std::fs::create_dir(latchkey.path("disk")).unwrap();
        let script = "mount -t tmpfs -o size=96m tmpfs disk
            for start in 1 2; do [ ! -e fill ] || head -c 128M /dev/zero > disk/filler
            \"$0\" serve --demo --store rocksdb://disk/store --listen 127.0.0.1:0; done";
        let unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", script];
        let mut command = latchkey.command_by(&unshare, &[]);
        // The tests come from one address.
        command.env("LATCHKEY_LOG_INS_PER_MINUTE", "100000");
        // RocksDB takes room for its log beforehand, as much as waits to be written, if there is so
        // much: here there never is, so that the next change wants room of its own.
        command.env("LATCHKEY_STORE_MEMORY_MIB", "2048");
        let log = latchkey.path("log");
        let err = std::fs::File::create(&log).unwrap();
        let mut shell = command.stdout(Stdio::piped()).stderr(err).spawn().unwrap();
        let stated = BufReader::new(shell.stdout.take().unwrap());
        let disk = Path::new("/proc")
            .join(shell.id().to_string())
            .join("root")
            .join(latchkey.path("disk").strip_prefix("/").unwrap());
        Self { shell, stated, disk, log }
    }

    /// Waits for the next start.
    fn address(&mut self) -> SocketAddr {
        loop {
            let mut line = String::new();
            assert!(self.stated.read_line(&mut line).unwrap() > 0, "it ended: {}", self.log());
            if let Some(address) = announced(&line) {
                return address;
            }
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Fills all that is free now.
    fn fill(&self, name: &str) {
        // Writes as much as there is room for.
        let _ = std::fs::write(self.disk.join(name), vec![0; 128 << 20]);
    }

    fn empty(&self, name: &str) {
        std::fs::remove_file(self.disk.join(name)).unwrap();
    }

    /// How large the store's files are.
    fn size(&self) -> u64 {
        let files = std::fs::read_dir(self.disk.join("store")).unwrap();
        files.map(|file| file.unwrap().metadata().map_or(0, |file| file.len())).sum()
    }

    fn signal(&self, signal: &str) {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"))
            .unwrap_or_default();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args([signal, child]).status();
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // It starts nothing more, and what it has started is still known as its.
        let _ = Command::new("kill").args(["-STOP", &self.shell.id().to_string()]).status();
        self.signal("-KILL");
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    Request::get(path).send(address).await
}

async fn revoke(address: SocketAddr, session: &str, id: &str) -> u16 {
    Request::form("/fn/revoke_token", &[("id", id)])
        .header("cookie", session)
        .send(address)
        .await
        .status
}

async fn create(address: SocketAddr, session: &str, form: &str) -> Answer {
    let fields = [("form", form), ("description", "more"), ("expires", "30"), ("access", "full")];
    Request::form("/fn/create_token", &fields).header("cookie", session).send(address).await
}

async fn enter(address: SocketAddr, netid: &str) -> u16 {
    let password = format!("{netid}-netid-password");
    Request::form("/fn/log_in", &[("netid", netid), ("password", &password), ("next", "")])
        .send(address)
        .await
        .status
}

/// Asks until the answer is that one. A pause between, as people make: a session asks for only so
/// much.
async fn until<T: PartialEq + std::fmt::Debug>(
    small: &Small,
    wanted: &T,
    mut ask: impl AsyncFnMut() -> T,
) {
    let asking = async {
        loop {
            let answer = ask().await;
            if answer == *wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let within = tokio::time::timeout(STARTS_WITHIN, asking).await;
    assert!(within.is_ok(), "never {wanted:?}: {}", small.log());
}

/// A demo on such a disk, where it listens, and sam's session; none: this machine cannot make one.
async fn demo_on_a_small_disk(latchkey: &Latchkey) -> Option<(Small, SocketAddr, String)> {
    if !can_mount() {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return None;
    }
    let mut small = Small::start(latchkey);
    let address = small.address();
    let mut session = String::new();
    log_in(address, &mut session).await;
    Some((small, address, session))
}

async fn fill_until_nothing_new_is_made(small: &Small, address: SocketAddr, session: &str) {
    small.fill("filler");
    let mut tries = 0;
    until(small, &(507, Refusal::StoreNearlyFull), async || {
        tries += 1;
        let answer = create(address, session, &format!("try {tries}")).await;
        (answer.status, if answer.status == 200 { Refusal::Unavailable } else { answer.refusal() })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_full_rights_are_taken_away_and_nothing_new_is_made() {
    let latchkey = Latchkey::new();
    let Some((mut small, address, mut session)) = demo_on_a_small_disk(&latchkey).await else {
        return;
    };
    let (stolen, stolen_id) = make_token(address, &mut session, "stolen", "1").await;
    let (kept, _) = make_token(address, &mut session, "kept", "2").await;
    until(&small, &"ready\n".to_owned(), async || get(address, "/readyz").await.text()).await;

    let session = session.as_str();
    fill_until_nothing_new_is_made(&small, address, session).await;
    until(&small, &200, async || revoke(address, session, &stolen_id).await).await;
    assert_eq!((status(address, &stolen).await, status(address, &kept).await), (401, 200));
    assert_eq!(enter(address, "rae").await, 507, "nobody new");
    assert_eq!(enter(address, "helen").await, 200, "but who takes rights away");
    let ready = get(address, "/readyz").await;
    assert!(ready.status == 200 && ready.text().contains("nearly full"), "{ready:?}");
    let page =
        Request::get("/settings/auth-tokens").page().header("cookie", session).send(address).await;
    assert_eq!(page.status, 200);

    small.empty("filler");
    until(&small, &200, async || enter(address, "rae").await).await;
    until(&small, &200, async || create(address, session, "again").await.status).await;
    assert_eq!(get(address, "/readyz").await.text(), "ready\n");
    let log = small.log();
    assert_eq!(log.matches("disk of the store is nearly full").count(), 1, "{log}");
    assert!(log.contains("there is room again"), "{log}");

    small.signal("-TERM");
    let address = small.address();
    assert_eq!(
        (status(address, &stolen).await, status(address, &kept).await),
        (401, 200),
        "as it was told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_full_a_start_gives_up_what_is_held_back_and_rights_are_taken_away() {
    let latchkey = Latchkey::new();
    let Some((mut small, address, mut session)) = demo_on_a_small_disk(&latchkey).await else {
        return;
    };
    let (stolen, stolen_id) = make_token(address, &mut session, "stolen", "1").await;
    let reserve = small.disk.join("store").join("latchkey.reserve");
    until(&small, &true, async || reserve.exists()).await;
    // The shell fills what is free between the two starts.
    latchkey.write("fill", "");
    small.signal("-TERM");
    let address = small.address();
    assert!(small.log().contains("(latchkey.reserve) is given up"), "{}", small.log());
    assert!(!reserve.exists());
    until(&small, &200, async || revoke(address, &session, &stolen_id).await).await;
    assert_eq!(status(address, &stolen).await, 401);
}

#[test]
fn on_a_full_disk_without_anything_held_back_a_command_says_what_to_do() {
    if !can_mount() {
        eprintln!("skipped: no mount in a namespace of one's own here");
        return;
    }
    let latchkey = Latchkey::new();
    std::fs::create_dir(latchkey.path("disk")).unwrap();
    let script = "mount -t tmpfs -o size=96m tmpfs disk
        export LATCHKEY_STORE=rocksdb://disk/store
        echo 'netid,name\nnora,Nora' > people.csv
        \"$0\" user import people.csv; rm -f disk/store/latchkey.reserve
        head -c 128M /dev/zero > disk/filler; \"$0\" check; echo \"ended with $?\"
        rm disk/filler; \"$0\" check; echo \"ended with $?\"";
    let unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", script];
    let ended = latchkey.command_by(&unshare, &[]).output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(out.contains("ended with 1\n") && out.ends_with("ended with 0\n"), "{out}{err}");
    assert!(err.contains("its disk is full, and nothing is held back"), "{err}");
    assert!(err.contains("room on the disk of disk/store"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_fill_what_is_left_of_a_disk() {
    let latchkey = Latchkey::new();
    let Some((small, address, mut session)) = demo_on_a_small_disk(&latchkey).await else {
        return;
    };
    let (stolen, stolen_id) = make_token(address, &mut session, "stolen", "1").await;
    let session = session.as_str();
    fill_until_nothing_new_is_made(&small, address, session).await;
    // Until what is held back is let go of, and the store takes changes.
    until(&small, &200, async || get(address, "/readyz").await.status).await;
    let before = small.size();
    for n in 0..STRANGERS {
        let netid = if n % 2 == 0 { format!("nobody{n}") } else { "rae".to_owned() };
        let fields = [("netid", netid.as_str()), ("password", "wrong"), ("next", "")];
        let answer = Request::form("/fn/log_in", &fields).send(address).await;
        assert!([401, 429].contains(&answer.status), "{answer:?}");
    }
    let grown = small.size().saturating_sub(before);
    assert!(grown < STRANGERS * 100, "{grown} bytes for {STRANGERS} wrong passwords");
    assert_eq!(revoke(address, session, &stolen_id).await, 200);
    assert_eq!(status(address, &stolen).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_could_write_no_more_is_taken_up_again_when_there_is_room() {
    let latchkey = Latchkey::new();
    let Some((mut small, address, mut session)) = demo_on_a_small_disk(&latchkey).await else {
        return;
    };
    let (token, id) = make_token(address, &mut session, "before", "1").await;
    let session = session.as_str();
    // Each is ended later: a change that is made however little room there is.
    let mut others = Vec::new();
    for _ in 0..40 {
        let mut other = String::new();
        log_in(address, &mut other).await;
        others.push(other);
    }
    // Whatever is let go is taken by somebody else at once, until nothing can be written.
    let mut tries = 0;
    until(&small, &true, async || {
        tries += 1;
        small.fill(&format!("filler {tries}"));
        let other = others.pop().expect("one of forty does not fit");
        let answer = Request::form("/fn/log_out", &[]).header("cookie", &other).send(address).await;
        answer.status != 200 && get(address, "/readyz").await.status == 503
    })
    .await;
    assert_eq!(
        revoke(address, session, &id).await,
        503,
        "a revocation that is not kept must not look like one"
    );
    assert_eq!(status(address, &token).await, 200);
    assert_eq!(
        (get(address, "/healthz").await.status, get(address, "/readyz").await.status),
        (200, 503),
        "whoever watches is told"
    );

    (1..=tries).for_each(|n| small.empty(&format!("filler {n}")));
    until(&small, &200, async || revoke(address, session, &id).await).await;
    assert_eq!(status(address, &token).await, 401);
    until(&small, &"ready\n".to_owned(), async || get(address, "/readyz").await.text()).await;
    let (other, _) = {
        let mut session = session.to_owned();
        make_token(address, &mut session, "after", "2").await
    };

    small.signal("-TERM");
    let address = small.address();
    assert_eq!(
        (status(address, &token).await, status(address, &other).await),
        (401, 200),
        "{}",
        small.log()
    );
}
