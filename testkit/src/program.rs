//! The real program, run in a folder of its own and without the environment's configuration.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub use rustix_process::process::Signal;
use rustix_process::process::{Pid, kill_process};
use tempfile::TempDir;

/// Where the system chooses the port, which [`announced`] then reads: no other program can take it
/// first.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// Where the program listens, if this line of its output says so; at a socket's path, an address
/// that nobody is at.
pub fn announced(line: &str) -> Option<SocketAddr> {
    let at = line.trim().strip_prefix("Latchkey listens on ")?;
    if at.starts_with("unix:") {
        return Some(SocketAddr::from(([0, 0, 0, 0], 0)));
    }
    at.strip_prefix("http://").or_else(|| at.strip_prefix("https://"))?.parse().ok()
}

/// Names of this environment's variables that would configure a desk: somebody's own, not a
/// test's.
pub fn settings_of_somebody() -> impl Iterator<Item = String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("LATCHKEY_"))
}

/// Sends a signal to a process that is still there, or is not.
pub fn signal(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }
}

/// The binary, in a folder of its own.
#[derive(Debug)]
pub struct Latchkey {
    binary: PathBuf,
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// None: by a signal.
    pub code: Option<i32>,
    /// What it said on standard output.
    pub out: String,
    /// And on standard error.
    pub err: String,
}

impl Latchkey {
    /// This binary, in an empty folder.
    pub fn at(binary: impl AsRef<Path>) -> Self {
        Self { binary: binary.as_ref().to_owned(), folder: tempfile::tempdir().unwrap() }
    }

    /// A file of that folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file there.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A command of it, to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in settings_of_somebody() {
            command.env_remove(name);
        }
        command
    }

    /// The same by another program that ends in it, such as `prlimit` or `sh`.
    pub fn command_by(&self, program: &[&str], args: &[&str]) -> Command {
        let own = self.command(args);
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg(own.get_program()).args(own.get_args());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for (name, _) in own.get_envs() {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end, with nothing on standard input.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, "")
    }

    /// With this on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ended {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that wants nothing from it may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ended = child.wait_with_output().unwrap();
        Ended {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Starts `serve --demo` on a free port, and waits until it listens.
    pub fn serve(&self) -> Serving {
        self.serve_by(self.command(&["serve", "--demo", "--listen", ANY_PORT]))
    }

    /// The same by a command that ends in it; its folder has to outlive the server.
    pub fn serve_by(&self, command: Command) -> Serving {
        self.serve_with(command, Stdio::null())
    }

    /// The same with this as its standard input.
    pub fn serve_with(&self, mut command: Command, input: Stdio) -> Serving {
        let mut child =
            command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = announced(&line).unwrap_or_else(|| panic!("{line}"));
        Serving { child, address }
    }
}

/// A server that is a process. Killed when dropped.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Serving {
    /// SIGKILL: nothing is tidied up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, which: Signal) {
        signal(self.child.id(), which);
    }

    /// Waits until it has ended by itself; gives the exit code and the log.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }

    /// SIGTERM; gives the exit code and the log.
    pub fn terminate(self) -> (Option<i32>, String) {
        self.signal(Signal::Term);
        self.ended()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
