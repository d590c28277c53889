//! The terminal of somebody who calls this server from another process: what a command writes is
//! written there, what it reads is read there. One thing at a time, and each is waited for, so that
//! a caller who is slow makes the command slow and takes no memory. A command that does so runs on
//! a thread of its own. Tests: `server/src/cli/control/`,
//! `server/tests/server/command_line/control/`.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::Sender;

use super::framing::CHUNK;
use super::protocol::{Answer, Call, Facts, decode, encode};

/// Where there is no telling how wide a terminal is.
const USUAL_WIDTH: u16 = 80;

/// Waits for a lock; whoever had it and panicked has left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn gone() -> io::Error {
    io::Error::new(ErrorKind::BrokenPipe, "whoever called has gone")
}

/// Both ends of what carries calls to the caller and answers back.
#[derive(Debug)]
struct Ends {
    calls: Sender<Vec<u8>>,
    answers: Receiver<Vec<u8>>,
}

/// Carries one call at a time.
#[derive(Debug)]
struct Wire(Mutex<Ends>);

impl Wire {
    /// Asks the caller for something and waits for the answer; `read` takes what it wants of it.
    fn call<T>(
        &self,
        call: &Call<'_>,
        read: impl FnOnce(Answer<'_>) -> Option<T>,
    ) -> io::Result<T> {
        let frame = encode(call)?;
        let answer = {
            let ends = lock(&self.0);
            // There is room for it: the last one has been answered.
            ends.calls.try_send(frame).map_err(|_| gone())?;
            ends.answers.recv().map_err(|_| gone())?
        };
        match decode(&answer)? {
            Answer::Failed(Some(number), _) => Err(io::Error::from_raw_os_error(number)),
            Answer::Failed(None, words) => Err(io::Error::other(words.to_owned())),
            Answer::Exists(words) => Err(io::Error::new(ErrorKind::AlreadyExists, words)),
            answer => read(answer).ok_or_else(gone),
        }
    }

    /// As [`Wire::call`], of what is only done.
    fn have_done(&self, call: &Call<'_>) -> io::Result<()> {
        self.call(call, |answer| matches!(answer, Answer::Done).then_some(()))
    }

    /// As [`Wire::call`], of what is read into `buffer`.
    fn read(
        &self,
        buffer: &mut [u8],
        call: impl FnOnce(u32) -> Call<'static>,
    ) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let limit = u32::try_from(buffer.len().min(CHUNK)).map_err(io::Error::other)?;
        self.call(&call(limit), |answer| {
            let Answer::Data(bytes) = answer else { return None };
            buffer.get_mut(..bytes.len())?.copy_from_slice(bytes);
            Some(bytes.len())
        })
    }

    /// Writes all of it, a chunk at a time.
    fn write<'a>(&self, bytes: &'a [u8], call: impl Fn(&'a [u8]) -> Call<'a>) -> io::Result<()> {
        bytes.chunks(CHUNK).try_for_each(|chunk| self.have_done(&call(chunk)))
    }
}

/// Standard input there.
#[derive(Debug)]
struct InputThere(Arc<Wire>);

impl Read for InputThere {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer, Call::Input)
    }
}

/// The caller's terminal.
#[derive(Debug)]
pub(in crate::cli) struct RemoteTerminal {
    facts: Facts,
    wire: Arc<Wire>,
    /// What was read there and not taken yet: the next password may be in it.
    input: Mutex<BufReader<InputThere>>,
}

impl RemoteTerminal {
    /// One that is like this, at the other end of these.
    pub(in crate::cli) fn new(
        facts: Facts,
        calls: Sender<Vec<u8>>,
        answers: Receiver<Vec<u8>>,
    ) -> Self {
        let wire = Arc::new(Wire(Mutex::new(Ends { calls, answers })));
        let input = Mutex::new(BufReader::new(InputThere(wire.clone())));
        Self { facts, wire, input }
    }

    pub(super) fn facts(&self) -> Facts {
        self.facts
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write(bytes, Call::Output)
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        self.wire.have_done(&Call::Flush)
    }

    pub(super) fn write_error(&self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write(bytes, Call::Error)
    }

    pub(super) fn ask(&self, prompt: &str) -> io::Result<String> {
        self.wire.call(&Call::Ask(prompt), |answer| match answer {
            Answer::Text(text) => Some(text.to_owned()),
            _ => None,
        })
    }

    pub(super) fn read_line(&self, line: &mut String) -> io::Result<usize> {
        super::first_bytes(&mut *lock(&self.input)).read_line(line)
    }

    pub(super) fn read_input(&self, buffer: &mut [u8]) -> io::Result<usize> {
        lock(&self.input).read(buffer)
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<RemoteFile> {
        self.file(&Call::Open(path.as_os_str().as_bytes()))
    }

    pub(super) fn create(&self, path: &Path, replaces: bool) -> io::Result<RemoteFile> {
        self.file(&Call::Create(path.as_os_str().as_bytes(), replaces))
    }

    fn file(&self, call: &Call<'_>) -> io::Result<RemoteFile> {
        let number = self.wire.call(call, |answer| match answer {
            Answer::File(number) => Some(number),
            _ => None,
        })?;
        Ok(RemoteFile { wire: self.wire.clone(), number, is_open: true })
    }
}

/// A file that the caller has opened.
#[derive(Debug)]
pub(in crate::cli) struct RemoteFile {
    wire: Arc<Wire>,
    number: u32,
    is_open: bool,
}

impl RemoteFile {
    /// Where it is written to, from its beginning.
    pub(super) fn writer(&self) -> io::Result<RemoteWriter> {
        self.wire.have_done(&Call::Begin(self.number))?;
        Ok(RemoteWriter { wire: self.wire.clone(), number: self.number })
    }

    /// Puts it in its place.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.is_open = false;
        self.wire.have_done(&Call::Finish(self.number))
    }
}

impl Read for RemoteFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wire.read(buffer, |limit| Call::Read(self.number, limit))
    }
}

impl Drop for RemoteFile {
    fn drop(&mut self) {
        if self.is_open {
            // A caller that has gone has closed it.
            let _ = self.wire.have_done(&Call::Close(self.number));
        }
    }
}

/// Writes to a file that the caller has opened.
#[derive(Debug)]
pub(in crate::cli) struct RemoteWriter {
    wire: Arc<Wire>,
    number: u32,
}

impl io::Write for RemoteWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let chunk = &bytes[..bytes.len().min(CHUNK)];
        self.wire.have_done(&Call::Write(self.number, chunk)).map(|()| chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Draws how far it is at the caller's terminal.
#[derive(Debug)]
pub(in crate::cli) struct RemoteScreen {
    terminal: Arc<RemoteTerminal>,
    /// What is drawn next, all at once.
    drawn: Mutex<String>,
}

impl RemoteScreen {
    pub(super) fn new(terminal: Arc<RemoteTerminal>) -> Self {
        Self { terminal, drawn: Mutex::default() }
    }

    fn draw(&self, text: &str) -> io::Result<()> {
        lock(&self.drawn).push_str(text);
        Ok(())
    }

    fn move_cursor(&self, by: usize, direction: char) -> io::Result<()> {
        if by > 0 { self.draw(&format!("\u{1b}[{by}{direction}")) } else { Ok(()) }
    }
}

impl indicatif::TermLike for RemoteScreen {
    fn width(&self) -> u16 {
        self.terminal.facts.width.unwrap_or(USUAL_WIDTH)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.draw(&format!("{s}\n"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.draw(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let drawn = std::mem::take(&mut *lock(&self.drawn));
        self.terminal.write_error(drawn.as_bytes())
    }
}
