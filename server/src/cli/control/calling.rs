//! Whoever typed a command while a server has the store: it is sent there, and what the server
//! calls for while it runs is done here. Of files only those are opened that the command line
//! names, whatever the server calls for. Tests: `tests.rs`, and
//! `server/tests/server/command_line/control/`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use desk::NewFile;

use super::files::{Files, Readable, is_named, not_there};
use super::{HANDSHAKE_TIMEOUT, peer, shown, store_id};
use crate::cli::exit::{ExitCode, Failure};
use crate::cli::packaged;
use crate::cli::terminal::framing::{CHUNK, framed, read};
use crate::cli::terminal::own;
use crate::cli::terminal::protocol::{Answer, Call, Hello, Request, Run, decode, encode};
use crate::config::Configuration;

/// What is said of a store that is in use while no server answers for it.
pub(in crate::cli) fn not_reached(store: &str, control: Option<&Path>) -> String {
    let socket = match control {
        Some(path) => format!("no server answers at {}", shown(path)),
        None => "no socket for commands is configured (server.control)".to_owned(),
    };
    format!(
        "the store {store} is in use by another latchkey process, and {socket}. If that is a \
         command, or a server that has just started, try again in a moment; a server without a \
         socket is stopped first."
    )
}

/// Has the command that was typed done by the server that has the store; none: there is none.
///
/// # Errors
/// Where the server does not do it, or goes away before it is done.
pub(in crate::cli) async fn run_in_server(
    configuration: &Configuration,
    files: Files,
) -> Result<Option<ExitCode>, Failure> {
    let Some(stream) = connect(configuration).await? else { return Ok(None) };
    let run = Run::new(std::env::args_os().skip(1), own::facts());
    let request = Request { store: store_id(&configuration.desk), run: Some(run) };
    // It waits for the server, and for people at the keyboard.
    let calling = tokio::task::spawn_blocking(move || {
        let (_, stream) = greet(stream, &request)?;
        answer_calls(stream, files)
    });
    calling.await.map_err(Failure::other)?
}

/// Whether a server that has the store takes commands, in a sentence for `check`.
pub(in crate::cli) async fn server_in_words(configuration: &Configuration) -> String {
    let none = || "Server: none takes commands for this store.".to_owned();
    let stream = match connect(configuration).await {
        Ok(Some(stream)) => stream,
        Ok(None) => return none(),
        Err(failure) => return format!("Server: {failure}"),
    };
    let request = Request { store: store_id(&configuration.desk), run: None };
    let asking = tokio::task::spawn_blocking(move || {
        let (version, stream) = greet(stream, &request)?;
        let known = answer_calls(stream, Files::default())?;
        Ok::<_, Failure>(known.map(|_| version))
    });
    match asking.await.map_err(Failure::other).flatten() {
        Ok(Some(version)) => format!("Server: Latchkey {version} runs on it and takes commands."),
        Ok(None) => none(),
        Err(failure) => format!("Server: {failure}"),
    }
}

/// The server that listens where it is configured; none: nobody does.
async fn connect(configuration: &Configuration) -> Result<Option<UnixStream>, Failure> {
    let Some(path) = &configuration.control else { return Ok(None) };
    let place = shown(path);
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return Err(Failure::Other(format!(
            "{place}, the socket for commands, is a symbolic link, and those are not followed: \
             remove it, or name the right place by server.control."
        )));
    }
    let folder = configuration.desk.folder();
    let stream = match tokio::net::UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return not_allowed(&configuration.desk.store, folder.as_deref().unwrap_or(path));
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            let why = "Too many are calling the server at once. Try again in a moment.";
            return Err(Failure::Other(why.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let server = stream.peer_cred().map_err(Failure::other)?.uid();
    let owner = folder.and_then(|folder| std::fs::metadata(folder).ok()).map(|found| found.uid());
    if ![Some(peer::own()), Some(peer::ROOT), owner].contains(&Some(server)) {
        return Err(Failure::Other(format!(
            "At {place} a program of another user listens ({}), and the store is not theirs: \
             nothing was sent there. Name the right place by server.control.",
            peer::name(server)
        )));
    }
    let stream = stream.into_std().map_err(Failure::other)?;
    stream.set_nonblocking(false).map_err(Failure::other)?;
    Ok(Some(stream))
}

/// What is said where the socket is another user's; where it is one's own all the same, opening the
/// store says what is wrong.
fn not_allowed(store: &str, place: &Path) -> Result<Option<UnixStream>, Failure> {
    match peer::owner(place).filter(|owner| *owner != peer::own()) {
        Some(owner) => Err(Failure::Other(format!(
            "the store {store} is another user's. Run the command as they: {}",
            packaged::typed_as(&peer::name(owner))
        ))),
        None => Ok(None),
    }
}

/// Says who this is and what is wanted; answers the server's version.
fn greet(mut stream: UnixStream, request: &Request) -> Result<(String, UnixStream), Failure> {
    let server = exchange(&mut stream, request).map_err(|error| {
        Failure::Other(match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => format!(
                "The server takes the command and does not answer within {} seconds. Look at its \
                 log, and restart it.",
                HANDSHAKE_TIMEOUT.as_secs()
            ),
            ErrorKind::InvalidData => {
                "The command line is too long, or what listens for it is no Latchkey.".to_owned()
            }
            _ => ended_early(),
        })
    })?;
    match server.refused {
        Some(why) => Err(Failure::Other(why)),
        None => Ok((server.latchkey, stream)),
    }
}

