//! Starts and stops the server. Tests: `server/tests/server/connections.rs`, `stopping.rs`,
//! `listening/`, `command_line/serving.rs`.

mod prepared;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use desk::{Desk, Driver};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit_stream;
use crate::config::Configuration;
use crate::connections::{self, House};
use crate::directory;
use crate::listening::{Inherited, OwnFile, Sockets};
use crate::metrics;
use crate::notices;
use crate::router::{router, routes};
use crate::supervision::{self, Supervisor};
use crate::tls::{self, Tls};
use crate::web::{AppState, ReservedPaths};

pub(crate) use prepared::Prepared;
pub use prepared::StartError;

/// How long requests under way may take to end when the server stops. With the last rows of the
/// audit's stream, what the desk needs to close, and the program to end, less than 10 seconds,
/// whatever the store does.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long what is served beside requests may take to end after them. It begins to when they do,
/// and gives itself less.
const BESIDE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the answers of those that were cut off may take to go out.
const CUT_TIMEOUT: Duration = Duration::from_millis(300);

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    shown: String,
    tls: Option<Tls>,
    desk: Desk,
    supervisor: Supervisor,
    /// Of a socket in the file system.
    file: Option<OwnFile>,
    stopping: watch::Sender<bool>,
    cutting: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
    /// What goes on beside it until the stop.
    beside: Driver,
    /// The audit's stream; none: it goes nowhere.
    streaming: Option<audit_stream::Streaming>,
    /// Where figures are read; none: nowhere.
    metrics: Option<SocketAddr>,
    /// What is served beside requests, and what ends in its own time.
    commands: Vec<JoinHandle<()>>,
}

/// Listens as configured and serves `desk`. In demo mode the log-in page lists the demo accounts.
///
/// # Errors
/// [`StartError`].
pub async fn start(
    configuration: &Configuration,
    desk: Desk,
    demo: bool,
) -> Result<Running, StartError> {
    start_on(configuration, desk, demo, Prepared::of(configuration, None).await?)
}

/// Takes up the sockets that systemd hands over: where they are counts from then on, and not what
/// is configured. None: there are none.
///
/// # Errors
/// What the system says.
pub(crate) fn take_up(
    inherited: Inherited,
    configuration: &mut Configuration,
) -> io::Result<Option<Sockets>> {
    if inherited.is_empty() {
        return Ok(None);
    }
    let sockets = inherited.listen()?;
    if configuration.tls.is_some() && sockets.at.iter().all(|at| at.socket().is_some()) {
        return Err(io::Error::other(
            "systemd hands over no address to listen on, and nobody speaks https by a socket of \
             this machine: take the certificate out ([tls]), or name a port in latchkey.socket.",
        ));
    }
    if let Some(place) = configuration.place_of("server.listen") {
        tracing::warn!(
            place,
            at = sockets.shown(configuration.tls.is_some()),
            "server.listen counts for nothing: systemd hands over where to listen",
        );
    }
    // Of several the one that is reached from the farthest: what is dangerous is said of it.
    let farthest = sockets.at.iter().find(|at| !at.is_local()).or(sockets.at.first());
    if let Some(at) = farthest {
        configuration.sections.server.listen = at.clone();
    }
    Ok(Some(sockets))
}

/// The same as [`start`] where all that it needs beside the desk is there.
pub(crate) fn start_on(
    configuration: &Configuration,
    desk: Desk,
    demo: bool,
    prepared: Prepared,
) -> Result<Running, StartError> {
    let (stopping, stopped) = watch::channel(false);
    let (cutting, cut) = watch::channel(false);
    let state = AppState::new(configuration, desk.clone(), demo, stopped.clone())?;
    let (streams_to, status) = (audit_stream::of(configuration)?, state.audit_stream.clone());
    let (ways, status_of_notices) = (notices::of(configuration)?, state.notices.clone());
    let (sockets, metrics) = prepared.listen()?;
    let (address, shown) = (sockets.address(), sockets.shown(state.tls.is_some()));
    let Sockets { listeners, file, outlive, .. } = sockets;
    let beside = Driver::default();
    if let (Some(tls), Some(files)) = (state.tls.clone(), configuration.tls.clone()) {
        beside.run("looking for a new certificate", move || tls::watch(tls.clone(), files.clone()));
    }
    let tls = state.tls.clone();
    let limits = configuration.connections;
    let most = connections::open_files::connections(limits.most, connections::open_files::raise());
    let reserved = ReservedPaths::among(routes(), state.prefix());
    let house = House::new(limits.at_most(most), reserved);
    let every = configuration.directories.sync_every;
    let source = metrics::Source::new(state.clone(), house.clone(), every);
    let metrics = metrics.map(|(listener, address)| {
        tracing::info!(%address, "figures for Prometheus are at the path /metrics");
        tokio::spawn(metrics::serve(listener, source, stopped.clone()));
        address
    });
    let telling = notices::send_regularly(ways, desk.clone(), status_of_notices, stopped.clone());
    let commands = vec![tokio::spawn(telling)];
    let site = (state.clone(), router(state, cut));
    let accepting = connections::accept(listeners, outlive, house, site, stopped);
    let task = tokio::spawn(async move {
        accepting.await;
        Ok(())
    });
    let directories = &configuration.directories;
    if let Some(every) = directories.sync_every {
        let (desk, most) = (desk.clone(), directories.max_disable);
        beside.run("synchronising with the directory", move || {
            directory::synchronise_regularly(desk.clone(), every, most)
        });
    }
    let streaming = configuration
        .audit_stream
        .as_ref()
        .zip(streams_to)
        .zip(status)
        .map(|((to, target), status)| audit_stream::start(&desk, to, target, status));
    let supervisor = supervision::begin(&desk, shown.clone());
    Ok(Running {
        address,
        shown,
        tls,
        desk,
        supervisor,
        file,
        stopping,
        cutting,
        task,
        beside,
        streaming,
        metrics,
        commands,
    })
}

