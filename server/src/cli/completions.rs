//! `latchkey completions`: what a shell completes, made from the commands themselves. Tests:
//! `server/tests/server/command_line/shells.rs`.

use clap::{Args, Command, CommandFactory as _, ValueEnum};
use clap_complete::generate;

use super::exit::{ExitCode, Failure};
use super::{Cli, show};

/// The program by which commands run as a package's service does takes the same words.
const OF_THE_SERVICE: &str = "complete -F _latchkey -o bashdefault -o default latchkey-service";

/// `latchkey completions`.
#[derive(Args, Debug)]
pub(super) struct Completions {
    /// For which shell
    shell: Shell,
}

/// A shell.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// For bash: /usr/share/bash-completion/completions/latchkey
    Bash,
    /// For zsh: a file _latchkey in a folder of $fpath
    Zsh,
    /// For fish: ~/.config/fish/completions/latchkey.fish
    Fish,
}

impl Completions {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        let mut script: Vec<u8> = Vec::new();
        generate(shell, &mut shown(), "latchkey", &mut script);
        let script = String::from_utf8(script).map_err(Failure::other)?;
        show::print(script.trim_end());
        if matches!(self.shell, Shell::Bash) {
            show::print(OF_THE_SERVICE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The commands without those that `--help` hides: the scripts would offer these too.
fn shown() -> Command {
    let cli = Cli::command();
    let commands = cli.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new("latchkey")
        .version(env!("CARGO_PKG_VERSION"))
        .args(cli.get_arguments().cloned())
        .subcommands(commands.cloned())
}
