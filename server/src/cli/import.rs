//! `latchkey user import`: reads a CSV file whole, and either all of it is good or nothing is done.
//! A column that is not there, or an empty cell, leaves what is known
//! (`desk/src/engine/accounts/import_plan.rs`). What spreadsheets write: [`super::spreadsheet`],
//! [`columns`], [`cells`]. Tests: `import_tests.rs`, `import/refused_tests.rs`, and by the program
//! itself `server/tests/server/command_line/users.rs`.

mod cells;
mod columns;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use desk::{
    Desk, ImportError, ImportOutcome, ImportPlan, ImportReport, ImportUser, NetId, Refusal,
};

use super::exit::Failure;
use super::show;
use super::spreadsheet::{self, LineError, Row};
use columns::Columns;

/// What the file looks like, for `--help`.
pub(super) const FORMAT: &str = "\
The file is CSV with a heading line:
  netid,name,email,role,privileged,disabled,password
as Excel, LibreOffice and Google Sheets write it: UTF-8 or UTF-16, with commas, semicolons or tabs.
Only netid must be there, and name for whoever is new. A column that is not there, or an empty \
cell, leaves what is
known: nobody is enabled, and no role or privilege changed, but where the cell says so.
  role: staff (whoever is new), rep, help_desk or admin, or as the pages write them
  privileged: yes or no (whoever is new): may have a local password and tokens
  disabled: yes or no (whoever is new)
  password: the NetID password for the built-in directory, judged as a local password is
Whoever is known from another directory is of the built-in one from now on. Whatever is changed is \
in each person's
history. Look at the plan first: --dry-run.";

/// How many errors are shown where not all of them are asked for.
const SHOWN: usize = 20;

/// Reads the file and imports its people, or shows what that would do.
pub(super) async fn run(
    desk: &Desk,
    file: &Path,
    dry_run: bool,
    all_errors: bool,
) -> Result<(), Failure> {
    let (name, source): (String, Box<dyn Read + Send>) = if file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let open = File::open(file).map_err(|error| {
            Failure::Other(format!("{} cannot be read: {error}.", file.display()))
        })?;
        (file.display().to_string(), Box::new(open))
    };
    let most = if all_errors { usize::MAX } else { SHOWN };
    let words = |errors: &[LineError]| told(&name, errors, most);
    let People { users, lines } = parse(source).map_err(|errors| Failure::Other(words(&errors)))?;
    let at = |netid: &NetId, what: String| LineError {
        line: lines.get(netid).copied().unwrap_or_default(),
        what,
    };
    let refused = |error| match error {
        ImportError::Refused(refusal) => Failure::Refused(refusal),
        ImportError::NameMissing(netids) => {
            let missing = netids
                .iter()
                .map(|netid| at(netid, format!("name: “{netid}” is new and needs one.")));
            Failure::Other(words(&missing.collect::<Vec<_>>()))
        }
        ImportError::OfPeople(refused) => {
            let whys = refused.iter().map(|(netid, why)| at(netid, why_not(netid, why)));
            Failure::RefusedLines(words(&whys.collect::<Vec<_>>()))
        }
    };
    if dry_run {
        let plan = desk.console().plan_import(&users).await.map_err(refused)?;
        show::print(steps(&plan).trim_end());
        show::print(&format!("{} Nothing was written.", summary(plan.report())));
    } else {
        show::print(&summary(desk.console().import_users(&users).await.map_err(refused)?));
    }
    Ok(())
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

/// Everybody in the file, and on which line each is.
#[derive(Debug, Default)]
struct People {
    users: Vec<ImportUser>,
    lines: HashMap<NetId, u64>,
}

/// Everything that is wrong, a line each in the order of the file, at most so many of them.
fn told(name: &str, errors: &[LineError], most: usize) -> String {
    let mut in_order: Vec<&LineError> = errors.iter().collect();
    in_order.sort_by_key(|error| error.line);
    let mut words: String = in_order
        .iter()
        .take(most)
        .map(|error| format!("{name}:{}: {}\n", error.line, error.what))
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
fn why_not(netid: &NetId, why: &Refusal) -> String {
    match why {
        Refusal::NetIdReserved { .. } => {
            format!(
                "netid: “{netid}” is a reserved name (people.reserved_netids): nobody gets an \
                    account by it."
            )
        }
        Refusal::LastAdministrator => format!("“{netid}”: {why}"),
        why => format!("password: {why}"),
    }
}

/// Everybody in the file, or everything that is wrong with it.
fn parse(mut source: impl Read) -> Result<People, Vec<LineError>> {
    let mut bytes = Vec::new();
    let unreadable = |error| vec![LineError::new(0, &format!("The file cannot be read: {error}."))];
    source.read_to_end(&mut bytes).map_err(unreadable)?;
    let sheet = spreadsheet::read(&bytes, |heading| columns::known(heading).is_some())
        .map_err(|error| vec![error])?;
    let nobody = || vec![LineError::new(1, "There is nobody in the file.")];
    let (heading, rows) = sheet.rows.split_first().ok_or_else(nobody)?;
    let columns = Columns::of(heading).map_err(|what| vec![LineError::new(heading.line, &what)])?;
    if rows.is_empty() {
        return Err(nobody());
    }
    let (mut people, mut errors) = (People::default(), Vec::new());
    for row in rows {
        let line = row.line;
        match user(row, &columns, sheet.delimiter) {
            Ok(user) => match people.lines.insert(user.netid.clone(), line) {
                Some(first) => errors.push(LineError {
                    line,
                    what: format!("“{}” is on line {first} already.", user.netid),
                }),
                None => people.users.push(user),
            },
            Err(wrong) => errors.extend(wrong.into_iter().map(|what| LineError { line, what })),
        }
    }
    if errors.is_empty() { Ok(people) } else { Err(errors) }
}

/// One line's person, or everything that is wrong with it.
fn user(row: &Row, columns: &Columns, delimiter: char) -> Result<ImportUser, Vec<String>> {
    let mut wrong: Vec<String> = columns.strays(row, delimiter);
    let netid = columns.read(row, "netid", &mut wrong, cells::netid);
    let name = columns.read(row, "name", &mut wrong, |raw| cells::name(raw, delimiter));
    let email = columns.read(row, "email", &mut wrong, |raw| cells::email(raw, delimiter));
    let role = columns.read(row, "role", &mut wrong, cells::role);
    let privileged = columns.read(row, "privileged", &mut wrong, cells::yes_or_no);
    let disabled = columns.read(row, "disabled", &mut wrong, cells::yes_or_no);
    let password = columns.read(row, "password", &mut wrong, cells::password);
    match (netid, name, email, role, privileged, disabled, password) {
        (
            Some(netid),
            Some(name),
            Some(email),
            Some(role),
            Some(privileged),
            Some(disabled),
            Some(password),
        ) if wrong.is_empty() => {
            Ok(ImportUser { netid, name, email, role, privileged, disabled, password })
        }
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod refused_tests;
#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
