//! The columns of a file: by their names as `user list` prints them, and as people write them.
//! Tests: `../import_tests.rs`.

use std::collections::HashMap;

use super::cells::is_called;
use crate::cli::spreadsheet::{LineError, Row, letter};
use crate::config::hint as did_you_mean;
use crate::quoted::quoted;

/// What is read of each person.
const COLUMNS: [&str; 7] = ["netid", "name", "email", "role", "privileged", "disabled", "password"];

/// What `user list` prints besides: it says nothing here.
const LOCAL_PASSWORD: &str = "local password";
const TOKENS: &str = "tokens";

/// Other names of a column.
const OTHER_NAMES: [(&str, &str); 7] = [
    ("net id", "netid"),
    ("full name", "name"),
    ("mail", "email"),
    ("e-mail", "email"),
    ("email address", "email"),
    ("e-mail address", "email"),
    ("netid password", "password"),
];

/// What others head a column with. It may mean something else there, so that nothing is read by it:
/// it is asked whether the column was meant.
const MEANT: [(&str, &str); 18] = [
    ("user name", "netid"),
    ("user id", "netid"),
    ("uid", "netid"),
    ("user", "netid"),
    ("log in", "netid"),
    ("log in name", "netid"),
    ("account", "netid"),
    ("account name", "netid"),
    ("display name", "name"),
    ("nom", "name"),
    ("nombre", "name"),
    ("work e-mail", "email"),
    ("primary e-mail", "email"),
    ("e-post", "email"),
    ("mail address", "email"),
    ("e-mail adresse", "email"),
    ("correo", "email"),
    ("courriel", "email"),
];

/// " Did you mean …?" with the column that a heading which is not read was meant for, or is nearly
/// that of; or nothing.
fn near(heading: &str) -> String {
    match MEANT.into_iter().find(|(name, _)| is_called(heading, name)) {
        Some((_, column)) => format!(" Did you mean “{column}”?"),
        None => did_you_mean(heading.trim(), offered()),
    }
}

/// The column that a heading names.
pub(super) fn known(heading: &str) -> Option<&'static str> {
    let all = COLUMNS.into_iter().chain([LOCAL_PASSWORD, TOKENS]).map(|column| (column, column));
    all.chain(OTHER_NAMES).find(|(name, _)| is_called(heading, name)).map(|(_, column)| column)
}

/// The headings that are offered where one is nearly theirs: those by which something is read.
fn offered() -> impl Iterator<Item = String> {
    let others = OTHER_NAMES.into_iter().map(|(name, _)| name);
    COLUMNS.into_iter().chain(others).map(str::to_owned)
}

/// What the cells of a row say.
fn filled(row: &Row) -> impl Iterator<Item = &str> {
    row.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
}

/// What a row names, if it is a heading: of one that is a single cell what stands in that, whatever
/// is between.
fn names(row: &Row) -> Vec<&str> {
    let cells: Vec<&str> = filled(row).collect();
    if cells.len() == 1 { cells[0].split([',', ';', '\t', '|']).collect() } else { cells }
}

/// Whether a row is a heading, whatever has put a mark of UTF-8 before it.
fn is_heading(row: &Row) -> bool {
    let columns: Vec<Option<&str>> =
        names(row).into_iter().map(|name| known(name.trim_start_matches('\u{FEFF}'))).collect();
    columns.contains(&Some("netid")) && columns.iter().all(Option::is_some)
}

/// Whether a cell was to be quoted, and is not.
fn is_quoted_late(cell: &str) -> bool {
    cell.starts_with(char::is_whitespace) && cell.trim_start().starts_with('"')
}

const ONE_COLUMN: &str = "The whole line is one cell. Has a spreadsheet opened the file that \
     expects something else between cells, and saved it so? Take the file as it was before.";

const FOR_PEOPLE: &str = "This is printed for people, in columns of blanks. Take what \
    `latchkey user list --format csv` prints.";

