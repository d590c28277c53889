//! Tokens as lines of a file for spreadsheets, the command line's too: no cell is run as a formula.
//! The whole id: sixteen digits of it may read like a number.

use desk::{Moment, NetId, TokenView};

use crate::server::audit::csv_cell;

const HEADINGS: [&str; 10] = [
    "owner",
    "id",
    "description",
    "access",
    "networks",
    "created",
    "expires",
    "used",
    "used_from",
    "why",
];

/// The first line. Without the mark in front Excel takes it for the machine's old code page.
#[must_use]
pub fn head(between: &str) -> String {
    format!("\u{FEFF}{}\r\n", HEADINGS.join(between))
}

/// A token's line, with why it is named.
#[must_use]
pub fn line(owner: &NetId, token: &TokenView, why: &[String], between: &str) -> String {
    let used = token.used.as_ref();
    let cells = [
        owner.to_string(),
        token.id.to_string(),
        token.description.clone(),
        token.access.word().to_owned(),
        token.networks.clone(),
        token.created.rfc3339(),
        token.expires.map(Moment::rfc3339).unwrap_or_default(),
        used.map(|used| used.at.rfc3339()).unwrap_or_default(),
        used.map(|used| used.address.clone()).unwrap_or_default(),
        why.join(", "),
    ];
    cells.map(|cell| csv_cell(&cell)).join(between) + "\r\n"
}

#[cfg(test)]
mod tests {
    use desk::{Access, TokenId};

    use super::*;

    #[test]
    fn no_cell_is_run_and_each_has_its_heading() {
        let id_text = "0a".repeat(32);
        let id = TokenId::parse(&id_text).expect("an id");
        let token = TokenView::made(id, "=cmd|calc".to_owned(), Access::Full, Moment(0));
        let owner = NetId::parse("tia").expect("a NetID");
        let why = ["never used".to_owned(), "never expires".to_owned()];
        for between in [",", ";"] {
            let line = line(&owner, &token, &why, between);
            let cells = [
                "tia",
                id_text.as_str(),
                "'=cmd|calc",
                "full",
                "",
                "1970-01-01T00:00:00Z",
                "",
                "",
                "",
                "\"never used, never expires\"",
            ];
            let bare = line.trim_end().replace("\"'=cmd|calc\"", "'=cmd|calc");
            assert_eq!(bare, cells.join(between));
            assert_eq!(head(between).split(between).count(), cells.len());
        }
    }
}