/// How the process is told to stop: by SIGTERM, by SIGINT (Ctrl-C), or by SIGHUP (its terminal is
/// closed). Heard from when this is
/// made, so that whoever has read where the server listens can stop it in order.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    /// None where it is ignored, as `nohup` does.
    hang_up: Option<Signal>,
}

/// Whether whoever started the process wants it not to hear of its terminal's end.
fn ignores_hang_up() -> bool {
    let received = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = received.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (SignalKind::hangup().as_raw_value() - 1) & 1 == 1)
}

impl StopSignals {
    /// Listens for them from now on.
    ///
    /// # Errors
    /// Where the system does not let it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// Waits for one; whether it is a wish, and not the terminal's end.
    pub(crate) async fn received(&mut self) -> bool {
        let hung_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => true,
            _ = hung_up => false,
        }
    }

    /// Waits for one more wish after the first. The end of a terminal comes with one, and is none.
    pub(crate) async fn insisted(&mut self, is_first_a_wish: bool) {
        let mut is_wished = is_first_a_wish;
        while !(self.received().await && std::mem::replace(&mut is_wished, true)) {}
    }
}

impl Running {
    /// Where it listens; the port is the real one where 0 was configured.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where people reach it: addresses with their scheme, or sockets.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// When the certificate in use ends; none: it speaks no https.
    #[must_use]
    pub fn certificate_ends(&self) -> Option<SystemTime> {
        self.tls.as_ref().map(Tls::ends)
    }

    /// Has something served beside requests until it is true that the server stops.
    pub fn serve_beside<F>(&mut self, serving: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.commands.push(tokio::spawn(serving(self.stopping.subscribe())));
    }

    /// Where figures are read; the port is the real one where 0 was configured. None: nowhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Takes no more requests, ends the live streams, waits for the rest, has the audit's last rows
    /// streamed and writes what is only noted. Requests that take too long are answered that they
    /// were cut off: a stop ends in 10 seconds.
    ///
    /// # Errors
    /// Where serving failed before.
    pub async fn stop(mut self) -> io::Result<()> {
        let _ = self.stopping.send(true);
        self.supervisor.stopping();
        // Nobody is to find it who is not answered.
        drop(self.file.take());
        // Between two transactions: what is written is whole, and the rest is the next one's.
        self.beside.stop();
        let mut ended = tokio::time::timeout(STOP_TIMEOUT, &mut self.task).await;
        if ended.is_err() {
            tracing::warn!("some requests did not end in time and are cut off");
            // Each answers so, and its connection ends with that: they are tasks of their own.
            let _ = self.cutting.send(true);
            ended = tokio::time::timeout(CUT_TIMEOUT, &mut self.task).await;
            self.task.abort();
        }
        let until = tokio::time::Instant::now() + BESIDE_TIMEOUT;
        for mut beside in self.commands.drain(..) {
            if tokio::time::timeout_at(until, &mut beside).await.is_err() {
                beside.abort();
            }
        }
        if let Some(streaming) = self.streaming.take() {
            streaming.end().await;
        }
        self.desk.close().await;
        match ended {
            Ok(Ok(served)) => served,
            Ok(Err(panicked)) => Err(io::Error::other(panicked)),
            Err(_) => Ok(()),
        }
    }

    /// Serves until the process is told to stop, then [`Running::stop`]; told once more, it ends at
    /// once.
    ///
    /// # Errors
    /// Where serving failed, or the store can only be opened by another process.
    pub async fn until_stopped(mut self, mut signals: StopSignals) -> io::Result<()> {
        let is_wish = tokio::select! {
            ended = &mut self.task => return ended.map_err(io::Error::other)?,
            is_wish = signals.received() => is_wish,
            () = self.desk.lost() => {
                tracing::error!("stopping, since the store cannot be opened again by this process");
                self.stop().await?;
                return Err(io::Error::other(
                    "The store failed and could not be opened again by this process. Start it \
                     anew, and look at the disk.",
                ));
            }
        };
        tracing::info!("stopping");
        tokio::select! {
            stopped = self.stop() => stopped,
            () = signals.insisted(is_wish) => {
                tracing::warn!("told to stop once more: what is under way is broken off");
                Err(io::Error::other(
                    "Stopped at once: requests that were under way are broken off.",
                ))
            }
        }
    }
}
