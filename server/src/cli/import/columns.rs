//! The columns of a file: by their names as `user list` prints them, and as people write them.
//! Tests: `../import_tests.rs`.

use std::collections::HashMap;

use super::cells::is_called;
use crate::cli::spreadsheet::{LineError, Row, letter};
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

/// The column that a heading names.
pub(super) fn known(heading: &str) -> Option<&'static str> {
    let all = COLUMNS.into_iter().chain([LOCAL_PASSWORD, TOKENS]).map(|column| (column, column));
    all.chain(OTHER_NAMES).find(|(name, _)| is_called(heading, name)).map(|(_, column)| column)
}

/// What the cells of a row say.
fn said(row: &Row) -> impl Iterator<Item = &str> {
    row.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
}

/// What a row names, if it is a heading: of one that is a single cell what stands in that, whatever
/// is between.
fn names(row: &Row) -> Vec<&str> {
    let cells: Vec<&str> = said(row).collect();
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

/// What is wrong with a heading that is none, where that can be told.
fn hint(heading: &Row, after: &[Row]) -> Option<String> {
    let is_one = said(heading).count() == 1;
    if is_one && names(heading).into_iter().any(|name| known(name) == Some("netid")) {
        return Some(ONE_COLUMN.to_owned());
    }
    // One that is only nearly right is of this table.
    if said(heading).any(|cell| known(cell).is_some()) {
        return None;
    }
    let below = after.iter().take(LOOKED_AT).find(|row| is_heading(row))?;
    Some(format!("The heading line is line {}: take out what stands above it.", below.line))
}

/// In how many lines a heading is looked for.
const LOOKED_AT: usize = 20;

/// Where each column is.
#[derive(Debug)]
pub(super) struct Columns {
    place: HashMap<&'static str, usize>,
    headings: Vec<bool>,
}

impl Columns {
    /// Reads the heading; columns without one are as if they were not there.
    pub(super) fn of(heading: &Row, after: &[Row]) -> Result<Self, LineError> {
        Self::read_heading(heading)
            .map_err(|what| LineError::new(heading.line, &hint(heading, after).unwrap_or(what)))
    }

    fn read_heading(heading: &Row) -> Result<Self, String> {
        let mut place = HashMap::new();
        let all = COLUMNS.join(",");
        for (at, heading) in
            heading.cells.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty())
        {
            let column = known(heading);
            let unknown = || {
                format!(
                    "There is no column {} ({}). The heading line is: {all}",
                    quoted(heading),
                    letter(at)
                )
            };
            let column = column.ok_or_else(unknown)?;
            if place.insert(column, at).is_some() {
                return Err(format!(
                    "The column “{column}” is there twice (the second is {}).",
                    letter(at)
                ));
            }
        }
        if !place.contains_key("netid") {
            return Err(format!("The column “netid” is missing. The heading line is: {all}"));
        }
        let headings = heading.cells.iter().map(|heading| !heading.trim().is_empty()).collect();
        Ok(Self { place, headings })
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
        let place = at.map(|at| format!(" (column {})", letter(at))).unwrap_or_default();
        let cell = if raw.trim().is_empty() || !self.may_quote(row, column) {
            String::new()
        } else {
            format!("{}: ", quoted(raw))
        };
        read(raw).map_err(|what| wrong.push(format!("{column}{place}: {cell}{what}"))).ok()
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
    pub(super) fn unreadable(&self, row: &Row, delimiter: char) -> Option<&'static str> {
        let netid = row.cell(self.place.get("netid").copied().unwrap_or_default());
        let is_alone = said(row).count() == 1 && self.place.len() > 1;
        if is_heading(row) {
            Some(
                "This is a heading line again. Were two files put together? Take the line out, or \
                 import one after the other.",
            )
        } else if is_alone && netid.contains(delimiter) {
            Some(ONE_COLUMN)
        } else if row.cells.iter().any(|cell| is_quoted_late(cell)) {
            Some(
                "A quotation mark has a blank before it, so it quotes nothing. Put it right behind \
                 what stands between the cells.",
            )
        } else {
            None
        }
    }

    /// What a row says where nothing is read: no heading stands above it, or one of `user list`
    /// that it does not fit.
    pub(super) fn strays(&self, row: &Row, delimiter: char) -> Vec<String> {
        let is_said = |at: usize| !row.cell(at).trim().is_empty();
        let headed = |at: usize| self.headings.get(at) == Some(&true);
        let mut wrong = Vec::new();
        if let Some(at) = (0..row.cells.len()).find(|at| is_said(*at) && !headed(*at)) {
            let between =
                if delimiter == '\t' { "tab".to_owned() } else { format!("“{delimiter}”") };
            // Part of a password may be there: of a file that has some it is not shown.
            let has_passwords =
                self.place.contains_key("password") || self.place.contains_key(LOCAL_PASSWORD);
            let cell = if has_passwords { "something".to_owned() } else { quoted(row.cell(at)) };
            wrong.push(format!(
                "column {}: there is {cell} in it, and the heading has none there. A field with a \
                    {between} in it needs \"quotes\".",
                letter(at)
            ));
        }
        let local = self.place.get(LOCAL_PASSWORD).copied();
        let listed = ["", "none", "initial", "set"];
        if let Some(at) = local.filter(|at| !listed.contains(&row.cell(*at).trim())) {
            wrong.push(format!(
                "{LOCAL_PASSWORD} (column {}): no local password is imported. Set it with latchkey \
                 user set-password, and leave the column out.",
                letter(at)
            ));
        }
        wrong
    }
}
