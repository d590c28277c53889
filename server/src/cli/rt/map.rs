//! The file of `--map`: which NetID a name of Request Tracker's is, and who is left out. Two
//! columns as spreadsheets write them ([`crate::cli::spreadsheet`]), with a heading or without;
//! below one, what is there for people alone is passed over. Tests: below.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use app::server::audit::as_it_was;
use desk::{NetId, RtPerson};

use super::lines::{refused, unreadable};
use crate::cli::exit::Failure;
use crate::cli::import;
use crate::cli::spreadsheet::{self, LineError, Row, letter};
use crate::quoted::quoted;

/// Whose NetID each name is; none: they are left out.
pub(super) type Names = BTreeMap<String, Option<NetId>>;

/// What heads the names of Request Tracker's.
const RT_NAME: [&str; 5] = ["rt name", "rt", "request tracker", "name", "rt user"];

/// What heads NetIDs.
const NETID: [&str; 2] = ["netid", "net id"];

/// What heads what is there for whoever fills the file in.
const BESIDE: [&str; 4] = ["real name", "realname", "e mail", "email"];

/// What stands where in a row.
#[derive(Debug)]
struct Columns {
    name: usize,
    netid: usize,
    beside: Vec<usize>,
}

fn is_one_of(heading: &str, names: &[&str]) -> bool {
    let heading = heading.trim().to_ascii_lowercase().replace(['_', '-'], " ");
    names.contains(&heading.as_str())
}

fn is_heading(cell: &str) -> bool {
    is_one_of(cell, &RT_NAME) || is_one_of(cell, &NETID)
}

/// Reads the file.
pub(super) fn read(name: &str, mut source: impl Read, any_netid: bool) -> Result<Names, Failure> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    parse(&bytes, any_netid).map_err(|wrong| refused(name, &wrong))
}

fn parse(bytes: &[u8], any_netid: bool) -> Result<Names, Vec<LineError>> {
    let (rows, columns) = rows(bytes).map_err(|error| vec![error])?;
    let mut names = Names::new();
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let line = row.line;
        match pair(row, &columns, any_netid) {
            Err(what) => wrong.push(LineError { line, what }),
            Ok((name, _)) if lines.contains_key(&name) => {
                let what = format!("{} is on line {} already.", quoted(&name), lines[&name]);
                wrong.push(LineError { line, what });
            }
            Ok((name, netid)) => {
                lines.insert(name.clone(), line);
                names.insert(name, netid);
            }
        }
    }
    if wrong.is_empty() { Ok(names) } else { Err(wrong) }
}

/// The rows below the heading, if there is one, and what stands where in them.
fn rows(bytes: &[u8]) -> Result<(Vec<Row>, Columns), LineError> {
    let headed = spreadsheet::read(bytes, is_heading)?.rows;
    if let Some(first) = headed.first() {
        let at = |names: &[&str]| first.cells.iter().position(|cell| is_one_of(cell, names));
        match (at(&RT_NAME), at(&NETID)) {
            (Some(name), Some(netid)) => {
                let cells = first.cells.iter().enumerate();
                let beside = cells.filter(|(_, cell)| is_one_of(cell, &BESIDE)).map(|(at, _)| at);
                let columns = Columns { name, netid, beside: beside.collect() };
                return Ok((headed.into_iter().skip(1).collect(), columns));
            }
            (None, None) => {}
            _ => {
                let what = "The heading has one of two columns. Write: rt name,netid";
                return Err(LineError::new(first.line, what));
            }
        }
    }
    // What stands between the cells is what makes most of them; of a comma a name may have one.
    let is_cell = |cell: &str| !cell.trim().is_empty() && !cell.contains([';', '\t', '|']);
    let columns = Columns { name: 0, netid: 1, beside: Vec::new() };
    Ok((spreadsheet::read(bytes, is_cell)?.rows, columns))
}

/// A name of Request Tracker's, and whose NetID that is.
fn pair(row: &Row, columns: &Columns, any_netid: bool) -> Result<(String, Option<NetId>), String> {
    let Columns { name, netid, beside } = columns;
    let is_known = |at: &usize| at == name || at == netid || beside.contains(at);
    let is_more = |at: &usize| !is_known(at) && !row.cell(*at).trim().is_empty();
    if let Some(at) = (0..row.cells.len()).find(is_more) {
        return Err(format!(
            "There is something in column {}: a line is a name of Request Tracker’s and a NetID. A \
             name with a comma in it needs \"quotes\".",
            letter(at)
        ));
    }
    let typed = row.cell(*name).trim();
    if typed.is_empty() {
        return Err("The name of Request Tracker’s is empty.".to_owned());
    }
    let netid = match row.cell(*netid).trim() {
        "" => None,
        text => {
            let parsed = import::netid(text, any_netid);
            Some(parsed.map_err(|what| format!("{}: {what}", quoted(text)))?)
        }
    };
    Ok((typed.to_owned(), netid))
}