fn exchange(stream: &mut UnixStream, request: &Request) -> io::Result<Hello> {
    stream.set_read_timeout(Some(HANDSHAKE_TIMEOUT))?;
    stream.set_write_timeout(Some(HANDSHAKE_TIMEOUT))?;
    let own = framed(&serde_json::to_vec(&Hello::own(None))?)?;
    // One that turns this away says why, and may have gone by now.
    let sent = stream.write_all(&own);
    let server: Hello = serde_json::from_slice(&read(stream)?)?;
    if server.refused.is_none() {
        sent?;
        stream.write_all(&framed(&encode(request)?)?)?;
    }
    stream.set_read_timeout(None)?;
    stream.set_write_timeout(None)?;
    Ok(server)
}

fn ended_early() -> String {
    "The server has gone before the command had ended. What it had done by then is done: look at \
     it, and run the command again."
        .to_owned()
}

/// Does what the server calls for until the command has ended; none: it has another store.
fn answer_calls(mut stream: UnixStream, files: Files) -> Result<Option<ExitCode>, Failure> {
    let gone = |_: io::Error| Failure::Other(ended_early());
    let mut caller = Caller { files, open: HashMap::new(), opened: 0 };
    loop {
        let body = read(&mut stream).map_err(gone)?;
        let answer = match decode(&body).map_err(gone)? {
            Call::Exit(code) => {
                // As at the end of any program.
                let _ = own::flush();
                return Ok(Some(ExitCode::from(code)));
            }
            Call::OtherStore => return Ok(None),
            Call::Refused(why) => return Err(Failure::Other(why.to_owned())),
            call => caller.answer(&call),
        };
        let answer = answer.and_then(|answer| framed(&answer)).map_err(gone)?;
        // Where the server has gone, what it said last is there to be read yet.
        let _ = stream.write_all(&answer);
    }
}

/// A file that was opened for the server.
#[derive(Debug)]
enum Opened {
    Read(Readable),
    /// With where it is written to, once it is.
    Written(NewFile, Option<File>),
}

/// This side of a command.
#[derive(Debug)]
struct Caller {
    files: Files,
    open: HashMap<u32, Opened>,
    opened: u32,
}

impl Caller {
    /// Does one thing; answers what goes into the frame.
    fn answer(&mut self, call: &Call<'_>) -> io::Result<Vec<u8>> {
        self.done(call).or_else(|error| {
            let words = error.to_string();
            encode(&match error.kind() {
                ErrorKind::AlreadyExists => Answer::Exists(&words),
                _ => Answer::Failed(error.raw_os_error(), &words),
            })
        })
    }

    fn done(&mut self, call: &Call<'_>) -> io::Result<Vec<u8>> {
        match *call {
            Call::Output(bytes) => own::write(bytes)?,
            Call::Flush => own::flush()?,
            Call::Error(bytes) => own::write_error(bytes)?,
            Call::Ask(prompt) => return encode(&Answer::Text(&own::ask(prompt)?)),
            Call::Input(limit) => return some_of(&mut io::stdin().lock(), limit),
            Call::Open(name) => {
                let file = self.files.open(name)?;
                return self.keep(Opened::Read(file));
            }
            Call::Create(name, replaces) => {
                let written = self.files.written.as_ref();
                let (path, may_replace) =
                    written.filter(|(path, _)| is_named(path, name)).ok_or_else(not_there)?;
                let file = NewFile::create(path, replaces && *may_replace)?;
                return self.keep(Opened::Written(file, None));
            }
            Call::Read(number, limit) => match self.open.get_mut(&number) {
                Some(Opened::Read(file)) => return some_of(file, limit),
                _ => return Err(not_there()),
            },
            Call::Write(number, bytes) => match self.open.get_mut(&number) {
                Some(Opened::Written(_, Some(writer))) => writer.write_all(bytes)?,
                _ => return Err(not_there()),
            },
            Call::Begin(number) => match self.open.get_mut(&number) {
                Some(Opened::Written(file, writer)) => *writer = Some(file.writer()?),
                _ => return Err(not_there()),
            },
            Call::Finish(number) => match self.open.remove(&number) {
                Some(Opened::Written(file, _)) => file.keep()?,
                _ => return Err(not_there()),
            },
            Call::Close(number) => drop(self.open.remove(&number)),
            // The last of a command, which is nothing to be done.
            Call::Exit(_) | Call::OtherStore | Call::Refused(_) => return Err(not_there()),
        }
        encode(&Answer::Done)
    }

