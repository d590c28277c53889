//! `latchkey rt import`: reads Request Tracker's people and tokens, shows what becomes of them, and
//! brings them in. Tests: `server/tests/server/command_line/request_tracker/`.

use std::convert::Infallible;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use desk::{Desk, RtImport, RtPlan, Secret};
use indicatif::{ProgressBar, ProgressStyle};

use super::database::{self, Fetched};
use super::map::{self, Names};
use super::{address, by_hand, lines, plan};
use crate::cli::desk_source::DeskSource;
use crate::cli::exit::{ExitCode, Failure};
use crate::cli::show;
use crate::cli::terminal::text::Text;
use crate::cli::terminal::{self, Input};

/// Below `rt import --help`.
pub(super) const SOURCES: &str = "\
Look at the plan first: --dry-run. A second import brings what is new, and nothing twice; what was \
revoked or changed here stays so. Request Tracker's database is only read.

  latchkey rt import --database postgres://rt_user@localhost/rtdb --dry-run
  latchkey rt import --database mysql://rt_user@localhost/rtdb --map names.csv
  latchkey rt import --database sqlite:///var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb
  latchkey rt import --people people.jsonl --tokens tokens.jsonl

A password stands in the address (postgres://rt_user:PASSWORD@localhost/rtdb) where nobody else \
reads it: in a file (--database-file) or in LATCHKEY_RT_DATABASE. Where the database wants one and \
none is given, it is asked for at the keyboard.

--map names a CSV file for names that are no NetIDs, with a heading line: rt name,netid. Where the \
NetID is empty the person is left out. --dry-run --write-map writes one to be filled in; \
--write-names writes RT's settings for those who have another name there than here.";

/// What the database's people are called where a server asks for them.
const PEOPLE: &str = "Request Tracker’s people";

/// And its tokens.
const TOKENS: &str = "Request Tracker’s tokens";

/// Standard input.
const STREAM: &str = "-";

/// `latchkey rt import`
#[derive(Args, Debug)]
pub(in crate::cli) struct Import {
    /// Request Tracker's database: postgres://USER@HOST/NAME, mysql://USER@HOST/NAME or
    /// sqlite:///PATH [env: LATCHKEY_RT_DATABASE]
    #[arg(long, value_name = "ADDRESS", value_parser = taken, conflicts_with = "people")]
    database: Option<Secret>,
    /// A file with that address in its first line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["database", "people"])]
    database_file: Option<PathBuf>,
    /// A file with Request Tracker's people, a JSON object a line; - for standard input
    #[arg(long, value_name = "FILE")]
    people: Option<PathBuf>,
    /// A file with its tokens, likewise; left out: people alone
    #[arg(long, value_name = "FILE", requires = "people")]
    tokens: Option<PathBuf>,
    /// A CSV file that says which NetID a name of Request Tracker's is
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Write a CSV file for --map with the names that need a NetID, to be filled in
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    write_map: Option<PathBuf>,
    /// Write RT's settings with everybody whose name there is not their NetID
    #[arg(long, value_name = "FILE", conflicts_with = "write_map")]
    write_names: Option<PathBuf>,
    /// Leave local passwords behind
    #[arg(long)]
    no_passwords: bool,
    /// Take also NetIDs of the map that look like what a spreadsheet makes of others
    #[arg(long, requires = "map")]
    any_netid: bool,
    /// Print what would be brought in and what cannot, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask whether the plan is right
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// What was read of the database, by whoever typed the command.
    #[arg(skip)]
    fetched: Option<Fetched>,
}

/// An address is taken as it is: whatever is wrong with it is told without repeating it.
fn taken(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}

impl Import {
    /// Reads the database, where there is one.
    pub(super) async fn prepare(&mut self) -> Result<(), Failure> {
        self.check()?;
        if self.people.is_some() {
            return Ok(());
        }
        if let Some(file) = &self.database_file
            && is_readable_by_others(file)
        {
            show::complain(&format!(
                "{}: others on this machine can read what is in it: chmod 600.",
                file.display()
            ));
        }
        let address = address::given(self.database.as_ref(), self.database_file.as_deref())?;
        let address = address.ok_or_else(|| {
            Failure::Usage(
                "Say where Request Tracker’s people and tokens are: --database ADDRESS, \
                 --database-file FILE, LATCHKEY_RT_DATABASE, or --people FILE and --tokens FILE."
                    .to_owned(),
            )
        })?;
        self.fetched = Some(database::read(address).await?);
        Ok(())
    }

    /// What no flag's own rules say.
    fn check(&self) -> Result<(), Failure> {
        let streams = self.named().filter(|file| is_stream(file)).count();
        let why = if self.write_map.is_some() && !self.dry_run {
            "--write-map is of a plan, for what cannot come yet: add --dry-run."
        } else if streams > 1 {
            "Standard input is one file: name the others."
        } else if streams == 1 && self.asks() {
            "Standard input is a file here, and nobody can be asked: add --yes, or --dry-run."
        } else if self.json && self.asks() {
            "With --json nobody is asked: add --yes, or --dry-run."
        } else {
            return Ok(());
        };
        Err(Failure::Usage(why.to_owned()))
    }

    fn asks(&self) -> bool {
        !self.yes && !self.dry_run
    }

    fn named(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.people, &self.tokens, &self.map].into_iter().flatten()
    }

    /// The files that it reads by name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.named().cloned().collect()
    }

    /// The file that it writes by name, and whether one that is there may go.
    pub(super) fn written(&self) -> Option<(PathBuf, bool)> {
        let file = self.write_map.as_ref().or(self.write_names.as_ref())?;
        Some((file.clone(), false))
    }

    /// What was read of the database, by the names that a server asks for it by.
    pub(super) fn made(&self) -> Vec<(&'static str, Text)> {
        let made = |fetched: &Fetched| {
            vec![(PEOPLE, fetched.people.clone()), (TOKENS, fetched.tokens.clone())]
        };
        self.fetched.as_ref().map(made).unwrap_or_default()
    }

    pub(super) async fn run(self, source: &DeskSource<'_>) -> Result<ExitCode, Failure> {
        // Also where a server does it for somebody whose program does not look.
        self.check()?;
        let (import, unknown) = self.read()?;
        for name in &unknown {
            show::complain(&show::visible(&format!(
                "--map: nobody is called “{name}” in Request Tracker."
            )));
        }
        // A plan makes nothing, a store neither.
        let desk = match self.dry_run {
            true if source.makes_store() => source.open_empty().await?,
            true => source.open().await?,
            false => source.open_or_make().await?,
        };
        let done = self.bring(&desk, &import).await;
        source.close(&desk).await;
        done
    }

    async fn bring(&self, desk: &Desk, import: &RtImport) -> Result<ExitCode, Failure> {
        let plan = desk.console().plan_rt_import(import).await?;
        if let Some(file) = &self.write_map {
            by_hand::write_map(file, import, &plan)?;
        }
        if let Some(file) = &self.write_names {
            by_hand::write_names(file, &plan)?;
        }
        if self.dry_run {
            return plan::tell_plan(import, &plan, self.json);
        }
        if !self.json {
            plan::show_plan(import, &plan);
        }
        if self.asks() && !plan::is_empty(&plan) && !is_confirmed()? {
            show::print("Nothing was brought in.");
            return Ok(ExitCode::SUCCESS);
        }
        let done = apply(desk, import, &plan, self.json).await?;
        plan::tell_done(done, self.json)
    }

    /// What Request Tracker has, and the names of the map that nobody has there.
    fn read(&self) -> Result<(RtImport, Vec<String>), Failure> {
        let names = match &self.map {
            Some(file) => map::read(&shown(file), opened(file)?, self.any_netid)?,
            None => Names::new(),
        };
        let people = match (&self.people, &self.fetched) {
            (Some(file), _) => lines::people(&shown(file), opened(file)?)?,
            (None, Some(fetched)) => lines::people_of_database(fetched.people.clone())?,
            (None, None) => lines::people_of_database(opened(Path::new(PEOPLE))?)?,
        };
        if people.is_empty() {
            let name = self.people.as_ref().map_or_else(|| PEOPLE.to_owned(), |file| shown(file));
            return Err(Failure::Other(format!(
                "{name}: there is nobody in it. Was it written to the end, and by the right text?"
            )));
        }
        let tokens = match (&self.tokens, &self.people, &self.fetched) {
            (Some(file), ..) => lines::tokens(&shown(file), opened(file)?)?,
            (None, Some(_), _) => Vec::new(),
            (None, None, Some(fetched)) => lines::tokens_of_database(fetched.tokens.clone())?,
            (None, None, None) => lines::tokens_of_database(opened(Path::new(TOKENS))?)?,
        };
        let (map, unknown) = map::by_people(names, &people);
        let passwords = !self.no_passwords;
        Ok((RtImport { people, tokens, map, passwords }, unknown))
    }
}

