//! Where a command writes and reads: this process's own terminal and files, or those of whoever
//! calls the server that runs the command. Commands ask [`current`], or [`super::show`], which
//! does: nothing else in a command that a server may run writes to standard output, asks for a
//! password or opens a file that was named there. Tests: here, `server/src/cli/control/`, and by
//! the program itself `server/tests/server/command_line/control/`.

pub(super) mod framing;
pub(super) mod own;
pub(super) mod protocol;
mod remote;
pub(super) mod text;

use std::fs::File;
use std::io::{self, BufRead as _, Read, Write};
use std::path::Path;
use std::sync::Arc;

use desk::NewFile;
use indicatif::ProgressDrawTarget;

use remote::{RemoteFile, RemoteScreen};

pub(super) use remote::RemoteTerminal;

/// The most bytes that are read of a line of standard input: no secret and no answer is longer.
pub(super) const LONGEST_LINE: usize = 4096;

/// How often a second it is drawn how far it is.
const DRAWN_A_SECOND: u8 = 20;

tokio::task_local! {
    static CALLER: Arc<RemoteTerminal>;
}

/// As much of it as is read of a line.
fn first_bytes<R: Read>(from: R) -> io::Take<R> {
    from.take(LONGEST_LINE as u64 + 1)
}

/// Has a command write and read at its caller's.
pub(super) async fn of_caller<F: Future>(caller: RemoteTerminal, command: F) -> F::Output {
    CALLER.scope(Arc::new(caller), command).await
}

/// The terminal of the command that runs here. On a thread or in a task of its own a command has to
/// take it along.
pub(super) fn current() -> Terminal {
    CALLER.try_with(|caller| Terminal::Caller(caller.clone())).unwrap_or(Terminal::Own)
}

/// A terminal, and the files that are named at it.
#[derive(Clone, Debug)]
pub(super) enum Terminal {
    /// This process's.
    Own,
    /// That of whoever calls this server.
    Caller(Arc<RemoteTerminal>),
}

impl Terminal {
    /// Writes all of it to standard output. It waits for whoever reads it.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Own => own::write(bytes),
            Self::Caller(caller) => caller.write(bytes),
        }
    }

    /// Lets go of what standard output keeps back yet.
    pub(super) fn flush(&self) -> io::Result<()> {
        match self {
            Self::Own => own::flush(),
            Self::Caller(caller) => caller.flush(),
        }
    }

    /// Writes all of it to standard error.
    pub(super) fn write_error(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Own => own::write_error(bytes),
            Self::Caller(caller) => caller.write_error(bytes),
        }
    }

    /// Asks for a secret at the keyboard, unseen.
    pub(super) fn ask(&self, prompt: &str) -> io::Result<String> {
        match self {
            Self::Own => own::ask(prompt),
            Self::Caller(caller) => caller.ask(prompt),
        }
    }

    /// Reads a line of standard input, as [`io::BufRead::read_line`] does; of one that is longer
    /// than [`LONGEST_LINE`], a byte more than that.
    pub(super) fn read_line(&self, line: &mut String) -> io::Result<usize> {
        match self {
            Self::Own => first_bytes(io::stdin().lock()).read_line(line),
            Self::Caller(caller) => caller.read_line(line),
        }
    }

    /// Standard input.
    pub(super) fn input(&self) -> Input {
        Input(match self {
            Self::Own => Source::Stdin,
            Self::Caller(caller) => Source::StdinThere(caller.clone()),
        })
    }

    /// Opens a file that the command line names, to be read. A folder is none.
    pub(super) fn open(&self, path: &Path) -> io::Result<Input> {
        Ok(Input(match self {
            Self::Own => Source::File(own::open(path)?),
            Self::Caller(caller) => Source::FileThere(caller.open(path)?),
        }))
    }

    /// Standard output, for what is no text.
    pub(super) fn output(&self) -> Box<dyn Write + Send> {
        match self {
            Self::Own => Box::new(io::stdout()),
            Self::Caller(caller) => Box::new(OutputThere(caller.clone())),
        }
    }

    /// Makes a file that the command line names; true: instead of one that is there. It is in its
    /// place once it is whole and [`Output::keep`] has returned; else there is nothing.
    pub(super) fn create(&self, path: &Path, replaces: bool) -> io::Result<Output> {
        Ok(Output(match self {
            Self::Own => Target::File(NewFile::create(path, replaces)?),
            Self::Caller(caller) => Target::FileThere(caller.create(path, replaces)?),
        }))
    }

    /// Whether standard output is a terminal.
    pub(super) fn output_is_terminal(&self) -> bool {
        match self {
            Self::Own => own::facts().output_is_terminal,
            Self::Caller(caller) => caller.facts().output_is_terminal,
        }
    }

    /// Where it is drawn how far it is: nowhere, where standard error is no terminal.
    pub(super) fn progress(&self) -> ProgressDrawTarget {
        match self {
            Self::Own if own::facts().errors_are_terminal => ProgressDrawTarget::stderr(),
            Self::Caller(caller) if caller.facts().errors_are_terminal => {
                let screen = Box::new(RemoteScreen::new(caller.clone()));
                ProgressDrawTarget::term_like_with_hz(screen, DRAWN_A_SECOND)
            }
            Self::Own | Self::Caller(_) => ProgressDrawTarget::hidden(),
        }
    }
}