/// Whether a heading is that of `user list` as people read it: with blanks between the names.
fn is_for_people(heading: &Row) -> bool {
    let cells: Vec<&str> = filled(heading).collect();
    let [cell] = cells.as_slice() else { return false };
    let columns: Vec<Option<&str>> =
        cell.split("  ").filter(|name| !name.trim().is_empty()).map(known).collect();
    columns.len() > 1 && columns.contains(&Some("netid")) && columns.iter().all(Option::is_some)
}

/// What is wrong with a heading that is none, where that can be told.
fn hint(heading: &Row, after: &[Row]) -> Option<String> {
    let is_one = filled(heading).count() == 1;
    if is_one && names(heading).into_iter().any(|name| known(name) == Some("netid")) {
        return Some(ONE_COLUMN.to_owned());
    }
    if is_for_people(heading) {
        return Some(FOR_PEOPLE.to_owned());
    }
    // One that is only nearly right is of this table.
    if filled(heading).any(|cell| known(cell).is_some()) {
        return None;
    }
    let below = after.iter().take(LOOKED_AT).find(|row| is_heading(row))?;
    Some(format!("The heading line is line {}: take out what stands above it.", below.line))
}

/// What stands between cells, as a message has it.
fn named(separator: char) -> String {
    if separator == '\t' { "a tab".to_owned() } else { format!("a “{separator}”") }
}

/// In how many lines a heading is looked for.
const LOOKED_AT: usize = 20;

/// Where each column is.
#[derive(Debug, Default)]
pub(super) struct Columns {
    place: HashMap<&'static str, usize>,
    headings: Vec<bool>,
}

impl Columns {
    /// Reads the heading; columns without one are as if they were not there.
    pub(super) fn of(heading: &Row, after: &[Row]) -> Result<Self, Vec<LineError>> {
        Self::read_heading(heading).map_err(|wrong| {
            let wrong = hint(heading, after).map_or(wrong, |hint| vec![hint]);
            wrong.iter().map(|what| LineError::new(heading.line, what)).collect()
        })
    }

    /// Everything that is wrong with it in one round.
    fn read_heading(heading: &Row) -> Result<Self, Vec<String>> {
        let mut place: HashMap<&'static str, usize> = HashMap::new();
        let (mut wrong, mut unread) = (Vec::new(), Vec::new());
        for (at, heading) in
            heading.cells.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty())
        {
            match known(heading) {
                None => unread.push((at, heading, near(heading))),
                Some(column) if place.contains_key(column) => wrong.push(format!(
                    "The column “{column}” is there twice (the second is {}): take one out.",
                    letter(at)
                )),
                Some(column) => {
                    place.insert(column, at);
                }
            }
        }
        if place.is_empty() && unread.iter().all(|(.., near)| near.is_empty()) {
            return Err(vec![format!(
                "This is no heading line: none of it is a heading that is read. Write one above \
                 it: {}",
                COLUMNS.join(",")
            )]);
        }
        // Where it does not say who people are it may be no heading, and a password be in it.
        let is_heading = place.contains_key("netid");
        for (at, heading, near) in unread {
            let of = letter(at);
            let cell = if is_heading || !near.is_empty() {
                format!("The heading {} (column {of})", quoted(heading))
            } else {
                format!("The heading of column {of}")
            };
            wrong.push(if near.is_empty() {
                format!(
                    "{cell} is not one that is read. Take the column out, or call it one of {}.",
                    COLUMNS.join(", ")
                )
            } else {
                format!("{cell} is not one that is read.{near} Call it so, or take the column out.")
            });
        }
        if !is_heading {
            wrong.push(format!(
                "The heading “netid” is missing: it says who is meant. The headings that are read \
                 are {}.",
                COLUMNS.join(", ")
            ));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let headings = heading.cells.iter().map(|heading| !heading.trim().is_empty()).collect();
        Ok(Self { place, headings })
    }

    /// A column, and where it is.
    pub(super) fn called(&self, column: &str) -> String {
        match self.place.get(column) {
            Some(at) => format!("{column} (column {})", letter(*at)),
            None => column.to_owned(),
        }
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.place.contains_key(column)
    }

