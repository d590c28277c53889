//! `latchkey user import`: reads a CSV file whole, and either all of it is good or nothing is done. A column that is not there,
//! or an empty cell, leaves what is known (`desk/src/engine/accounts/import_plan.rs`). Tests: `import_tests.rs`, and by the
//! program itself `server/tests/server/command_line/users.rs`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::StringRecord;
use desk::{Desk, ImportError, ImportOutcome, ImportPlan, ImportReport, ImportUser, NetId, PASSWORD_MAX, Role, Secret};

use super::exit::Failure;
use super::show;

/// What the file looks like, for `--help`.
pub(super) const FORMAT: &str = "\
The file is UTF-8 with a heading line:
  netid,name,email,role,privileged,disabled,password
Only netid must be there, and name for whoever is new. A column that is not there, or an empty cell, leaves what is
known: nobody is enabled, and no role or privilege changed, but where the cell says so.
  role: staff (whoever is new), rep, help_desk or admin
  privileged: yes or no (whoever is new): may have a local password and tokens
  disabled: yes or no (whoever is new)
  password: the NetID password for the built-in directory
Whoever is known from another directory is of the built-in one from now on. Whatever is changed is in each person's
history. Look at the plan first: --dry-run.";

const COLUMNS: [&str; 7] = ["netid", "name", "email", "role", "privileged", "disabled", "password"];

/// How many errors are shown.
const MAX_ERRORS: usize = 50;

/// Reads the file and imports its people, or shows what that would do.
pub(super) async fn run(desk: &Desk, file: &Path, dry_run: bool) -> Result<(), Failure> {
    let (name, source): (String, Box<dyn Read + Send>) = if file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let open = File::open(file).map_err(|error| Failure::Other(format!("{} cannot be read: {error}.", file.display())))?;
        (file.display().to_string(), Box::new(open))
    };
    let people = parse(source).map_err(|errors| failure(&name, &errors))?;
    let People { users, lines } = people;
    let refused = |error| match error {
        ImportError::Refused(refusal) => Failure::Refused(refusal),
        ImportError::NameMissing(netids) => {
            let what = |netid: &NetId| format!("name: “{netid}” is new and needs one.");
            let line = |netid: &NetId| LineError { line: lines.get(netid).copied().unwrap_or_default(), what: what(netid) };
            failure(&name, &netids.iter().map(line).collect::<Vec<_>>())
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

/// What is wrong with a line, numbered from 1.
#[derive(Debug, PartialEq, Eq)]
struct LineError {
    line: u64,
    what: String,
}

fn failure(name: &str, errors: &[LineError]) -> Failure {
    let mut words: String = errors.iter().take(MAX_ERRORS).map(|error| format!("{name}:{}: {}\n", error.line, error.what)).collect();
    if errors.len() > MAX_ERRORS {
        words.push_str(&format!("… and {} more.\n", errors.len() - MAX_ERRORS));
    }
    Failure::Other(format!("nobody was imported.\n{words}Correct the file and import it again."))
}

/// Everybody in the file, or everything that is wrong with it.
fn parse(mut source: impl Read) -> Result<People, Vec<LineError>> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| vec![LineError { line: 0, what: format!("The file cannot be read: {error}.") }])?;
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
    let place = columns(reader.headers()).map_err(|what| vec![LineError { line: 1, what }])?;
    let (mut people, mut errors) = (People::default(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.push(unreadable(&error, &bytes));
                continue;
            }
        };
        let line = line_of(record.position(), &bytes);
        match user(&record, &place) {
            Ok(user) => match people.lines.insert(user.netid.clone(), line) {
                Some(first) => errors.push(LineError { line, what: format!("“{}” is on line {first} already.", user.netid) }),
                None => people.users.push(user),
            },
            Err(wrong) => errors.extend(wrong.into_iter().map(|what| LineError { line, what })),
        }
    }
    if people.users.is_empty() && errors.is_empty() {
        errors.push(LineError { line: 1, what: "There is nobody in the file.".to_owned() });
    }
    if errors.is_empty() { Ok(people) } else { Err(errors) }
}