/// The same by the names as Request Tracker spells them, where capitals differ, and the names that
/// nobody has there.
pub(super) fn by_people(names: Names, people: &[RtPerson]) -> (Names, Vec<String>) {
    let mut spelt: HashMap<String, Vec<&str>> = HashMap::new();
    for person in people {
        spelt.entry(person.name.to_lowercase()).or_default().push(&person.name);
    }
    let (mut found, mut unknown) = (Names::new(), Vec::new());
    for (name, netid) in names {
        // What keeps a spreadsheet from taking it for a formula is none of a name.
        let is_known = spelt.contains_key(&name.to_lowercase());
        let name = if is_known { name } else { as_it_was(&name) };
        match spelt.get(&name.to_lowercase()).map(Vec::as_slice) {
            Some([one]) => _ = found.insert((*one).to_owned(), netid),
            Some(several) if several.contains(&name.as_str()) => _ = found.insert(name, netid),
            _ => unknown.push(name),
        }
    }
    (found, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netid(text: &str) -> Option<NetId> {
        NetId::parse(text).ok()
    }

    fn expected() -> Names {
        let pairs = [("Doe, Jane", netid("jdoe")), ("old@example.org", None)];
        pairs.map(|(name, netid)| (name.to_owned(), netid)).into()
    }

    fn wrong(text: &str) -> (u64, String) {
        let mut wrong = parse(text.as_bytes(), false).expect_err(text);
        assert_eq!(wrong.len(), 1, "{text}: {wrong:?}");
        wrong.pop().map(|error| (error.line, error.what)).unwrap_or_default()
    }

    #[test]
    fn with_a_heading_or_without_as_spreadsheets_write_it() {
        for text in [
            "rt name,netid\n\"Doe, Jane\",JDOE\nold@example.org,\n",
            "\u{FEFF}NetID;RT-Name\r\njdoe;Doe, Jane\r\n;old@example.org\r\n",
            "sep=;\nDoe, Jane;jdoe;\nold@example.org;;\n\n",
            "Doe, Jane\tjdoe\nold@example.org\t\n",
            "\"Doe, Jane\",jdoe\nold@example.org\n",
            "rt name,netid,Real Name,e-mail\n\"Doe, Jane\",jdoe,Jane,j@x\nold@example.org,,Old,\n",
        ] {
            assert_eq!(parse(text.as_bytes(), false), Ok(expected()), "{text}");
        }
        assert_eq!(parse(b"", false), Ok(Names::new()));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        for (text, line, expected) in [
            ("rt,netid\na,a\nb,b c\n", 3, "“b c”"),
            ("a@b.c,1-Mar\n", 1, "--any-netid"),
            ("rt,netid\n,x\n", 2, "is empty"),
            ("a@b.c,x\na@b.c,y\n", 2, "“a@b.c” is on line 1 already."),
            ("rt,netid\nDoe,Jane,jdoe\n", 2, "column C"),
            ("rt,e-mail\na,a\n", 1, "rt name,netid"),
        ] {
            let (at, what) = wrong(text);
            assert!(at == line && what.contains(expected), "{text}: {at}: {what}");
        }
        assert!(parse(b"a@b.c,1-Mar\n", true).is_ok());
    }

    fn person(name: &str) -> RtPerson {
        RtPerson {
            id: 1,
            name: name.to_owned(),
            real_name: String::new(),
            email: String::new(),
            password: None,
            disabled: false,
            privileged: true,
            created: None,
        }
    }

    #[test]
    fn names_are_those_of_request_tracker_whatever_their_capitals() {
        let people = ["Old@Example.org", "ada", "Ada"].map(person);
        let names = [("old@example.org", None), ("ada", netid("ada2")), ("ADA", None), ("x", None)];
        let names: Names = names.map(|(name, netid)| (name.to_owned(), netid)).into();
        let (found, unknown) = by_people(names, &people);
        let expected = [("Old@Example.org", None), ("ada", netid("ada2"))];
        let expected: Names = expected.map(|(name, netid)| (name.to_owned(), netid)).into();
        assert_eq!(found, expected);
        assert_eq!(unknown, ["ADA", "x"]);
    }
}