    /// What a row says in a column; what is wrong with it is kept, with where it is.
    pub(super) fn read<T>(
        &self,
        row: &Row,
        column: &str,
        wrong: &mut Vec<String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let at = self.place.get(column).copied();
        let raw = at.map_or("", |at| row.cell(at));
        let cell = if raw.trim().is_empty() || !self.may_quote(row, column) {
            String::new()
        } else {
            format!("{}: ", quoted(raw))
        };
        let called = self.called(column);
        read(raw).map_err(|what| wrong.push(format!("{called}: {cell}{what}"))).ok()
    }

    /// Whether a message may quote what a row says in a column: no password, and nothing that is
    /// one in the wrong place. Where a file has passwords and the row has none, it may stand where
    /// a word is to be.
    fn may_quote(&self, row: &Row, column: &str) -> bool {
        let has_password = |at: &usize| !row.cell(*at).trim().is_empty();
        let accounted = self.place.get("password").is_none_or(has_password);
        column != "password" && (accounted || matches!(column, "netid" | "name" | "email"))
    }

    /// Why nothing of a row is read.
    pub(super) fn unreadable(&self, row: &Row, delimiter: char) -> Option<String> {
        let netid = row.cell(self.place.get("netid").copied().unwrap_or_default());
        let is_alone = filled(row).count() == 1 && self.place.len() > 1;
        if is_heading(row) {
            Some(
                "This is a heading line again. Were two files put together? Take the line out, or \
                 import one after the other."
                    .to_owned(),
            )
        } else if is_alone && netid.contains(delimiter) {
            Some(ONE_COLUMN.to_owned())
        } else if let Some(other) = self.other_separator(row, delimiter) {
            Some(format!(
                "Between the cells of this line is {}, and in the heading {}: write the same in \
                 all lines.",
                named(other),
                named(delimiter)
            ))
        } else if row.cells.iter().any(|cell| is_quoted_late(cell)) {
            Some(
                "A quotation mark has a blank before it, so it quotes nothing. Put it right behind \
                 what stands between the cells."
                    .to_owned(),
            )
        } else {
            None
        }
    }

    /// What stands between the cells of a row, where that is something else than in the heading:
    /// cells are missing then, and it stands where the NetID is to be, which never has it.
    fn other_separator(&self, row: &Row, delimiter: char) -> Option<char> {
        let cells: Vec<&str> = filled(row).collect();
        let netid = row.cell(self.place.get("netid").copied().unwrap_or_default()).trim();
        let whole = match cells.as_slice() {
            [one] if netid.is_empty() => *one,
            _ => netid,
        };
        let is_other = |c: &char| *c != delimiter && whole.contains(*c);
        [',', ';', '\t', '|'].into_iter().find(is_other).filter(|_| cells.len() < self.place.len())
    }

    /// What a row says where nothing is read: no heading stands above it, or one of `user list`
    /// that it does not fit.
    pub(super) fn strays(&self, row: &Row, delimiter: char) -> Vec<String> {
        let is_filled = |at: usize| !row.cell(at).trim().is_empty();
        let headed = |at: usize| self.headings.get(at) == Some(&true);
        let mut wrong = Vec::new();
        if let Some(at) = (0..row.cells.len()).find(|at| is_filled(*at) && !headed(*at)) {
            let between = named(delimiter);
            // Part of a password may be there: of a file that has some it is not shown.
            let has_passwords =
                self.place.contains_key("password") || self.place.contains_key(LOCAL_PASSWORD);
            let cell = if has_passwords { "something".to_owned() } else { quoted(row.cell(at)) };
            wrong.push(format!(
                "column {}: there is {cell} in it, and the heading has none there. A field with \
                    {between} in it needs \"quotes\".",
                letter(at)
            ));
        }
        let local = self.place.get(LOCAL_PASSWORD).copied();
        let listed = ["", "none", "initial", "set"];
        let is_listed = |at: &usize| {
            let cell = row.cell(*at).trim();
            listed.contains(&cell.strip_suffix(", closed").unwrap_or(cell))
        };
        if let Some(at) = local.filter(|at| !is_listed(at)) {
            wrong.push(format!(
                "{LOCAL_PASSWORD} (column {}): no local password is imported. Set it with latchkey \
                 user set-password, and leave the column out.",
                letter(at)
            ));
        }
        wrong
    }
}