/// Where each column is.
fn columns(headings: csv::Result<&StringRecord>) -> Result<HashMap<&'static str, usize>, String> {
    let headings = headings.map_err(|_| "The first line cannot be read. The file must be UTF-8.".to_owned())?;
    let mut place = HashMap::new();
    for (at, heading) in headings.iter().enumerate() {
        let known = COLUMNS.into_iter().find(|column| heading.trim().eq_ignore_ascii_case(column));
        let column =
            known.ok_or_else(|| format!("There is no column “{}”. The heading line is: {}", heading.escape_debug(), COLUMNS.join(",")))?;
        if place.insert(column, at).is_some() {
            return Err(format!("The column “{column}” is there twice."));
        }
    }
    if !place.contains_key("netid") {
        return Err(format!("The column “netid” is missing. The heading line is: {}", COLUMNS.join(",")));
    }
    Ok(place)
}

/// One line's person, or everything that is wrong with it. A password is never repeated.
fn user(record: &StringRecord, place: &HashMap<&'static str, usize>) -> Result<ImportUser, Vec<String>> {
    let raw = |column: &str| place.get(column).and_then(|at| record.get(*at)).unwrap_or_default();
    let mut wrong = Vec::new();

    let netid = kept(NetId::parse(raw("netid")).map_err(|refusal| refusal.to_string()), &mut wrong);
    let name = kept(text(raw("name"), "name"), &mut wrong);
    let email = kept(text(raw("email"), "email").and_then(email), &mut wrong);
    let role = kept(role(raw("role")), &mut wrong);
    let privileged = kept(yes_or_no(raw("privileged"), "privileged"), &mut wrong);
    let disabled = kept(yes_or_no(raw("disabled"), "disabled"), &mut wrong);
    let password = kept(password(raw("password")), &mut wrong);
    match (netid, name, email, role, privileged, disabled, password) {
        (Some(netid), Some(name), Some(email), Some(role), Some(privileged), Some(disabled), Some(password)) => {
            Ok(ImportUser { netid, name, email, role, privileged, disabled, password })
        }
        _ => Err(wrong),
    }
}

/// What was read; what is wrong with it is kept.
fn kept<T>(read: Result<T, String>, wrong: &mut Vec<String>) -> Option<T> {
    read.map_err(|what| wrong.push(what)).ok()
}

/// A cell's text; an empty cell says nothing.
fn text(raw: &str, column: &str) -> Result<Option<String>, String> {
    let text = raw.trim();
    if text.chars().count() > 255 {
        Err(format!("{column}: use at most 255 characters."))
    } else if text.chars().any(char::is_control) {
        Err(format!("{column}: there are control characters in it."))
    } else {
        Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
    }
}

/// A cell's password, as it is; one of nothing but spaces says nothing.
fn password(raw: &str) -> Result<Option<Secret>, String> {
    if raw.trim().is_empty() {
        Ok(None)
    } else if raw.contains(['\n', '\r']) {
        Err("password: there is a line end in it. Is a quotation mark missing?".to_owned())
    } else if raw.chars().any(char::is_control) {
        Err("password: there are control characters in it.".to_owned())
    } else if raw.chars().count() > PASSWORD_MAX {
        Err(format!("password: use at most {PASSWORD_MAX} characters."))
    } else {
        Ok(Some(Secret::new(raw.to_owned())))
    }
}

fn email(said: Option<String>) -> Result<Option<String>, String> {
    match said {
        Some(email) if !email.contains('@') || email.contains(char::is_whitespace) => {
            Err("email: that is not an e-mail address.".to_owned())
        }
        said => Ok(said),
    }
}

fn role(raw: &str) -> Result<Option<Role>, String> {
    match raw.trim() {
        "" => Ok(None),
        word => Role::parse(&word.to_ascii_lowercase()).map(Some).map_err(|refusal| refusal.to_string()),
    }
}

fn yes_or_no(raw: &str, column: &str) -> Result<Option<bool>, String> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "true" | "1" => Ok(Some(true)),
        "no" | "false" | "0" => Ok(Some(false)),
        _ => Err(format!("{column}: write yes or no.")),
    }
}

/// The line that a record stands on: its position is that of the empty lines before it.
fn line_of(position: Option<&csv::Position>, bytes: &[u8]) -> u64 {
    let Some(position) = position else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let before = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + before.fold(0, |lines, byte| lines + u64::from(*byte == b'\n'))
}

fn unreadable(error: &csv::Error, bytes: &[u8]) -> LineError {
    let line = line_of(error.position(), bytes);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("There are {len} fields where the heading has {expected_len}. A field with a comma in it needs \"quotes\".")
        }
        csv::ErrorKind::Utf8 { .. } => "There are bytes that are not UTF-8.".to_owned(),
        _ => "This cannot be read as CSV.".to_owned(),
    };
    LineError { line, what }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
