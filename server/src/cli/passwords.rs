//! Passwords and tokens come from the terminal, unseen, or from standard input, line by line: never
//! from an argument, which everybody on the machine can read.

use desk::Secret;

use super::exit::Failure;
use super::terminal;

/// Where secrets come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    /// What is typed there, unseen.
    Terminal,
    /// Standard input, one a line.
    StandardInput,
}

impl Asker {
    /// Standard input, if so wanted.
    pub(super) fn new(standard_input: bool) -> Self {
        if standard_input { Self::StandardInput } else { Self::Terminal }
    }

    /// One secret. `prompt` is what the terminal shows.
    pub(super) fn ask(self, prompt: &str) -> Result<Secret, Failure> {
        match self {
            Self::Terminal => {
                terminal::current().ask(prompt).map(Secret::new).map_err(|_| no_terminal(prompt))
            }
            Self::StandardInput => next_line(prompt),
        }
    }

    /// A new password and its repetition; standard input gives it once.
    pub(super) fn ask_new(self, prompt: &str) -> Result<(Secret, Secret), Failure> {
        let new = self.ask(prompt)?;
        let retype = match self {
            Self::Terminal => self.ask("Retype new password")?,
            Self::StandardInput => new.clone(),
        };
        Ok((new, retype))
    }
}

fn next_line(what: &str) -> Result<Secret, Failure> {
    let mut line = String::new();
    match terminal::current().read_line(&mut line) {
        Ok(0) => Err(Failure::Other(format!("Standard input ended before the line “{what}”."))),
        Ok(length) if length > terminal::LONGEST_LINE => Err(Failure::Other(format!(
            "The line “{what}” on standard input is longer than 4 KiB. Is it the right file?"
        ))),
        Ok(_) => {
            let end = line.trim_end_matches(['\n', '\r']).len();
            line.truncate(end);
            Ok(Secret::new(line))
        }
        Err(error) => Err(Failure::Other(format!("Standard input cannot be read: {error}."))),
    }
}

fn no_terminal(what: &str) -> Failure {
    let flag = if what == "Token" { "--token-stdin" } else { "--password-stdin" };
    Failure::Other(format!(
        "There is no terminal to ask on. Give it on standard input with {flag}."
    ))
}
