//! `latchkey-testkit`: starts Latchkey for tests in any language, and stops it again.
//!
//! It waits until Latchkey listens and prints one line of JSON: `{"url", "pid", "store", "log"}`,
//! with `client_secret` where a client was asked for. Latchkey is stopped when standard input ends
//! or a signal comes, so it ends with whoever started this, however they end. With a command at the
//! end, runs that beside Latchkey instead, and ends as it does.
//!
//! The binary is `LATCHKEY_BIN`, or the one beside this program. No other `LATCHKEY_…` variable of
//! the environment reaches it: settings are given by `--env`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use clap::Parser;
use rustix_process::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::program::{ANY_PORT, announced, settings_of_somebody, signal};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::SignalKind;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// By when it listens, whatever else the machine does.
const STARTS_WITHIN: Duration = Duration::from_mins(1);
/// How long it may take to end in its own orderly way. Shorter than whoever started this waits.
const ENDS_WITHIN: Duration = Duration::from_secs(8);

/// Starts Latchkey for tests, prints where it is as JSON, and stops it when standard input ends.
#[derive(Debug, Parser)]
#[expect(clippy::doc_markdown, reason = "people read these comments in --help")]
struct Arguments {
    /// With the demo accounts.
    #[arg(long)]
    demo: bool,
    /// Registers this client first; the JSON then has its `client_secret`.
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// The folder it runs in, which is kept; without it one of its own, which is removed.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Its store; without it files below the folder.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Where it listens; without it at a free port of the loopback.
    #[arg(long, default_value = ANY_PORT)]
    listen: String,
    /// A setting of its environment, such as LATCHKEY_CONFIRM_SECONDS=30; as often as wanted.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    env: Vec<(String, String)>,
    /// Runs this beside it, with LATCHKEY_URL, DEMO_LOG and CLIENT_SECRET.
    #[arg(last = true)]
    command: Vec<String>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is wanted")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("latchkey-testkit: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<ExitCode> {
    let mut orders = orders(arguments.command.is_empty())?;
    let place = Place::of(&arguments)?;
    let client = match &arguments.client {
        Some(name) => Some(place.register(name, arguments.demo).await?),
        None => None,
    };
    let mut child = place.start(&arguments)?;
    let address = tokio::select! {
        address = listens(&mut child) => address,
        _ = orders.recv() => Err(io::Error::other("told to stop before it listens")),
    };
    let address = match address {
        Ok(address) => address,
        Err(error) => {
            stop(&mut child).await?;
            return Err(io::Error::other(format!("{error}\n{}", place.log_text())));
        }
    };
    let mut facts = json!({
        "url": format!("http://{address}"),
        "pid": child.id(),
        "store": place.store,
        "log": place.log,
    });
    if let Some(secret) = client {
        facts["client_secret"] = secret;
    }
    let code = if arguments.command.is_empty() {
        println!("{facts}");
        io::stdout().flush()?;
        stay(&mut child, &mut orders, &place).await?
    } else {
        beside(&arguments.command, &facts, &mut orders).await?
    };
    stop(&mut child).await?;
    Ok(code)
}

/// Where it runs.
struct Place {
    binary: PathBuf,
    folder: PathBuf,
    /// Removed at the end, where it is one of its own.
    _own: Option<TempDir>,
    store: String,
    /// What it says on standard error, of all starts in this folder.
    log: PathBuf,
    env: Vec<(String, String)>,
}

impl Place {
    fn of(arguments: &Arguments) -> io::Result<Self> {
        let binary = match std::env::var_os("LATCHKEY_BIN") {
            Some(binary) => std::path::absolute(binary)?,
            None => std::env::current_exe()?.with_file_name("latchkey"),
        };
        let own = match arguments.folder {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("latchkey-testkit-").tempdir()?),
        };
        let folder = match (&arguments.folder, &own) {
            (Some(folder), _) => std::path::absolute(folder)?,
            (None, Some(own)) => own.path().to_owned(),
            (None, None) => unreachable!("without a folder one is made"),
        };
        let store = arguments
            .store
            .clone()
            .unwrap_or_else(|| format!("rocksdb://{}", folder.join("data").display()));
        let log = folder.join("latchkey.log");
        Ok(Self { binary, folder, _own: own, store, log, env: arguments.env.clone() })
    }

