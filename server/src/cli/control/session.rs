//! One caller of a server: they say who they are and what they want, and then the command runs on a
//! thread of its own, while here its calls go out and the answers come in. Whatever the caller
//! does, at most one frame of each waits. A caller who goes away, or answers what was not called
//! for, has the command dropped where it next waits for something. Tests: `tests.rs`, and
//! `server/tests/server/command_line/control/`.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::mpsc as blocking;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::listening::{Host, MAX_COMMANDS, is_true};
use super::{HANDSHAKE_TIMEOUT, store_id};
use crate::cli::desk_source::DeskSource;
use crate::cli::exit::{ExitCode, Failure};
use crate::cli::terminal::framing::{Frames, framed};
use crate::cli::terminal::protocol::{Call, Hello, Request, Run, decode, encode};
use crate::cli::terminal::{self, RemoteTerminal};
use crate::cli::{Cli, on_store, show};

/// What is said when the server stops before a command has ended.
const STOPPED: &str = "The server stopped before the command had ended. What it had done by then \
    is done: look at it, and run the command again.";

/// What is said where a command has failed in a way that it has no words for.
const FAILED: &str = "The command failed, and the server’s log says why.";

/// The frame in which this program says who it is.
pub(super) fn hello(refused: Option<String>) -> io::Result<Vec<u8>> {
    framed(&serde_json::to_vec(&Hello::own(refused))?)
}

/// Both directions of a caller's connection.
#[derive(Debug)]
struct Connection {
    frames: Frames<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Connection {
    async fn send(&mut self, call: &Call<'_>) -> io::Result<()> {
        self.writer.write_all(&framed(&encode(call)?)?).await
    }
}

/// How a command ended.
enum End {
    /// By itself, with this.
    Code(ExitCode),
    /// In a panic.
    Failed,
    /// Its caller has gone, or says what nobody wanted to hear.
    Gone,
    /// The server stops.
    Stopped,
}

/// One caller.
#[derive(Debug)]
pub(super) struct Session {
    host: Arc<Host>,
    /// The user they run as.
    caller: u32,
    /// Whether what has not ended by now is broken off.
    cutting: watch::Receiver<bool>,
}

impl Session {
    pub(super) fn new(host: Arc<Host>, caller: u32, cutting: watch::Receiver<bool>) -> Self {
        Self { host, caller, cutting }
    }

    /// From the first word to the last.
    pub(super) async fn run(mut self, stream: UnixStream) {
        let (reader, writer) = stream.into_split();
        let mut connection = Connection { frames: Frames::new(reader), writer };
        let greeting = tokio::time::timeout(HANDSHAKE_TIMEOUT, greet(&mut connection));
        let greeted = tokio::select! {
            greeted = greeting => greeted.unwrap_or_else(|late| Err(late.into())),
            () = is_true(&mut self.cutting) => return,
        };
        let request = match greeted {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(%error, "whoever called did not say what they want");
                return;
            }
        };
        let last = self.answer(request, &mut connection).await;
        let Some(last) = last else { return };
        tokio::select! {
            // Whoever has gone does not hear it.
            _ = connection.send(&last) => {}
            () = self.is_cut_for_a_while() => {}
        }
    }

    /// Waits until the server has stopped, and a last word had time to go out.
    async fn is_cut_for_a_while(&mut self) {
        is_true(&mut self.cutting).await;
        tokio::task::yield_now().await;
    }

