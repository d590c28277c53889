//! Reads a copy of the audit back: CSV or JSON lines, as `audit export`, the page and `audit tail --json` write them. What is written:
//! `app/src/admin/audit/export.rs`. Tests: below.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use desk::{AuditRow, ChainLink, Moment, Outcome};
use serde::Deserialize;

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
            At::Text(text) => Moment::parse_exact(&text).ok_or_else(|| format!("“{text}” is no time to the millisecond"))?,
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
    Csv(csv::StringRecordsIntoIter<BufReader<File>>, csv::StringRecord),
    JsonLines(std::iter::Enumerate<std::io::Lines<BufReader<File>>>),
}

impl Copies {
    /// Opens a file: JSON lines where it begins with a brace.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let mut file = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
        if file.fill_buf().map_err(|error| error.to_string())?.starts_with(b"{") {
            return Ok(Self::JsonLines(file.lines().enumerate()));
        }
        let mut reader = csv::Reader::from_reader(file);
        let head = reader.headers().map_err(|error| error.to_string())?.clone();
        if !["id", "node", "seq", "prev", "hash"].iter().all(|name| head.iter().any(|column| column == *name)) {
            return Err("there are no columns id, node, seq, prev and hash: it is no copy of the audit, or an older Latchkey’s".to_owned());
        }
        Ok(Self::Csv(reader.into_records(), head))
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
                let record = record.map_err(|error| error.to_string())?;
                let place = record.position().map_or(0, csv::Position::line);
                // One ' was put before what a spreadsheet might run.
                let cells: csv::StringRecord = record.iter().map(app::admin::audit::as_it_was).collect();
                let line: Result<Line, String> = cells.deserialize(Some(head)).map_err(|error| error.to_string());
                line.and_then(Line::row).map(Some).map_err(|why| format!("line {place}: {why}"))
            }
            Self::JsonLines(lines) => {
                let Some((number, line)) = lines.next() else { return Ok(None) };
                let line = line
                    .map_err(|error| error.to_string())
                    .and_then(|line| serde_json::from_str::<Line>(&line).map_err(|error| error.to_string()));
                line.and_then(Line::row).map(Some).map_err(|why| format!("line {}: {why}", number + 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use app::admin::audit::Format;

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
            link: ChainLink { node: "main".to_owned(), seq: 7, prev: String::new(), hash: "0a".repeat(32) },
        }
    }

    #[test]
    fn a_copy_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows: Vec<AuditRow> = ["Mozilla/5.0", "=1", "'=1", "''", "\tx", " y ", ""].into_iter().map(row).collect();
        for format in [Format::Csv, Format::JsonLines] {
            let path = folder.path().join(format.file_name());
            std::fs::write(&path, format.head().to_owned() + &format.lines(&rows)).expect("written");
            let mut copies = Copies::open(&path).expect("opened");
            let mut read = copies.next_rows(4).expect("read");
            read.extend(copies.next_rows(100).expect("read"));
            assert_eq!(read, rows, "{format:?}");
        }
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