    fn command(&self, args: &[&str], demo: bool) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        if demo {
            command.arg("--demo");
        }
        for name in settings_of_somebody() {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env("LATCHKEY_STORE", &self.store);
        command
    }

    fn start(&self, arguments: &Arguments) -> io::Result<Child> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let args = ["serve", "--listen", &arguments.listen];
        self.command(&args, arguments.demo)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", self.binary.display())))
    }

    /// Registers a client and gives its secret.
    async fn register(&self, name: &str, demo: bool) -> io::Result<Value> {
        let added = self.command(&["client", "add", name, "--json"], demo).output().await?;
        if !added.status.success() {
            let error = String::from_utf8_lossy(&added.stderr).into_owned();
            return Err(io::Error::other(error));
        }
        let mut client: Value = serde_json::from_slice(&added.stdout)?;
        Ok(client["client_secret"].take())
    }

    fn log_text(&self) -> String {
        let mut text = String::new();
        // Without a log there is nothing to add.
        let _ = File::open(&self.log).and_then(|mut log| log.read_to_string(&mut text));
        text
    }
}

/// Waits until it says where it listens. What it says after that is read and left out: the demo's
/// passwords are in it.
async fn listens(child: &mut Child) -> io::Result<SocketAddr> {
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let mut output = BufReader::new(stdout);
    let waiting = async {
        loop {
            let mut line = String::new();
            if output.read_line(&mut line).await? == 0 {
                return Err(io::Error::other("latchkey ended early"));
            }
            if let Some(address) = announced(&line) {
                return Ok(address);
            }
        }
    };
    let address = timeout(STARTS_WITHIN, waiting)
        .await
        .map_err(|_| io::Error::other("latchkey does not listen"))??;
    tokio::spawn(async move { output.read_to_end(&mut Vec::new()).await });
    Ok(address)
}

/// Until it is told to stop. It may also end by itself, or be killed by whoever tests that.
async fn stay(
    child: &mut Child,
    orders: &mut mpsc::Receiver<()>,
    place: &Place,
) -> io::Result<ExitCode> {
    tokio::select! {
        _ = orders.recv() => Ok(ExitCode::SUCCESS),
        ended = child.wait() => {
            let (ended, log) = (ended?, Path::display(&place.log));
            eprintln!("latchkey-testkit: latchkey has ended: {ended} (log: {log})");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Runs the command, and gives how it ends.
async fn beside(
    command: &[String],
    facts: &Value,
    orders: &mut mpsc::Receiver<()>,
) -> io::Result<ExitCode> {
    let mut other = Command::new(&command[0]);
    other.args(&command[1..]);
    for (name, key) in
        [("LATCHKEY_URL", "url"), ("DEMO_LOG", "log"), ("CLIENT_SECRET", "client_secret")]
    {
        if let Some(value) = facts[key].as_str() {
            other.env(name, value);
        }
    }
    let mut other =
        other.spawn().map_err(|error| io::Error::other(format!("{}: {error}", command[0])))?;
    let ended = tokio::select! {
        ended = other.wait() => Some(ended?),
        _ = orders.recv() => None,
    };
    if ended.is_none() {
        stop(&mut other).await?;
    }
    Ok(ExitCode::from(code(ended)))
}

/// As a shell says it: 130 where it was interrupted.
fn code(ended: Option<ExitStatus>) -> u8 {
    ended.and_then(|ended| ended.code()).and_then(|code| u8::try_from(code).ok()).unwrap_or(130)
}

/// Ends it in its own orderly way, or after a while in ours.
async fn stop(child: &mut Child) -> io::Result<()> {
    // Without a number it has ended.
    let Some(process) = child.id() else { return Ok(()) };
    signal(process, Signal::Term);
    if timeout(ENDS_WITHIN, child.wait()).await.is_err() {
        child.kill().await?;
    }
    Ok(())
}

/// One comes when it is time to stop: by a signal, or when standard input ends.
fn orders(with_input: bool) -> io::Result<mpsc::Receiver<()>> {
    let (order, orders) = mpsc::channel(8);
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let mut signals = tokio::signal::unix::signal(kind)?;
        let order = order.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if order.send(()).await.is_err() {
                    break;
                }
            }
        });
    }
    if with_input {
        // A thread of its own: the runtime would wait for it at the end.
        std::thread::spawn(move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            let _ = order.blocking_send(());
        });
    }
    Ok(orders)
}