/// What is read.
#[derive(Debug)]
pub(super) struct Input(Source);

/// Where it is read from.
#[derive(Debug)]
enum Source {
    Stdin,
    StdinThere(Arc<RemoteTerminal>),
    File(File),
    FileThere(RemoteFile),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Source::Stdin => io::stdin().lock().read(buffer),
            Source::StdinThere(caller) => caller.read_input(buffer),
            Source::File(file) => file.read(buffer),
            Source::FileThere(file) => file.read(buffer),
        }
    }
}

/// Standard output of whoever calls this server.
struct OutputThere(Arc<RemoteTerminal>);

impl Write for OutputThere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Output(Target);

/// Who writes it.
#[derive(Debug)]
enum Target {
    /// This process.
    File(NewFile),
    /// Whoever calls this server.
    FileThere(RemoteFile),
}

impl Output {
    /// Where it is written to, from its beginning: what was written before is gone.
    pub(super) fn writer(&mut self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match &mut self.0 {
            Target::File(file) => Box::new(file.writer()?),
            Target::FileThere(file) => Box::new(file.writer()?),
        })
    }

    /// It is whole: it goes to the disk and into its place.
    pub(super) fn keep(self) -> io::Result<()> {
        match self.0 {
            Target::File(file) => file.keep(),
            Target::FileThere(file) => file.keep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_writes_at_its_caller_s_and_at_no_other_one_s() {
        let facts = protocol::Facts {
            output_is_terminal: true,
            errors_are_terminal: true,
            width: Some(132),
        };
        let (calls, _calls) = tokio::sync::mpsc::channel(1);
        let (_answers, answers) = std::sync::mpsc::channel();
        let caller = RemoteTerminal::new(facts, calls, answers);
        let within = of_caller(caller, async { current() }).await;
        assert!(matches!(within, Terminal::Caller(_)) && within.output_is_terminal());
        assert!(!within.progress().is_hidden());
        assert!(matches!(current(), Terminal::Own));
    }

    #[test]
    fn whoever_has_gone_reads_no_more() {
        let facts = own::facts();
        let (calls, called) = tokio::sync::mpsc::channel(1);
        let (_answers, answers) = std::sync::mpsc::channel();
        let terminal = Terminal::Caller(Arc::new(RemoteTerminal::new(facts, calls, answers)));
        drop(called);
        let error = terminal.write(b"x").expect_err("gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(terminal.open(Path::new("x")).is_err());
        assert!(terminal.input().read(&mut [0]).is_err());
    }

    /// A caller on a thread of its own, who keeps what is written to a file.
    fn keeping(
        mut called: tokio::sync::mpsc::Receiver<Vec<u8>>,
        answers: &std::sync::mpsc::Sender<Vec<u8>>,
    ) -> (Vec<u8>, usize) {
        let (mut kept, mut calls) = (Vec::new(), 0);
        while let Some(body) = called.blocking_recv() {
            let answer = match protocol::decode(&body).expect("a call") {
                protocol::Call::Create(name, replaces) => {
                    assert!(name == b"copy" && !replaces);
                    protocol::Answer::File(7)
                }
                protocol::Call::Begin(7) => {
                    kept.clear();
                    protocol::Answer::Done
                }
                protocol::Call::Write(7, bytes) => {
                    calls += 1;
                    kept.extend_from_slice(bytes);
                    protocol::Answer::Done
                }
                protocol::Call::Finish(7) => protocol::Answer::Done,
                call => panic!("{call:?}"),
            };
            answers.send(protocol::encode(&answer).expect("encoded")).expect("sent");
        }
        (kept, calls)
    }

    #[test]
    fn a_file_goes_over_a_chunk_at_a_time_each_taken_before_the_next() {
        let (calls, called) = tokio::sync::mpsc::channel(1);
        let (answers, answered) = std::sync::mpsc::channel();
        let caller = std::thread::spawn(move || keeping(called, &answers));
        let terminal =
            Terminal::Caller(Arc::new(RemoteTerminal::new(own::facts(), calls, answered)));
        let content: Vec<u8> = (0..3 * framing::CHUNK + 5).map(|n| n.to_le_bytes()[0]).collect();
        let mut file = terminal.create(Path::new("copy"), false).expect("made");
        for content in [&b"a first try"[..], &content] {
            file.writer().expect("begun").write_all(content).expect("written");
        }
        file.keep().expect("kept");
        drop(terminal);
        assert_eq!(caller.join().expect("kept"), (content, 1 + 4));
    }

    #[test]
    fn one_s_own_file_is_written_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("copy");
        let mut file = Terminal::Own.create(&path, false).expect("made");
        file.writer().expect("begun").write_all(b"whole").expect("written");
        file.keep().expect("kept");
        let mut read = String::new();
        Terminal::Own.open(&path).expect("opened").read_to_string(&mut read).expect("read");
        assert_eq!(read, "whole");
    }
}
