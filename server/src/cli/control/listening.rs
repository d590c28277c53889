//! Takes in whoever calls a server for a command, until the server stops. How many at once, and who
//! may, is decided here; what becomes of each is in [`super::session`]. Tests: `tests.rs`, and
//! `server/tests/server/command_line/control/`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use desk::Desk;
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::session::{Session, hello};
use super::socket::Socket;
use super::{peer, shown};
use crate::cli::exit::Failure;
use crate::cli::packaged;
use crate::config::Configuration;

/// How many commands run at once.
pub(super) const MAX_COMMANDS: usize = 16;

/// How many call at once, those among them who have not said yet what they want. Each is an open
/// file, of those that are left beside connections (`server/src/connections/open_files.rs`).
const MAX_CALLERS: usize = 2 * MAX_COMMANDS;

/// How long commands may go on by themselves when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// How long it may take after that to say that they were broken off.
const CUT_TIMEOUT: Duration = Duration::from_millis(500);

/// How long nobody is taken in after the system could not.
const PAUSE: Duration = Duration::from_millis(100);

/// What commands are run with.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) configuration: Configuration,
    pub(super) desk: Desk,
    pub(super) commands: Arc<Semaphore>,
}

impl Host {
    pub(super) fn new(configuration: &Configuration, desk: &Desk) -> Arc<Self> {
        Arc::new(Self {
            configuration: configuration.clone(),
            desk: desk.clone(),
            commands: Arc::new(Semaphore::new(MAX_COMMANDS)),
        })
    }
}

/// A server's socket for commands.
#[derive(Debug)]
pub(in crate::cli) struct Listening {
    socket: Socket,
    host: Arc<Host>,
}

/// Listens for commands, as configured; none: it does not.
///
/// # Errors
/// Where it cannot at the path that was chosen for it. In the store's folder it is there for the
/// asking, and a server that can do without goes on.
pub(in crate::cli) async fn listen(
    configuration: &Configuration,
    desk: &Desk,
) -> Result<Option<Listening>, Failure> {
    let Some(path) = &configuration.control else { return Ok(None) };
    match Socket::make(path).await {
        Ok(socket) => {
            tracing::info!(socket = shown(path), "commands are taken");
            Ok(Some(Listening { socket, host: Host::new(configuration, desk) }))
        }
        Err(why) if Path::new(configuration.sections.server.control.trim()).is_absolute() => {
            Err(Failure::Other(why))
        }
        Err(why) => {
            tracing::warn!("no commands are taken while this server runs: {why}");
            Ok(None)
        }
    }
}

impl Listening {
    /// Takes in whoever calls until `stopped` is true. Then commands have a moment to end, and
    /// whoever waits for one that did not is told so.
    pub(in crate::cli) async fn serve(self, mut stopped: watch::Receiver<bool>) {
        let Self { socket, host } = self;
        let (cut, cutting) = watch::channel(false);
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                () = is_true(&mut stopped) => break,
                Some(_) = sessions.join_next() => {}
                accepted = socket.listener.accept() => match accepted {
                    Ok((stream, _)) => take_in(stream, &host, &mut sessions, &cutting),
                    Err(error) => {
                        tracing::warn!(%error, "a command’s caller cannot be taken in");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
        drop(socket);
        let _ = tokio::time::timeout(STOP_TIMEOUT, ended(&mut sessions)).await;
        let _ = cut.send(true);
        let _ = tokio::time::timeout(CUT_TIMEOUT, ended(&mut sessions)).await;
    }
}

/// Waits until it is, or until nobody can say so any more.
pub(super) async fn is_true(what: &mut watch::Receiver<bool>) {
    let _ = what.wait_for(|it| *it).await;
}

async fn ended(sessions: &mut JoinSet<()>) {
    while sessions.join_next().await.is_some() {}
}

/// Begins a session, if the caller may have one.
fn take_in(
    stream: UnixStream,
    host: &Arc<Host>,
    sessions: &mut JoinSet<()>,
    cutting: &watch::Receiver<bool>,
) {
    let Ok(caller) = stream.peer_cred().map(|caller| caller.uid()) else { return };
    let own = peer::own();
    if caller != own && caller != peer::ROOT {
        tracing::warn!(caller, "a command was refused: its caller is another user");
        let typed = packaged::typed_as(&peer::name(own));
        let why = format!(
            "The server takes commands from the user that it runs as, and from root: {typed}"
        );
        return turn_away(stream, why);
    }
    if sessions.len() >= MAX_CALLERS {
        let why = "Too many are calling the server at once. Try again in a moment.";
        return turn_away(stream, why.to_owned());
    }
    sessions.spawn(Session::new(host.clone(), caller, cutting.clone()).run(stream));
}

/// Says why, without waiting for whoever does not read it.
fn turn_away(stream: UnixStream, why: String) {
    if let (Ok(frame), Ok(mut stream)) = (hello(Some(why)), stream.into_std()) {
        let _ = stream.write_all(&frame);
    }
}
