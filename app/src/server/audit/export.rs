//! The audit as a file: CSV for a spreadsheet, JSON lines for a program. Pure text, no request in
//! sight.
//!
//! A line has all that the row's hash covers, and its place in the chain, so that
//! `latchkey audit verify --against FILE` can hold it against the store: times to the millisecond,
//! no text cut short. At the end of a CSV's line people read what happened in words.

use desk::AuditRow;

use crate::components::whole_detail;

/// What a row has, in the order of a file.
const NAMES: [&str; 13] = [
    "id", "at", "actor", "subject", "action", "outcome", "address", "agent", "detail", "node",
    "seq", "prev", "hash",
];

/// What a row tells, in the words of the page.
#[must_use]
pub fn in_words(row: &AuditRow) -> String {
    let (what, more) = (row.action.words(row.outcome), whole_detail(row));
    if more.is_empty() { what.to_owned() } else { format!("{what}: {more}") }
}

/// What the file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// The same with semicolons: spreadsheets expect them where a comma is in numbers.
    SemicolonCsv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// The name the browser saves it under.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Csv | Self::SemicolonCsv => "latchkey-audit.csv",
            Self::JsonLines => "latchkey-audit.jsonl",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Csv | Self::SemicolonCsv => "CSV",
            Self::JsonLines => "JSON lines",
        }
    }

    /// For the header `Content-Type` of the file.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv | Self::SemicolonCsv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// What stands before the first row.
    #[must_use]
    pub fn head(self) -> String {
        match self.between() {
            // Without the mark in front Excel takes it for the machine's old code page: “rep â†’
            // help_desk”.
            Some(between) => format!("\u{FEFF}{}{between}in_words\r\n", NAMES.join(between)),
            None => String::new(),
        }
    }

    /// What stands between the cells of a table; none: it is none.
    fn between(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some(","),
            Self::SemicolonCsv => Some(";"),
            Self::JsonLines => None,
        }
    }

    /// Rows as lines, each ended.
    #[must_use]
    pub fn lines(self, rows: &[AuditRow]) -> String {
        rows.iter().map(|row| self.line(row)).collect()
    }

    fn line(self, row: &AuditRow) -> String {
        let (at, seq) = (row.at.rfc3339_exact(), row.link.seq.to_string());
        let (actor, action, outcome) =
            (row.actor.to_string(), row.action.to_string(), row.outcome.to_string());
        let AuditRow { id, subject, address, agent, detail, link, .. } = row;
        let cells = [
            id, &at, &actor, subject, &action, &outcome, address, agent, detail, &link.node, &seq,
            &link.prev, &link.hash,
        ];
        match self.between() {
            Some(between) => format!(
                "{}{between}{}\r\n",
                cells.map(|cell| csv_cell(cell)).join(between),
                csv_cell(&in_words(row))
            ),
            None => {
                let value = |name: &str, cell: &str| {
                    if name == "seq" { row.link.seq.into() } else { cell.into() }
                };
                let object: serde_json::Map<_, _> = NAMES
                    .into_iter()
                    .zip(cells)
                    .map(|(name, cell)| (name.to_owned(), value(name, cell)))
                    .collect();
                serde_json::Value::Object(object).to_string() + "\n"
            }
        }
    }
}

/// A cell that a spreadsheet shows and does not run. One that begins like a formula gets a `'` in
/// front (OWASP, "CSV Injection"): a User-Agent is whatever the client likes to send. One that
/// begins with a `'` gets another, so that whoever reads the file back takes one away from each
/// that begins with one.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(FORMULA) || text.starts_with(['\t', '\r', '\n']);
    let text = disarmed_within(&if formula || text.starts_with('\'') {
        format!("'{text}")
    } else {
        text.to_owned()
    });
    if text.contains([',', ';', '"', '\r', '\n', '\'', ' ']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What some spreadsheets take for the end of a cell, whatever quotes say.
const SEPARATORS: [char; 3] = [';', '\t', '|'];

/// The same of whatever stands behind one of [`SEPARATORS`].
fn disarmed_within(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        out.push(c);
        let rest = &text[at + c.len_utf8()..];
        if SEPARATORS.contains(&c)
            && (rest.trim_start().starts_with(FORMULA) || rest.starts_with('\''))
        {
            out.push('\'');
        }
    }
    out
}

