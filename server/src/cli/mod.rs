//! The command line.

mod acting;
mod audit;
mod audit_copy;
mod backup;
mod check;
mod check_webhook;
mod client;
mod completions;
mod control;
mod demo;
mod desk_source;
mod directory;
mod exit;
mod format;
mod health;
mod identify;
mod import;
mod link;
mod mail;
mod manual;
mod packaged;
mod passwords;
#[cfg(test)]
mod reference;
mod restore;
mod routes;
mod rt;
mod scan;
mod seed;
mod serve;
mod show;
mod spreadsheet;
mod terminal;
#[cfg(test)]
mod tests;
mod token;
mod token_filters;
mod token_list;
mod unheard;
mod user;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use clap::builder::OsStringValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::{self, Configuration, Flags};
use crate::listening::Inherited;
use crate::logging;
use control::Files;
use desk_source::{DeskSource, open_as, open_to_serve};
use exit::{ExitCode, Failure};

/// Threads that answer requests, for each core: while some wait for the store, or keep a core busy,
/// verify has another. Measured on two cores with a flood of log-ins: two for each take 2 ms off
/// the slowest hundredth of verify, and its throughput is the same.
const WORKERS_A_CORE: usize = 2;

/// After how many turns of tasks a thread that is never idle looks what has come from the network:
/// a page takes it a millisecond, and verify would wait for as many of them.
const LOOK_AFTER: u32 = 16;

/// SurrealDB's own recommendation; with the usual 2 MiB, deep queries overflow.
const THREAD_STACK: usize = 10 * 1024 * 1024;

/// How long threads that cannot be broken off may keep a program that is done.
const RUNTIME_TIMEOUT: Duration = Duration::from_millis(500);

/// A self-service desk for auth tokens and local passwords
#[derive(Debug, Parser)]
#[command(
    name = "latchkey",
    version,
    after_help = exit::CODES,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    /// The configuration file [default: latchkey.toml, if there is one]
    #[arg(
        long,
        env = "LATCHKEY_CONFIG",
        global = true,
        hide_env_values = true,
        value_name = "FILE",
        value_parser = OsStringValueParser::new()
    )]
    config: Option<OsString>,
    /// The store is a demo's, with accounts whose passwords everybody knows: on this machine alone,
    /// and for nothing else
    #[arg(long, global = true)]
    demo: bool,
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the desk
    Serve,
    /// People: their accounts, roles and local passwords
    #[command(subcommand)]
    User(user::User),
    /// Auth tokens, of one person or of everybody
    #[command(subcommand)]
    Token(token::Token),
    /// Applications that may introspect and revoke tokens
    #[command(subcommand)]
    Client(client::Client),
    /// The campus directory, and groups of an identity system
    #[command(subcommand)]
    Directory(directory::Directory),
    /// The audit: its rows, and whether its chains hold
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Request Tracker moves in: its people, auth tokens and local passwords
    #[command(subcommand)]
    Rt(rt::Rt),
    /// Make a backup of a store in a folder: all of one moment, in one file
    Backup(backup::Backup),
    /// Restore a backup into a folder that holds nothing yet
    Restore(backup::restore::Restore),
    /// Print the configuration that results, secrets masked
    Config(ConfigArgs),
    /// Check configuration and store, before a start
    Check,
    /// Find tokens in files, by their form and checksum: no store is needed
    #[command(after_help = scan::HELP)]
    Scan(scan::Scan),
    /// Mail to people: whether it arrives, and what it says
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Print every route that is served: its methods, and for whom it is
    Routes(routes::Routes),
    /// Print what a shell completes
    Completions(completions::Completions),
    /// Ask a running Latchkey whether it is ready
    Health(health::Health),
    /// Write the manual's pages, one for each command
    #[command(hide = true)]
    Man(manual::Manual),
    /// Fill a new store with a campus that nobody lives on, to see what a large one is like
    #[command(hide = true)]
    Seed(seed::Seed),
}

impl Command {
    /// Whether a server that has the store open does it.
    fn runs_in_server(&self) -> bool {
        match self {
            Self::User(_) | Self::Client(_) | Self::Audit(_) | Self::Rt(_) => true,
            // These do not look at the store.
            Self::Token(token) => !matches!(token, token::Token::Create { .. }),
            Self::Directory(directory) => !matches!(directory, directory::Directory::Test { .. }),
            Self::Backup(backup) => backup.needs_store(),
            Self::Restore(_)
            | Self::Serve
            | Self::Config(_)
            | Self::Check
            | Self::Scan(_)
            | Self::Mail(_)
            | Self::Routes(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Health(_)
            | Self::Seed(_) => false,
        }
    }

    /// The files that it reads and writes by name, and what it has made: a server that does it may
    /// have nothing else of whoever calls.
    fn files(&self) -> Files {
        let (read, written) = match self {
            Self::User(user) => (user.file(), None),
            Self::Audit(audit) => (audit.file(), None),
            Self::Backup(backup) => (None, backup.file()),
            Self::Rt(rt) => {
                return Files { read: rt.files(), made: rt.made(), written: rt.written() };
            }
            _ => (None, None),
        };
        let written = written.map(|(file, replaces)| (file.to_owned(), replaces));
        Files { read: read.map(Path::to_owned).into_iter().collect(), made: Vec::new(), written }
    }

    /// Does what is done by whoever typed it, also where a server does the rest.
    async fn prepare(&mut self) -> Result<(), Failure> {
        match self {
            Self::Rt(rt) => rt.prepare().await,
            _ => Ok(()),
        }
    }

    /// Whether it brings in people.
    fn is_import(&self) -> bool {
        match self {
            Self::User(user) => matches!(user, user::User::Import { .. }),
            Self::Rt(rt) => rt.is_import(),
            _ => false,
        }
    }
}

/// `latchkey config`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
struct ConfigArgs {
    /// Print a commented file with every key at its default instead
    #[arg(long)]
    example: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "example")]
    json: bool,
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum ConfigCommand {
    /// Print the configuration file in today's form, with its comments and its secrets
    Migrate,
}

