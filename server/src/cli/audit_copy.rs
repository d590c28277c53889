//! Reads a copy of the audit back: CSV or JSON lines, as `audit export`, the page and
//! `audit tail --json` write them, and CSV as a spreadsheet has saved it since: with semicolons or
//! tabs, in UTF-16, with other line ends. What is written: `app/src/server/audit/export.rs`. Tests:
//! below.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use desk::{AuditRow, ChainLink, Moment, Outcome};
use serde::Deserialize;

use super::spreadsheet::{self, Row};
use super::terminal::{self, Input};

/// How a file begins that no spreadsheet has saved, and what stands between its cells: it may be of
/// any length, and is read row by row.
const OURS: [(&[u8], u8); 3] =
    [(b"\xEF\xBB\xBFid,at,", b','), (b"id,at,", b','), (b"\xEF\xBB\xBFid;at;", b';')];

/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The columns that a copy has at least.
const NEEDED: [&str; 5] = ["id", "node", "seq", "prev", "hash"];

/// A row as files have it.
#[derive(Deserialize)]
struct Line {
    id: String,
    at: At,
    actor: String,
    subject: String,
    action: String,
    outcome: String,
    address: String,
    agent: String,
    detail: String,
    node: String,
    seq: i64,
    prev: String,
    hash: String,
}

/// A time as text, or in milliseconds.
#[derive(Deserialize)]
#[serde(untagged)]
enum At {
    Milliseconds(i64),
    Text(String),
}

impl Line {
    fn row(self) -> Result<AuditRow, String> {
        let at = match self.at {
            At::Milliseconds(ms) => Moment(ms),
            At::Text(text) => Moment::parse_exact(&text)
                .ok_or_else(|| format!("“{text}” is not a time with milliseconds"))?,
        };
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.code() == self.outcome);
        Ok(AuditRow {
            id: self.id,
            at,
            actor: self.actor.into(),
            subject: self.subject,
            action: self.action.into(),
            outcome: outcome.ok_or_else(|| format!("“{}” is no outcome", self.outcome))?,
            address: self.address,
            agent: self.agent,
            detail: self.detail,
            link: ChainLink { node: self.node, seq: self.seq, prev: self.prev, hash: self.hash },
        })
    }
}

/// The rows of a copy, one after another.
pub(super) enum Copies {
    Csv(csv::StringRecordsIntoIter<BufReader<Input>>, csv::StringRecord),
    Sheet(std::vec::IntoIter<Row>, csv::StringRecord),
    JsonLines(std::iter::Enumerate<std::io::Lines<BufReader<Input>>>),
}

