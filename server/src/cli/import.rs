//! `latchkey user import`: reads a CSV file whole, and either all of it is good or nothing is done.
//! A column that is not there, or an empty cell, leaves what is known
//! (`desk/src/engine/accounts/import_plan.rs`). What spreadsheets write: [`super::spreadsheet`],
//! [`columns`], [`cells`]. Tests: `import_tests.rs`, `import/refused_tests.rs`,
//! `import/spoilt_tests.rs`, and by the program itself
//! `server/tests/server/command_line/{import,users}.rs`.

mod cells;
mod columns;
mod spoilt;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;

use desk::{
    Desk, ImportChange, ImportError, ImportOutcome, ImportPlan, ImportReport, ImportStep,
    ImportUser, NetId, Refusal,
};

use super::exit::Failure;
use super::spreadsheet::{self, LineError, Row};
use super::{show, terminal};
use columns::Columns;

/// What the file looks like, for `--help`.
pub(super) const FORMAT: &str = "\
The file is CSV with a heading line:
  netid,name,email,role,privileged,disabled,password
as Excel, LibreOffice and Google Sheets write it: UTF-8 or UTF-16, with commas, semicolons or \
tabs. Only netid must be there, and name for whoever is new. A column that is not there, or an \
empty cell, leaves what is known: nobody is enabled, and no role or privilege changed, but where \
the cell says so.
  role: staff (whoever is new), rep, help_desk or admin, or as the pages write them
  privileged: yes or no (whoever is new): may have a local password and tokens
  disabled: yes or no (whoever is new)
  password: the NetID password for the built-in directory, judged as a local password is
Whoever is known from another directory is of the built-in one from now on. Whatever is changed is \
in each person's history. Look at the plan first: --dry-run.";

/// A NetID as a cell has it, also of another file than one of people.
pub(super) fn netid(raw: &str, any: bool) -> Result<NetId, String> {
    cells::netid(raw, any)
}

/// How many errors are shown where not all of them are asked for.
const SHOWN: usize = 20;

/// Reads the file and imports its people, or shows what that would do.
pub(super) async fn run(
    desk: &Desk,
    file: &Path,
    dry_run: bool,
    all_errors: bool,
    any_netid: bool,
) -> Result<(), Failure> {
    let terminal = terminal::current();
    let (name, source) = if file == Path::new("-") {
        ("standard input".to_owned(), terminal.input())
    } else {
        let name = file.display().to_string();
        let opened = terminal.open(file).map_err(|error| {
            Failure::Other(match error.kind() {
                io::ErrorKind::IsADirectory => format!("{name} is a folder: name a file in it."),
                _ => format!("{name} cannot be read: {error}."),
            })
        });
        (name.clone(), opened?)
    };
    let most = if all_errors { usize::MAX } else { SHOWN };
    let words = |errors: &[LineError]| rendered(&name, errors, most);
    let people = read(source, any_netid).map_err(|errors| Failure::Other(words(&errors)))?;
    if !people.wrong.is_empty() {
        return Err(Failure::Other(words(&all_that_is_wrong(desk, people).await)));
    }
    let refused = |error: ImportError| {
        let rendered = words(&people.refused(&error));
        match error {
            ImportError::Refused(refusal) => Failure::Refused(refusal),
            ImportError::OfPeople { nameless, .. } if nameless.is_empty() => {
                Failure::RefusedLines(rendered)
            }
            ImportError::OfPeople { .. } => Failure::Other(rendered),
        }
    };
    if dry_run {
        let plan = desk.console().plan_import(&people.users).await.map_err(refused)?;
        show::print(steps(&plan).trim_end());
        show::print(&format!("{} Nothing was written.", summary(plan.report())));
    } else {
        let plan = desk.console().plan_import(&people.users).await;
        show::print(&summary(desk.console().import_users(&people.users).await.map_err(refused)?));
        if let Some(careful) = plan.ok().as_ref().and_then(taken_over) {
            show::print(&careful);
        }
    }
    Ok(())
}

/// Who logs in by the campus directory's password no longer; none: nobody. As far as the plan says,
/// beside which somebody may have been changed.
fn taken_over(plan: &ImportPlan) -> Option<String> {
    let is_taken_over = |step: &&ImportStep| match &step.outcome {
        ImportOutcome::Changed(changes) => {
            changes.iter().any(|change| matches!(change, ImportChange::Directory { .. }))
        }
        ImportOutcome::Created { .. } | ImportOutcome::Unchanged => false,
    };
    let netids: Vec<&str> =
        plan.steps.iter().filter(is_taken_over).map(|step| step.netid.as_str()).collect();
    let more = match netids.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!netids.is_empty()).then(|| {
        format!(
            "Careful: for {}{more} the campus directory’s password counts no longer, and the \
             NetID password of the built-in directory does.",
            netids[..netids.len().min(SHOWN)].join(", "),
        )
    })
}