/// Brings it in, and draws how far it is.
async fn apply(
    desk: &Desk,
    import: &RtImport,
    plan: &RtPlan,
    is_quiet: bool,
) -> Result<desk::RtDone, Failure> {
    let bar = if is_quiet {
        ProgressBar::hidden()
    } else {
        ProgressBar::with_draw_target(None, terminal::current().progress())
    };
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left");
    bar.set_style(style.map_err(Failure::other)?);
    let progress = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    let done = desk.console().apply_rt_import(import, plan, &progress).await;
    bar.finish_and_clear();
    done.map_err(|refusal| {
        show::complain("What was brought in by then is there. The same command brings the rest.");
        Failure::from(refusal)
    })
}

/// Whether somebody at the keyboard says yes.
fn is_confirmed() -> Result<bool, Failure> {
    let terminal = terminal::current();
    let mut line = String::new();
    terminal.write_error("Bring them in? [y/N] ".as_bytes()).map_err(Failure::other)?;
    if terminal.read_line(&mut line).map_err(Failure::other)? == 0 {
        let why = "Nobody said yes, and nothing was brought in: add --yes, or --dry-run.";
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Whether others than its owner may read a file.
fn is_readable_by_others(file: &Path) -> bool {
    file.metadata().is_ok_and(|found| found.mode() & 0o044 != 0)
}

fn is_stream(file: &Path) -> bool {
    file == Path::new(STREAM)
}

/// As messages call it.
fn shown(file: &Path) -> String {
    if is_stream(file) { "standard input".to_owned() } else { file.display().to_string() }
}

/// A file of whoever typed the command.
fn opened(file: &Path) -> Result<Input, Failure> {
    let terminal = terminal::current();
    if is_stream(file) {
        return Ok(terminal.input());
    }
    terminal.open(file).map_err(|error| lines::unreadable(&shown(file), &error))
}
