//! The columns of a file: by their names as `user list` prints them, and as people write them.
//! Tests: `../import_tests.rs`.

use std::collections::HashMap;

use super::cells::is_called;
use crate::cli::spreadsheet::{Row, letter};
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

/// Where each column is.
#[derive(Debug)]
pub(super) struct Columns {
    place: HashMap<&'static str, usize>,
    headings: Vec<bool>,
}

impl Columns {
    /// Reads the heading; columns without one are as if they were not there.
    pub(super) fn of(heading: &Row) -> Result<Self, String> {
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