impl Copies {
    /// Opens a file: JSON lines where it begins with a brace.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let opened = terminal::current().open(path).map_err(|error| error.to_string())?;
        let mut file = BufReader::new(opened);
        let begins = file.fill_buf().map_err(|error| error.to_string())?;
        let mark = if begins.starts_with(MARK) { MARK.len() } else { 0 };
        if begins.get(mark..).is_some_and(|begins| begins.starts_with(b"{")) {
            file.consume(mark);
            return Ok(Self::JsonLines(file.lines().enumerate()));
        }
        let between = OURS.iter().find(|(ours, _)| begins.starts_with(ours));
        let Some((_, between)) = between else { return Self::sheet(file) };
        let mut reader = csv::ReaderBuilder::new().delimiter(*between).from_reader(file);
        let head = reader.headers().map_err(|error| error.to_string())?.clone();
        is_a_copy(&head)?;
        Ok(Self::Csv(reader.into_records(), head))
    }

    /// Reads what a spreadsheet has saved, whole: it holds no more than a million rows.
    fn sheet(mut file: BufReader<Input>) -> Result<Self, String> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        let is_heading = |heading: &str| NEEDED.contains(&heading.trim());
        let sheet = spreadsheet::read(&bytes, is_heading)
            .map_err(|error| format!("line {}: {}", error.line, error.what))?;
        let mut rows = sheet.rows.into_iter();
        let head: csv::StringRecord = rows
            .next()
            .map(|row| row.cells.iter().map(|cell| cell.trim()).collect())
            .unwrap_or_default();
        is_a_copy(&head)?;
        Ok(Self::Sheet(rows, head))
    }

    /// The next rows, at most `limit`; none at the end.
    pub(super) fn next_rows(&mut self, limit: usize) -> Result<Vec<AuditRow>, String> {
        let mut rows = Vec::with_capacity(limit);
        while rows.len() < limit {
            let Some(row) = self.next_row()? else { break };
            rows.push(row);
        }
        Ok(rows)
    }

    fn next_row(&mut self) -> Result<Option<AuditRow>, String> {
        match self {
            Self::Csv(records, head) => {
                let Some(record) = records.next() else { return Ok(None) };
                let record = record.map_err(|error| unreadable(&error))?;
                let place = record.position().map_or(0, csv::Position::line);
                read(record.iter(), head).map(Some).map_err(|why| format!("line {place}: {why}"))
            }
            Self::Sheet(rows, head) => {
                let Some(row) = rows.next() else { return Ok(None) };
                // As many as the heading has: spreadsheets leave out what is empty at a row's end,
                // or add to it.
                let cells = (0..head.len()).map(|at| row.cell(at));
                read(cells, head).map(Some).map_err(|why| format!("line {}: {why}", row.line))
            }
            Self::JsonLines(lines) => {
                let Some((number, line)) = lines.next() else { return Ok(None) };
                let line = line.map_err(|error| error.to_string()).and_then(|line| {
                    serde_json::from_str::<Line>(&line).map_err(|error| error.to_string())
                });
                line.and_then(Line::row)
                    .map(Some)
                    .map_err(|why| format!("line {}: {why}", number + 1))
            }
        }
    }
}

/// What is wrong with a row; where it has not as many cells as the heading, most likely a
/// spreadsheet has not opened the file as a table.
fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => format!(
            "line {}: there are {len} cells, and the heading has {expected_len}. Has a spreadsheet \
                opened it that expects semicolons, and saved it so? Take a copy that nobody has \
                saved, or one with semicolons: `latchkey audit export --semicolons`, or \
                /admin/audit.csv?separator=semicolon",
            pos.as_ref().map_or(0, csv::Position::line)
        ),
        _ => error.to_string(),
    }
}

fn is_a_copy(head: &csv::StringRecord) -> Result<(), String> {
    if NEEDED.iter().all(|name| head.iter().any(|column| column == *name)) {
        return Ok(());
    }
    Err("there are no columns id, node, seq, prev and hash: it is no copy of the audit, or an \
        older Latchkey’s"
        .to_owned())
}

fn read<'c>(
    cells: impl Iterator<Item = &'c str>,
    head: &csv::StringRecord,
) -> Result<AuditRow, String> {
    // One ' was put before what a spreadsheet might run.
    let cells: csv::StringRecord = cells.map(app::server::audit::as_it_was).collect();
    cells.deserialize::<Line>(Some(head)).map_err(|error| error.to_string())?.row()
}

#[cfg(test)]
mod tests {
    use app::server::audit::Format;

    use super::*;

    fn row(agent: &str) -> AuditRow {
        AuditRow {
            id: "0190".to_owned(),
            at: Moment(1_795_511_101_234),
            actor: "(client) rt".to_owned().into(),
            subject: "sam".to_owned(),
            action: "token.revoke".to_owned().into(),
            outcome: Outcome::Refused,
            address: "2001:db8::1".to_owned(),
            agent: agent.to_owned(),
            detail: "two, \"three\"\r\nfour".to_owned(),
            link: ChainLink {
                node: "main".to_owned(),
                seq: 7,
                prev: String::new(),
                hash: "0a".repeat(32),
            },
        }
    }