/// What is wrong with the file's cells, and in the same round what the desk would refuse of what
/// could be read. Nothing is written.
async fn all_that_is_wrong(desk: &Desk, mut people: People) -> Vec<LineError> {
    let mut wrong = std::mem::take(&mut people.wrong);
    match desk.console().plan_import(&people.users).await {
        Ok(_) => {}
        Err(ImportError::Refused(refusal)) => wrong.push(LineError::new(
            0,
            &format!("What the desk would refuse beside that is not known: {refusal}"),
        )),
        Err(error) => wrong.extend(people.refused(&error)),
    }
    wrong
}

fn summary(report: ImportReport) -> String {
    let ImportReport { created, updated, unchanged } = report;
    format!("{created} created, {updated} updated, {unchanged} unchanged.")
}

/// A line for each person.
fn steps(plan: &ImportPlan) -> String {
    let row = |step: &desk::ImportStep| {
        let what = match step.outcome {
            ImportOutcome::Created { .. } => "create",
            ImportOutcome::Changed(_) => "update",
            ImportOutcome::Unchanged => "leave",
        };
        [step.netid.to_string(), what.to_owned(), step.words()]
    };
    show::table(["NetID", "would", "what"], plan.steps.iter().map(row))
}

/// Everybody in the file as far as they could be read, on which line each is, and what is wrong.
#[derive(Debug, Default)]
struct People {
    columns: Columns,
    users: Vec<ImportUser>,
    lines: HashMap<NetId, u64>,
    wrong: Vec<LineError>,
    /// Whose name stands there and could not be read.
    unread_names: HashSet<NetId>,
    /// Of somebody it could not be read who they are, or what they may do: perhaps that makes
    /// somebody an administrator.
    is_right_unread: bool,
}

impl People {
    /// Why the desk does not do it, by the lines. What cannot be known before everything is read is
    /// not said.
    fn refused(&self, error: &ImportError) -> Vec<LineError> {
        let ImportError::OfPeople { nameless, refused } = error else { return Vec::new() };
        let at = |netid: &NetId, what: String| LineError {
            line: self.lines.get(netid).copied().unwrap_or_default(),
            what,
        };
        let nameless = nameless
            .iter()
            .filter(|netid| !self.unread_names.contains(*netid))
            .map(|netid| at(netid, nameless_words(&self.columns, netid)));
        let refused = refused
            .iter()
            .filter(|(_, why)| !(self.is_right_unread && *why == Refusal::LastAdministrator))
            .map(|(netid, why)| at(netid, why_not(&self.columns, netid, why)));
        nameless.chain(refused).collect()
    }

    fn add(&mut self, line: u64, read: Read) {
        let Read { user, wrong, name_is_unread, right_is_unread } = read;
        self.wrong.extend(wrong.into_iter().map(|what| LineError { line, what }));
        self.is_right_unread |= right_is_unread;
        let Some(user) = user else { return };
        let netid = user.netid.clone();
        if let Some(first) = self.lines.get(&netid) {
            self.wrong
                .push(LineError {
                    line, what: format!("“{netid}” is on line {first} already.")
                });
            // Which of the two counts is not known.
            self.is_right_unread = true;
            return;
        }
        self.lines.insert(netid.clone(), line);
        self.users.push(user);
        if name_is_unread {
            self.unread_names.insert(netid);
        }
    }
}

/// What could be read of one line.
struct Read {
    /// Who it is, without what could not be read of them; none: that is not known.
    user: Option<ImportUser>,
    wrong: Vec<String>,
    name_is_unread: bool,
    right_is_unread: bool,
}

/// Everything that is wrong, a line each in the order of the file, at most so many of them.
fn rendered(name: &str, errors: &[LineError], most: usize) -> String {
    let mut in_order: Vec<&LineError> = errors.iter().collect();
    in_order.sort_by_key(|error| error.line);
    let mut words: String = in_order
        .iter()
        .take(most)
        .map(|error| match error.line {
            // Of the file as a whole.
            0 => format!("{name}: {}\n", error.what),
            line => format!("{name}:{line}: {}\n", error.what),
        })
        .collect();
    if errors.len() > most {
        let more = errors.len() - most;
        words.push_str(&format!(
            "… and {more} more. Write all to a file with the same command and \
            --all-errors 2> errors.txt\n"
        ));
    }
    format!("nobody was imported.\n{words}Correct the file and import it again.")
}

