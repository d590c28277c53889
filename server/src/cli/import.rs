//! `latchkey user import`: reads a CSV file whole, and either all of it is good or nothing is done.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::StringRecord;
use desk::{Desk, ImportUser, NetId, Role, Secret};

use super::exit::Failure;
use super::show;

/// What the file looks like, for `--help`.
pub(super) const FORMAT: &str = "\
The file is UTF-8 with a heading line:
  netid,name,email,role,privileged,disabled,password
Only netid and name must be there. role: staff (default), rep, help_desk or admin. privileged, disabled: yes or no
(default). password: the NetID password for the built-in directory; empty: as it is. Whoever exists is updated.";

const COLUMNS: [&str; 7] = ["netid", "name", "email", "role", "privileged", "disabled", "password"];

/// How many errors are told.
const TOLD: usize = 50;

/// Reads the file and imports its people.
pub(super) async fn run(desk: &Desk, file: &Path) -> Result<(), Failure> {
    let (name, source): (String, Box<dyn Read + Send>) = if file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let open = File::open(file).map_err(|error| Failure::Other(format!("{} cannot be read: {error}.", file.display())))?;
        (file.display().to_string(), Box::new(open))
    };
    let users = parse(source).map_err(|errors| told(&name, &errors))?;
    let report = desk.import_users(users).await?;
    show::print(&format!("{} created, {} updated.", report.created, report.updated));
    Ok(())
}

/// What is wrong with a line, numbered from 1.
#[derive(Debug, PartialEq, Eq)]
struct LineError {
    line: u64,
    what: String,
}

fn told(name: &str, errors: &[LineError]) -> Failure {
    let mut words: String = errors.iter().take(TOLD).map(|error| format!("{name}:{}: {}\n", error.line, error.what)).collect();
    if errors.len() > TOLD {
        words.push_str(&format!("… and {} more.\n", errors.len() - TOLD));
    }
    Failure::Other(format!("nobody was imported.\n{words}Correct the file and import it again."))
}

/// Everybody in the file, or everything that is wrong with it.
fn parse(source: impl Read) -> Result<Vec<ImportUser>, Vec<LineError>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(source);
    let place = columns(reader.headers()).map_err(|what| vec![LineError { line: 1, what }])?;
    let (mut users, mut errors, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let broken_off = matches!(error.kind(), csv::ErrorKind::Io(_));
                errors.push(unreadable(&error));
                if broken_off {
                    break;
                }
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match user(&record, &place) {
            Ok(user) => match seen.insert(user.netid.clone(), line) {
                Some(first) => errors.push(LineError { line, what: format!("“{}” is on line {first} already.", user.netid) }),
                None => users.push(user),
            },
            Err(wrong) => errors.extend(wrong.into_iter().map(|what| LineError { line, what })),
        }
    }
    if users.is_empty() && errors.is_empty() {
        errors.push(LineError { line: 1, what: "There is nobody in the file.".to_owned() });
    }
    if errors.is_empty() { Ok(users) } else { Err(errors) }
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
    match ["netid", "name"].into_iter().find(|column| !place.contains_key(column)) {
        Some(column) => Err(format!("The column “{column}” is missing. The heading line is: {}", COLUMNS.join(","))),
        None => Ok(place),
    }
}

/// One line's person, or everything that is wrong with it. A password is never repeated.
fn user(record: &StringRecord, place: &HashMap<&'static str, usize>) -> Result<ImportUser, Vec<String>> {
    let raw = |column: &str| place.get(column).and_then(|at| record.get(*at)).unwrap_or_default();
    let mut wrong = Vec::new();
    let mut keep = |result: Result<(), String>| wrong.extend(result.err());

    let netid = NetId::parse(raw("netid")).map_err(|refusal| refusal.to_string());
    let name = text(raw("name"), "name", false);
    let email = text(raw("email"), "email", true).and_then(|email| {
        let good = email.is_empty() || (email.contains('@') && !email.contains(char::is_whitespace));
        if good { Ok(email) } else { Err("email: that is not an e-mail address.".to_owned()) }
    });
    let role = match raw("role").trim() {
        "" => Ok(Role::default()),
        word => Role::parse(&word.to_ascii_lowercase()).map_err(|refusal| refusal.to_string()),
    };
    let (privileged, disabled) = (yes_or_no(raw("privileged"), "privileged"), yes_or_no(raw("disabled"), "disabled"));
    keep(netid.as_ref().map(|_| ()).map_err(Clone::clone));
    keep(name.as_ref().map(|_| ()).map_err(Clone::clone));
    keep(email.as_ref().map(|_| ()).map_err(Clone::clone));
    keep(role.as_ref().map(|_| ()).map_err(Clone::clone));
    keep(privileged.as_ref().map(|_| ()).map_err(Clone::clone));
    keep(disabled.as_ref().map(|_| ()).map_err(Clone::clone));
    let password = Some(raw("password")).filter(|password| !password.is_empty()).map(|password| Secret::new(password.to_owned()));
    match (netid, name, email, role, privileged, disabled) {
        (Ok(netid), Ok(name), Ok(email), Ok(role), Ok(privileged), Ok(disabled)) => {
            Ok(ImportUser { netid, name, email, role, privileged, disabled, password })
        }
        _ => Err(wrong),
    }
}

fn text(raw: &str, column: &str, may_be_empty: bool) -> Result<String, String> {
    let text = raw.trim();
    if text.is_empty() && !may_be_empty {
        Err(format!("{column}: this must not be empty."))
    } else if text.chars().count() > 255 {
        Err(format!("{column}: use at most 255 characters."))
    } else if text.chars().any(char::is_control) {
        Err(format!("{column}: there are control characters in it."))
    } else {
        Ok(text.to_owned())
    }
}

fn yes_or_no(raw: &str, column: &str) -> Result<bool, String> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(true),
        "" | "no" | "false" | "0" => Ok(false),
        _ => Err(format!("{column}: write yes or no.")),
    }
}

fn unreadable(error: &csv::Error) -> LineError {
    let line = error.position().map_or(0, csv::Position::line);
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