    #[test]
    fn a_copy_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows: Vec<AuditRow> =
            ["Mozilla/5.0", "=1", "'=1", "''", "\tx", " y ", ""].into_iter().map(row).collect();
        let marked = "\u{FEFF}";
        for (format, before) in [
            (Format::Csv, ""),
            (Format::SemicolonCsv, ""),
            (Format::JsonLines, ""),
            (Format::JsonLines, marked),
        ] {
            let path = folder.path().join(format.file_name());
            let text = format.head() + &format.lines(&rows);
            std::fs::write(&path, format!("{before}{text}")).expect("written");
            let mut copies = Copies::open(&path).expect("opened");
            let mut read = copies.next_rows(4).expect("read");
            read.extend(copies.next_rows(100).expect("read"));
            assert_eq!(read, rows, "{format:?}");
        }
    }

    /// The same cells as a spreadsheet saves them, with this between them and at a line's end, all
    /// of them in quotes or few.
    fn saved(csv: &str, between: u8, end: csv::Terminator, quotes: csv::QuoteStyle) -> String {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
        let mut writer = csv::WriterBuilder::new()
            .delimiter(between)
            .terminator(end)
            .quote_style(quotes)
            .from_writer(Vec::new());
        for record in reader.records() {
            writer.write_record(&record.expect("a record")).expect("written");
        }
        String::from_utf8(writer.into_inner().expect("written")).expect("UTF-8")
    }

    #[test]
    fn a_copy_is_read_as_spreadsheets_save_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows: Vec<AuditRow> = ["Mozilla/5.0", "=1", ";=1", "a;b\tc|d", "''", " y ", ""]
            .into_iter()
            .map(row)
            .collect();
        let csv = Format::Csv.head() + &Format::Csv.lines(&rows);
        let path = folder.path().join("saved.csv");
        let is_read = |bytes: &[u8], what: &str| {
            std::fs::write(&path, bytes).expect("written");
            let mut copies = Copies::open(&path).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(copies.next_rows(100).expect(what), rows, "{what}");
            assert!(copies.next_rows(1).expect(what).is_empty(), "{what}");
        };
        for between in *b",;\t" {
            for end in [csv::Terminator::CRLF, csv::Terminator::Any(b'\n')] {
                for quotes in [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always] {
                    let what = format!("{:?} {end:?} {quotes:?}", char::from(between));
                    let text = saved(&csv, between, end, quotes);
                    is_read(text.as_bytes(), &what);
                    let marked = format!("\u{FEFF}{text}");
                    is_read(marked.as_bytes(), &what);
                    is_read(
                        &marked.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                        &what,
                    );
                    is_read(
                        &marked.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(),
                        &what,
                    );
                    is_read(format!("sep={}\r\n{text}", char::from(between)).as_bytes(), &what);
                }
            }
        }
    }

    #[test]
    fn a_copy_that_a_spreadsheet_has_opened_in_one_column_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.csv");
        let csv = Format::Csv.head() + &Format::Csv.lines(&[row("Mozilla/5.0 (X11; Linux)")]);
        // As one that expects semicolons saves what it has read of it.
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(b';')
            .from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
        let mut writer =
            csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
        for record in reader.records() {
            writer.write_record(&record.expect("a record")).expect("written");
        }
        std::fs::write(&path, writer.into_inner().expect("written")).expect("written");
        let why = Copies::open(&path).expect("opened").next_rows(1).expect_err("broken");
        assert!(why.starts_with("line 2: ") && why.contains("--semicolons"), "{why}");
    }

    #[test]
    fn a_copy_in_a_code_page_of_a_machine_s_own_is_told_by_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ansi.csv");
        std::fs::write(
            &path,
            b"\"id\";\"node\";\"seq\";\"prev\";\"hash\";\"detail\"\r\n1;main;1;;00;K\xF6ln\r\n",
        )
        .expect("written");
        assert!(
            Copies::open(&path)
                .err()
                .is_some_and(|why| why.starts_with("line 2: ") && why.contains("UTF-8"))
        );
    }

    #[test]
    fn a_file_that_is_no_copy_is_named_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.csv");
        std::fs::write(&path, "id,at,actor\r\n1,2,3\r\n").expect("written");
        assert!(Copies::open(&path).err().is_some_and(|why| why.contains("older Latchkey")));
        std::fs::write(&path, "{\"id\":\"1\"}\n").expect("written");
        let why = Copies::open(&path).expect("opened").next_rows(1).expect_err("not whole");
        assert!(why.starts_with("line 1: "), "{why}");
    }
}