    /// Does what was wanted; answers the last that is to be said of it.
    async fn answer(
        &mut self,
        request: Request,
        connection: &mut Connection,
    ) -> Option<Call<'static>> {
        if request.store != store_id(&self.host.configuration.desk) {
            return Some(Call::OtherStore);
        }
        let Some(run) = request.run else { return Some(Call::Exit(ExitCode::SUCCESS.number())) };
        let Ok(permit) = self.host.commands.clone().try_acquire_owned() else {
            tracing::warn!(limit = MAX_COMMANDS, "a command was refused: as many run as may");
            return Some(Call::Refused(
                "As many commands run at this server as may. Wait until one has ended, and try \
                 again.",
            ));
        };
        match self.have_run(run, permit, connection).await {
            End::Code(code) => Some(Call::Exit(code.number())),
            End::Failed => Some(Call::Refused(FAILED)),
            End::Gone => None,
            End::Stopped => Some(Call::Refused(STOPPED)),
        }
    }

    /// Has a command run, and carries what it says and hears.
    async fn have_run(
        &mut self,
        run: Run,
        permit: OwnedSemaphorePermit,
        connection: &mut Connection,
    ) -> End {
        let (calls, mut called) = mpsc::channel(1);
        let (answers, answered) = blocking::channel();
        let (alive, is_gone) = oneshot::channel();
        let terminal = RemoteTerminal::new(run.facts, calls, answered);
        let mut command = self.start(run.args().collect(), permit, terminal, is_gone);
        let mut is_waited_for = false;
        let end = loop {
            tokio::select! {
                ended = &mut command => break match ended {
                    Ok(Some(code)) => End::Code(code),
                    Ok(None) => End::Gone,
                    Err(_) => End::Failed,
                },
                Some(body) = called.recv() => {
                    let written = match framed(&body) {
                        Ok(frame) => tokio::select! {
                            written = connection.writer.write_all(&frame) => written,
                            () = is_true(&mut self.cutting) => break End::Stopped,
                        },
                        Err(error) => Err(error),
                    };
                    if written.is_err() {
                        break End::Gone;
                    }
                    is_waited_for = true;
                }
                answer = connection.frames.next() => match answer {
                    Ok(Some(body)) if is_waited_for => {
                        is_waited_for = false;
                        // A command that has just ended does not hear it.
                        let _ = answers.send(body);
                    }
                    _ => break End::Gone,
                },
                () = is_true(&mut self.cutting) => break End::Stopped,
            }
        };
        // It waits for an answer no longer, and ends where it next waits for anything else.
        drop((answers, called, alive));
        end
    }

    /// Starts a command, on a thread that it may keep waiting.
    fn start(
        &self,
        args: Vec<OsString>,
        permit: OwnedSemaphorePermit,
        terminal: RemoteTerminal,
        is_gone: oneshot::Receiver<()>,
    ) -> JoinHandle<Option<ExitCode>> {
        let (host, caller, runtime) = (self.host.clone(), self.caller, Handle::current());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            runtime.block_on(terminal::of_caller(terminal, async move {
                tokio::select! {
                    biased;
                    // Its other end is dropped.
                    _ = is_gone => None,
                    code = command(args, &host, caller) => Some(code),
                }
            }))
        })
    }
}

/// Each says who they are, and the caller what they want; none: nothing more.
async fn greet(connection: &mut Connection) -> io::Result<Option<Request>> {
    let body = connection.frames.next().await?.ok_or(ErrorKind::UnexpectedEof)?;
    let refused = serde_json::from_slice::<Hello>(&body)?.refusal();
    let is_refused = refused.is_some();
    connection.writer.write_all(&hello(refused)?).await?;
    if is_refused {
        return Ok(None);
    }
    let Some(body) = connection.frames.next().await? else { return Ok(None) };
    decode(&body).map(Some)
}

/// Runs a command as it was typed. Of the configuration that it names nothing counts: it is the
/// server's.
async fn command(args: Vec<OsString>, host: &Host, caller: u32) -> ExitCode {
    let line = std::iter::once(OsString::from("latchkey")).chain(args);
    let read = Cli::command().try_get_matches_from(line).and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((name(&matches), cli))
    });
    let (name, cli) = match read {
        Ok(read) => read,
        Err(error) => {
            show::complain(error.to_string().trim_end());
            return ExitCode::from(2);
        }
    };
    tracing::info!(caller, command = name.as_str(), "a command begins");
    let done = if cli.command.runs_in_server() {
        let source = DeskSource::server(&host.configuration, &host.desk);
        on_store(cli.command, cli.demo, &source).await
    } else {
        Err(Failure::Other("No server does this for others.".to_owned()))
    };
    let code = done.unwrap_or_else(|failure| failure.tell());
    tracing::info!(caller, command = name.as_str(), code = code.number(), "a command ended");
    code
}

/// The command's own words, without what it is about: `user set-role`.
fn name(matches: &ArgMatches) -> String {
    let mut words = Vec::new();
    let mut below = matches.subcommand();
    while let Some((word, matches)) = below {
        words.push(word);
        below = matches.subcommand();
    }
    words.join(" ")
}