/// What was in a cell before it was written as a spreadsheet shows it.
#[must_use]
pub fn as_it_was(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut before = None;
    for c in cell.chars() {
        let added = c == '\'' && before.is_none_or(|before| SEPARATORS.contains(&before));
        if !added {
            out.push(c);
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use desk::Moment;

    use super::*;

    fn row(agent: &str) -> AuditRow {
        AuditRow {
            id: "01".to_owned(),
            at: Moment(1_795_511_101_234),
            actor: "helen".to_owned().into(),
            subject: "sam".to_owned(),
            action: "password.set".to_owned().into(),
            outcome: desk::Outcome::Done,
            address: "192.0.2.7".to_owned(),
            agent: agent.to_owned(),
            detail: String::new(),
            link: desk::ChainLink {
                node: "main".to_owned(),
                seq: 7,
                prev: "aa".to_owned(),
                hash: "bb".to_owned(),
            },
        }
    }

    #[test]
    fn a_row_is_one_csv_line() {
        let line = Format::Csv.lines(&[row("say \"hi\", twice")]);
        let words = "\"Initial local password set\"";
        let expected = "01,2026-11-24T09:05:01.234Z,helen,sam,password.set,done,192.0.2.7,\"say \"\"hi\"\", twice\",,main,7,aa,bb";
        assert_eq!(line, format!("{expected},{words}\r\n"));
    }

    #[test]
    fn what_happened_is_there_in_the_page_s_words() {
        assert!(Format::Csv.head().ends_with(",hash,in_words\r\n"));
        let changed = AuditRow {
            action: "user.role".to_owned().into(),
            detail: "rep → help_desk".to_owned(),
            ..row("x")
        };
        assert_eq!(in_words(&changed), "Role changed: Campus Services rep → Help Desk");
        let refused = AuditRow {
            action: "token.create".to_owned().into(),
            outcome: desk::Outcome::Refused,
            detail: "too-many-tokens".to_owned(),
            ..row("x")
        };
        assert_eq!(in_words(&refused), "Creating a token refused: Too many tokens");
        assert_eq!(in_words(&row("x")), "Initial local password set");
    }

    #[test]
    fn a_spreadsheet_is_told_that_it_is_utf_8() {
        let head = Format::Csv.head();
        assert!(head.as_bytes().starts_with(b"\xEF\xBB\xBFid,at,"));
        let changed = AuditRow { detail: "rep → help_desk".to_owned(), ..row("x") };
        assert!(Format::Csv.lines(&[changed]).contains("\"rep → help_desk\""));
        assert_eq!(Format::JsonLines.head(), "");
    }

    #[test]
    fn with_semicolons_it_is_the_same_table() {
        let of = |format: Format| format.head() + &format.lines(&[row("a;b"), row("x,y")]);
        let (commas, semicolons) = (of(Format::Csv), of(Format::SemicolonCsv));
        assert!(semicolons.starts_with("\u{FEFF}id;at;") && commas.starts_with("\u{FEFF}id,at,"));
        for cell in ["\"a;b\"", "\"x,y\""] {
            assert!(commas.contains(&format!(",{cell},")), "{commas}");
            assert!(semicolons.contains(&format!(";{cell};")), "{semicolons}");
        }
    }

    #[test]
    fn no_cell_is_run_as_a_formula() {
        for agent in
            ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\n=1", "＝1", "'=1"]
        {
            let line = Format::Csv.lines(&[row(agent)]);
            assert!(line.contains("192.0.2.7,\"'"), "{line}");
        }
    }

    #[test]
    fn nothing_is_run_where_a_semicolon_ends_a_cell_and_what_was_there_is_read_back() {
        for agent in [
            ";=cmd|'/c calc'!A1;",
            "a;@x",
            "a\t+1",
            "x;  -1",
            "|=1",
            ";'=1",
            ";''=1",
            "a;b",
            "'",
            ";",
            "=1;=2",
            "''x",
            "x'y",
        ] {
            let cell = csv_cell(agent);
            let text = cell
                .strip_prefix('"')
                .and_then(|cell| cell.strip_suffix('"'))
                .unwrap_or(&cell)
                .replace("\"\"", "\"");
            for part in text.split(SEPARATORS) {
                assert!(!part.trim_start().starts_with(FORMULA), "{agent}: {text}");
            }
            assert_eq!(as_it_was(&text), agent);
        }
    }

    #[test]
    fn a_row_is_one_json_line_with_the_names_of_the_csv_head() {
        let lines = Format::JsonLines.lines(&[row("two\nlines"), row("=1")]);
        let read: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0]["agent"], "two\nlines");
        assert_eq!(read[1]["agent"], "=1");
        assert_eq!(read[0].as_object().map(serde_json::Map::len), Some(13));
        assert_eq!((read[0]["seq"].as_i64(), read[0]["hash"].as_str()), (Some(7), Some("bb")));
    }
}