/// Parses the command line. A flag that there is none of, and that is a key, is told where it
/// belongs.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let unknown = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(flag)) if error.kind() == ErrorKind::UnknownArgument => {
                config::instead_of(flag)
            }
            _ => None,
        };
        let Some(instead) = unknown else { error.exit() };
        Cli::command().error(ErrorKind::UnknownArgument, instead).exit()
    })
}

/// Parses the command line, does what it says and tells how it went.
#[must_use]
pub fn main() -> std::process::ExitCode {
    let cli = parse();
    // What is made is its owner's alone: the store's files hold password hashes.
    rustix_process::process::umask(rustix_process::fs::Mode::from_bits_truncate(0o077));
    // Two kinds of cryptography are compiled in, both by SurrealDB's choice (ring for object
    // stores, aws-lc for its tokens): whoever does not say which gets this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Before there is another thread: it changes the environment.
    let inherited = Inherited::take();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores * WORKERS_A_CORE)
        .thread_stack_size(THREAD_STACK)
        .event_interval(LOOK_AFTER)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Failure::other(error).tell().into(),
    };
    // On a thread of the runtime, for its stack.
    let ended = runtime.block_on(async { tokio::spawn(run(cli, inherited)).await });
    // Whatever still waits for a store, or for a directory's name, ends with the program.
    runtime.shutdown_timeout(RUNTIME_TIMEOUT);
    let code = match ended {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.tell(),
        Err(panicked) => Failure::other(panicked).tell(),
    };
    code.into()
}

async fn run(cli: Cli, inherited: io::Result<Inherited>) -> Result<ExitCode, Failure> {
    // Set to nothing it is not set, as any variable.
    let file = cli.config.as_ref().filter(|file| config::says_something(file)).map(Path::new);
    match &cli.command {
        Command::Config(ConfigArgs { example: true, .. }) => {
            show::print(config::example().trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Config(ConfigArgs { command: Some(ConfigCommand::Migrate), .. }) => {
            show::print(config::migrated(file)?.trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Routes(routes) => return routes.run(),
        Command::Scan(scan) => return scan.run(),
        Command::Completions(completions) => return completions.run(),
        Command::Man(manual) => return manual.run(),
        _ => {}
    }
    let configuration = Configuration::load(file, cli.flags)?;
    let configuration = if cli.demo { demo::demo(configuration)? } else { configuration };
    configuration.check_strength()?;
    let serves = matches!(cli.command, Command::Serve);
    let traces = if serves { serve::traces(&configuration)? } else { None };
    logging::start(
        if serves { &configuration.sections.log.filter } else { logging::FOR_COMMANDS },
        configuration.sections.log.format,
        traces.as_ref(),
    );
    match cli.command {
        Command::Serve => serve::run(configuration, traces, inherited).await,
        Command::Restore(restore) => restore.run(&configuration).await,
        Command::Config(ConfigArgs { json, .. }) => {
            show::print(
                if json { configuration.to_json() } else { configuration.to_toml() }.trim_end(),
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Check => check::check(&configuration).await,
        Command::Mail(mail) => mail.run(&configuration).await,
        Command::Routes(routes) => routes.run(),
        Command::Scan(scan) => scan.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(manual) => manual.run(),
        Command::Health(health) => health.run(&configuration).await,
        Command::Seed(seed) => seed.run(&configuration).await,
        mut command => {
            command.prepare().await?;
            if command.runs_in_server()
                && let Some(code) = control::run_in_server(&configuration, command.files()).await?
            {
                return Ok(code);
            }
            on_store(command, cli.demo, &DeskSource::store(&configuration)).await
        }
    }
}

/// Does what needs the store.
async fn on_store(
    command: Command,
    demo: bool,
    source: &DeskSource<'_>,
) -> Result<ExitCode, Failure> {
    if demo && command.is_import() {
        let why = "There are no people in a demo but its own. Bring them into a store of their \
            own, without --demo.";
        return Err(Failure::Usage(why.to_owned()));
    }
    source.check_demo(demo)?;
    match command {
        Command::User(user) => user.run(source).await,
        Command::Token(token) => token.run(source).await,
        Command::Client(client @ client::Client::Add { .. }) => {
            client.run(&source.open_or_make().await?).await
        }
        Command::Client(client) => client.run(&source.open().await?).await,
        Command::Directory(directory) => directory.run(source).await,
        Command::Audit(audit) => audit.run(&source.open().await?).await,
        Command::Rt(rt) => rt.run(source).await,
        Command::Backup(backup) => backup.run(source).await,
        Command::Restore(_)
        | Command::Serve
        | Command::Config(_)
        | Command::Check
        | Command::Scan(_)
        | Command::Mail(_)
        | Command::Routes(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Health(_)
        | Command::Seed(_) => Err(Failure::Other("No server does this for others.".to_owned())),
    }
}
