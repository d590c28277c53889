//! How a command ends: its exit code, and what it says where it could not be done. Tests:
//! `server/tests/server/command_line/`.

use desk::{OpenError, Refusal};

use super::show;
use crate::config::ConfigError;

/// What the exit codes mean, for `--help`.
pub(super) const CODES: &str = "\
Exit codes:
  0  done
  1  could not be done: the store, a file, the network
  2  the command line or the configuration is wrong
  3  the desk refuses: the rules forbid it, or what was given is not acceptable
  4  looked at, and not good: a token that does not work, an audit chain that does not hold,
     a directory that does not answer as it should";

/// `4`: looked at, and not good.
pub(super) const NOT_GOOD: u8 = 4;

/// How a command ended. The system's own type of this name keeps its number to itself, and the
/// server passes it on to whoever called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExitCode(u8);

impl ExitCode {
    /// Done.
    pub(super) const SUCCESS: Self = Self(0);

    /// As the system has it.
    pub(super) fn number(self) -> u8 {
        self.0
    }
}

impl From<u8> for ExitCode {
    fn from(number: u8) -> Self {
        Self(number)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.0)
    }
}

/// Why a command did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The configuration is wrong: exit code 2.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The command line asks for what there is not: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The desk refuses, in its own words: exit code 3, or 1 where it could not reach its store.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The desk refuses what some lines of a file say, which are told: exit code 3.
    #[error("{0}")]
    RefusedLines(String),
    /// The store cannot be opened: exit code 1.
    #[error("{0}.")]
    Store(#[from] OpenError),
    /// Everything else, in a sentence: exit code 1.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Wraps an error that has its own words.
    pub(super) fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    /// Prints it and gives its exit code. Whatever it repeats, of a file or a variable, steers no
    /// terminal.
    pub(super) fn tell(&self) -> ExitCode {
        let lines: Vec<String> = self.to_string().split('\n').map(show::visible).collect();
        show::complain(&lines.join("\n"));
        ExitCode::from(match self {
            Self::Config(_) | Self::Usage(_) => 2,
            Self::Refused(Refusal::Unavailable) | Self::Store(_) | Self::Other(_) => 1,
            Self::Refused(_) | Self::RefusedLines(_) => 3,
        })
    }
}
