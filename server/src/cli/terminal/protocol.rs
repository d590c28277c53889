//! What a server and whoever calls it say to each other while a command runs: the server asks for
//! one thing at a time, and the caller answers. Before that each says which Latchkey it is, in
//! JSON, which every version reads; the rest, in postcard, is of one version alone. Tests: here,
//! and `server/src/cli/control/`.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use serde::{Deserialize, Serialize};

/// Raised whenever what is said changes.
pub(in crate::cli) const PROTOCOL: u32 = 1;

/// This program's version.
pub(in crate::cli) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Which Latchkey it is: the first that each side says.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Hello {
    /// Its version.
    pub(in crate::cli) latchkey: String,
    pub(in crate::cli) protocol: u32,
    /// Why the server does nothing for this caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) refused: Option<String>,
}

impl Hello {
    /// This program's.
    pub(in crate::cli) fn own(refused: Option<String>) -> Self {
        Self { latchkey: VERSION.to_owned(), protocol: PROTOCOL, refused }
    }

    /// Why this program, as the server, does nothing for a caller that says so; none: it does.
    pub(in crate::cli) fn refusal(&self) -> Option<String> {
        let caller: String = self.latchkey.chars().take(40).collect();
        let is_same = caller == VERSION && self.protocol == PROTOCOL;
        (!is_same).then(|| {
            format!(
                "The running server is Latchkey {VERSION} (protocol {PROTOCOL}), and this program \
                 is Latchkey {caller} (protocol {}). Use the server’s own program, or restart the \
                 server with this one.",
                self.protocol
            )
        })
    }
}

/// Which store somebody means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) enum StoreId {
    /// A folder, by whatever name: its device and its number there.
    Folder(u64, u64),
    /// Any other, by its address.
    Address(String),
}

/// What a caller wants.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Request {
    /// With this store.
    pub(in crate::cli) store: StoreId,
    /// This command; none: only to know whether the server has that store.
    pub(in crate::cli) run: Option<Run>,
}

/// A command to be run.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Run {
    /// As it was typed, without the program's name.
    args: Vec<Vec<u8>>,
    /// At what terminal.
    pub(in crate::cli) facts: Facts,
}

impl Run {
    pub(in crate::cli) fn new(args: impl IntoIterator<Item = OsString>, facts: Facts) -> Self {
        Self { args: args.into_iter().map(OsString::into_vec).collect(), facts }
    }

    /// As it was typed, without the program's name.
    pub(in crate::cli) fn args(&self) -> impl Iterator<Item = OsString> {
        self.args.iter().map(|arg| OsStr::from_bytes(arg).to_owned())
    }
}

/// What a terminal is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Facts {
    /// Whether standard output is a terminal.
    pub(in crate::cli) output_is_terminal: bool,
    /// Whether standard error is one.
    pub(in crate::cli) errors_are_terminal: bool,
    /// How wide it is, where there is one.
    pub(in crate::cli) width: Option<u16>,
}

/// What the server wants of its caller.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) enum Call<'a> {
    /// Write this to standard output.
    Output(&'a [u8]),
    /// Let go of what standard output keeps back.
    Flush,
    /// Write this to standard error.
    Error(&'a [u8]),
    /// Ask for a secret at the keyboard.
    Ask(&'a str),
    /// Read so much of standard input, at most.
    Input(u32),
    /// Open the file of this name, which the command line names.
    Open(&'a [u8]),
    /// Read so much of that file, at most.
    Read(u32, u32),
    /// Make a file of this name, which the command line names; true: instead of one that is there.
    Create(&'a [u8], bool),
    /// Write that file from its beginning: what was written to it before is gone.
    Begin(u32),
    /// Write this to that file.
    Write(u32, &'a [u8]),
    /// That file is whole: put it in its place.
    Finish(u32),
    /// That file is not needed any more; one that is not whole goes.
    Close(u32),
    /// The command has ended with this exit code. Nothing comes after it.
    Exit(u8),
    /// The server has another store. Nothing comes after it.
    OtherStore,
    /// It was not done, or not to its end, for this reason. Nothing comes after it.
    Refused(&'a str),
}

/// What the caller answers. It may hold a password, and so nothing prints it.
#[derive(Serialize, Deserialize)]
pub(in crate::cli) enum Answer<'a> {
    /// It is done.
    Done,
    /// The file is open, by this number.
    File(u32),
    /// This was read; nothing: there is no more.
    Data(&'a [u8]),
    /// This was typed.
    Text(&'a str),
    /// The file is there already, in these words.
    Exists(&'a str),
    /// It could not be done: the system's number of the error, if it has one, and its words.
    Failed(Option<i32>, &'a str),
}

/// As it goes into a frame.
pub(in crate::cli) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(|_| garbled())
}

/// As it came in one.
pub(in crate::cli) fn decode<'a, T: Deserialize<'a>>(body: &'a [u8]) -> io::Result<T> {
    postcard::from_bytes(body).map_err(|_| garbled())
}

fn garbled() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "what was sent cannot be read")
}

#[cfg(test)]
mod tests {
    use super::super::framing::{CHUNK, MAX_FRAME};
    use super::*;

    #[test]
    fn another_version_is_told_both_and_what_to_do() {
        assert_eq!(Hello::own(None).refusal(), None);
        for (latchkey, protocol) in [("9.9.9", PROTOCOL), (VERSION, PROTOCOL + 1)] {
            let hello = Hello { latchkey: latchkey.to_owned(), protocol, refused: None };
            let words = hello.refusal().expect("refused");
            let [server, caller] = [(VERSION, PROTOCOL), (latchkey, protocol)]
                .map(|(version, protocol)| format!("Latchkey {version} (protocol {protocol})"));
            assert!(words.contains(&server) && words.contains(&caller), "{words}");
        }
    }

    #[test]
    fn a_later_version_may_say_more_and_is_read() {
        let hello: Hello =
            serde_json::from_str(r#"{"latchkey":"2.0.0","protocol":7,"more":[1]}"#).expect("read");
        assert_eq!((hello.latchkey.as_str(), hello.protocol), ("2.0.0", 7));
    }

    #[test]
    fn whatever_is_typed_comes_over() {
        let args = [OsString::from("user"), OsString::from_vec(vec![b'/', 0xFF])];
        let facts = Facts { output_is_terminal: true, errors_are_terminal: false, width: Some(80) };
        let request = Request {
            store: StoreId::Folder(u64::MAX, 1),
            run: Some(Run::new(args.clone(), facts)),
        };
        let body = encode(&request).expect("encoded");
        let read: Request = decode(&body).expect("decoded");
        let run = read.run.expect("a command");
        assert_eq!((read.store, run.facts), (request.store, facts));
        assert_eq!(run.args().collect::<Vec<_>>(), args);
    }

    #[test]
    fn a_chunk_fits_into_a_frame_with_what_stands_before_it() {
        let chunk = vec![0xFF; CHUNK];
        for body in [
            encode(&Call::Write(u32::MAX, &chunk)).expect("encoded"),
            encode(&Answer::Data(&chunk)).expect("encoded"),
        ] {
            assert!(body.len() <= MAX_FRAME, "{}", body.len());
        }
        let body = encode(&Call::Write(3, &chunk)).expect("encoded");
        assert!(matches!(decode(&body), Ok(Call::Write(3, bytes)) if bytes == chunk.as_slice()));
    }
}