/// Why the desk does not do it, with the column that it is about.
fn why_not(columns: &Columns, netid: &NetId, why: &Refusal) -> String {
    match why {
        Refusal::NetIdReserved { .. } => {
            format!(
                "{}: “{netid}” is a reserved name (people.reserved_netids): nobody gets an \
                    account by it.",
                columns.called("netid")
            )
        }
        Refusal::LastAdministrator => format!("“{netid}”: {why}"),
        why => format!("{}: {why}", columns.called("password")),
    }
}

/// That somebody new has no name, and where it is to be written.
fn nameless_words(columns: &Columns, netid: &NetId) -> String {
    if columns.has("name") {
        format!("{}: the name is empty, and “{netid}” is new: write it.", columns.called("name"))
    } else {
        format!("“{netid}” is new and needs a name: add a column “name” with it.")
    }
}

/// Everybody in the file, and what is wrong with lines of it.
///
/// # Errors
/// What is wrong with the file as a whole: nobody can be read.
fn read(mut source: impl io::Read, any_netid: bool) -> Result<People, Vec<LineError>> {
    let mut bytes = Vec::new();
    let unreadable = |error| vec![LineError::new(0, &format!("The file cannot be read: {error}."))];
    source.read_to_end(&mut bytes).map_err(unreadable)?;
    let sheet = spreadsheet::read(&bytes, |heading| columns::known(heading).is_some())
        .map_err(|error| vec![error])?;
    let nobody = || vec![LineError::new(1, "There is nobody in the file.")];
    let (heading, rows) = sheet.rows.split_first().ok_or_else(nobody)?;
    let columns = Columns::of(heading, rows)?;
    if rows.is_empty() {
        return Err(nobody());
    }
    let mut people = People { columns, ..People::default() };
    for row in rows {
        let read = user(row, &people.columns, sheet.delimiter, any_netid);
        people.add(row.line, read);
    }
    Ok(people)
}

/// One line's person, as far as they can be read.
fn user(row: &Row, columns: &Columns, delimiter: char, any_netid: bool) -> Read {
    if let Some(why) = columns.unreadable(row, delimiter) {
        let wrong = vec![why];
        return Read { user: None, wrong, name_is_unread: true, right_is_unread: true };
    }
    let mut wrong: Vec<String> = columns.strays(row, delimiter);
    // Cells may stand in the place of others then.
    let is_shifted = !wrong.is_empty();
    let netid = columns.read(row, "netid", &mut wrong, |raw| cells::netid(raw, any_netid));
    let name = columns.read(row, "name", &mut wrong, |raw| cells::name(raw, delimiter));
    let email = columns.read(row, "email", &mut wrong, |raw| cells::email(raw, delimiter));
    let role = columns.read(row, "role", &mut wrong, cells::role);
    let privileged = columns.read(row, "privileged", &mut wrong, cells::yes_or_no);
    let disabled = columns.read(row, "disabled", &mut wrong, cells::yes_or_no);
    let password = columns.read(row, "password", &mut wrong, cells::password);
    let name_is_unread = name.is_none();
    let right_is_unread = is_shifted || netid.is_none() || role.is_none() || disabled.is_none();
    let user = netid.filter(|_| !is_shifted).map(|netid| ImportUser {
        netid,
        name: name.flatten(),
        email: email.flatten(),
        role: role.flatten(),
        privileged: privileged.flatten(),
        disabled: disabled.flatten(),
        password: password.flatten(),
    });
    Read { user, wrong, name_is_unread, right_is_unread }
}

/// Everybody in the file, or everything that is wrong with it.
#[cfg(test)]
fn parse(source: impl io::Read) -> Result<People, Vec<LineError>> {
    let people = read(source, false)?;
    if people.wrong.is_empty() { Ok(people) } else { Err(people.wrong) }
}

/// What is wrong with a file, each with its line.
#[cfg(test)]
fn lines(text: &str) -> Vec<(u64, String)> {
    let errors = parse(text.as_bytes()).expect_err(text);
    errors.into_iter().map(|error| (error.line, error.what)).collect()
}

#[cfg(test)]
mod refused_tests;
#[cfg(test)]
mod spoilt_tests;
#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