    fn keep(&mut self, file: Opened) -> io::Result<Vec<u8>> {
        let number = self.opened;
        self.opened = number.checked_add(1).ok_or_else(not_there)?;
        self.open.insert(number, file);
        encode(&Answer::File(number))
    }
}

fn some_of(from: &mut impl io::Read, limit: u32) -> io::Result<Vec<u8>> {
    let limit = usize::try_from(limit).unwrap_or(CHUNK).min(CHUNK);
    let mut buffer = vec![0; limit];
    let length = loop {
        match from.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            length => break length?,
        }
    };
    encode(&Answer::Data(&buffer[..length]))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn caller(folder: &Path, may_replace: bool) -> Caller {
        let files = Files {
            read: vec![folder.join("people.csv")],
            made: Vec::new(),
            written: Some((folder.join("copy"), may_replace)),
        };
        Caller { files, open: HashMap::new(), opened: 0 }
    }

    fn name(path: &Path) -> &[u8] {
        path.as_os_str().as_bytes()
    }

    fn number(answer: &[u8]) -> Option<u32> {
        match decode(answer) {
            Ok(Answer::File(number)) => Some(number),
            _ => None,
        }
    }

    fn is_done(answer: io::Result<Vec<u8>>) -> bool {
        matches!(decode(&answer.expect("encoded")), Ok(Answer::Done))
    }

    fn is_refused(answer: io::Result<Vec<u8>>) -> bool {
        matches!(decode(&answer.expect("encoded")), Ok(Answer::Failed(None, _)))
    }

    #[test]
    fn no_file_is_opened_that_the_command_line_does_not_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("people.csv"), "netid\n").expect("written");
        std::fs::write(path("secret"), "secret").expect("written");
        let mut caller = caller(folder.path(), true);
        for other in ["secret", "copy", "../people.csv", "./people.csv"] {
            assert!(is_refused(caller.answer(&Call::Open(name(&path(other))))), "{other}");
        }
        for other in ["secret", "people.csv", "new"] {
            let made = caller.answer(&Call::Create(name(&path(other)), true));
            assert!(is_refused(made), "{other}");
        }
        assert_eq!(std::fs::read(path("secret")).expect("read"), b"secret");
        for call in [Call::Read(0, 9), Call::Begin(0), Call::Write(0, b"x"), Call::Finish(0)] {
            assert!(is_refused(caller.answer(&call)), "{call:?}");
        }
    }

    #[test]
    fn files_that_it_names_are_read_and_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("people.csv"), "netid\n").expect("written");
        let mut caller = caller(folder.path(), false);
        let opened = caller.answer(&Call::Open(name(&path("people.csv")))).expect("encoded");
        let opened = number(&opened).expect("opened");
        for expected in [&b"net"[..], b"id\n", b""] {
            let answer = caller.answer(&Call::Read(opened, 3)).expect("encoded");
            assert!(matches!(decode(&answer), Ok(Answer::Data(bytes)) if bytes == expected));
        }
        let made = caller.answer(&Call::Create(name(&path("copy")), false)).expect("encoded");
        let made = number(&made).expect("made");
        for content in [&b"a first try"[..], b"whole"] {
            assert!(is_done(caller.answer(&Call::Begin(made))));
            assert!(is_done(caller.answer(&Call::Write(made, content))));
        }
        assert!(is_done(caller.answer(&Call::Finish(made))));
        assert_eq!(std::fs::read(path("copy")).expect("read"), b"whole");
        // What is there is replaced where the command line says so, and not at the server's word.
        for replaces in [false, true] {
            let again = caller.answer(&Call::Create(name(&path("copy")), replaces));
            let again = again.expect("encoded");
            assert!(matches!(decode(&again), Ok(Answer::Exists(_))), "{replaces}");
        }
    }

    #[test]
    fn one_that_is_closed_before_it_is_whole_leaves_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("copy");
        std::fs::write(&path, "before").expect("written");
        let mut caller = caller(folder.path(), true);
        let made = caller.answer(&Call::Create(name(&path), true)).expect("encoded");
        let made = number(&made).expect("made");
        assert!(is_done(caller.answer(&Call::Begin(made))));
        assert!(is_done(caller.answer(&Call::Write(made, b"hal"))));
        assert!(is_done(caller.answer(&Call::Close(made))));
        assert_eq!(std::fs::read(&path).expect("read"), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
