//! Prints for people (aligned columns) and for scripts (JSON).

use std::fmt::Display;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::exit::Failure;
use super::terminal;

/// Prints a line. A reader that has gone away (`| head`) is no failure.
pub(super) fn print(text: &str) {
    let _ = terminal::current().write(format!("{text}\n").as_bytes());
}

/// Prints a line to standard error, with the program's name before it.
pub(super) fn complain(text: &str) {
    let _ = terminal::current().write_error(format!("latchkey: {text}\n").as_bytes());
}

/// Prints JSON, indented.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::other)?);
    Ok(())
}

/// Prints what is there so far; false: the reader has gone away (`| head`), which is no failure.
pub(super) fn write(text: &str) -> Result<bool, Failure> {
    is_read(terminal::current().write(text.as_bytes()))
}

/// Lets go of what is kept back yet; false: as [`write()`].
pub(super) fn flush() -> Result<bool, Failure> {
    is_read(terminal::current().flush())
}

fn is_read(written: std::io::Result<()>) -> Result<bool, Failure> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Failure::other),
    }
}

/// Columns as wide as their widest cell, under their headings.
pub(super) fn table<const N: usize>(
    headings: [&'static str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    Columns::new(headings).lines(rows)
}

/// Columns that are printed in parts, whatever the number of rows: as wide as the widest cell of
/// the first part. Later cells may be wider, since nobody waits for them.
#[derive(Debug)]
pub(super) struct Columns<const N: usize> {
    headings: [&'static str; N],
    widths: Option<[usize; N]>,
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(headings: [&'static str; N]) -> Self {
        Self { headings, widths: None }
    }

    /// The next rows, the first of them under their headings.
    pub(super) fn lines(&mut self, rows: impl IntoIterator<Item = [String; N]>) -> String {
        let headings = self.headings.map(str::to_owned);
        let is_first = self.widths.is_none();
        let heading = is_first.then_some(headings).into_iter();
        let rows: Vec<[String; N]> =
            heading.chain(rows.into_iter().map(|row| row.map(|cell| visible(&cell)))).collect();
        let widest = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths = *self.widths.get_or_insert_with(|| std::array::from_fn(widest));
        let line = |row: &[String; N]| {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned() + "\n"
        };
        rows.iter().map(line).collect()
    }
}

/// An array that is printed in parts, as [`json`] prints one that is whole.
#[derive(Debug, Default)]
pub(super) struct Array {
    has_any: bool,
}

impl Array {
    /// The next of it.
    pub(super) fn part(&mut self, items: &[impl Serialize]) -> Result<String, Failure> {
        let mut text = String::new();
        for item in items {
            let item = serde_json::to_string_pretty(item).map_err(Failure::other)?;
            text.push_str(if self.has_any { ",\n  " } else { "[\n  " });
            text.push_str(&item.replace('\n', "\n  "));
            self.has_any = true;
        }
        Ok(text)
    }

    /// What comes after the last one.
    pub(super) fn end(&self) -> &'static str {
        if self.has_any { "\n]\n" } else { "[]\n" }
    }
}

/// How far it is with so many people; nothing is shown where nobody looks at a terminal, or it is
/// not wanted.
pub(super) fn people_bar(people: u64, is_wanted: bool) -> Result<ProgressBar, Failure> {
    let target =
        if is_wanted { terminal::current().progress() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(people), target);
    let style =
        ProgressStyle::with_template("{bar:30} {pos} of {len} people, {per_sec}, {eta} left")
            .map_err(Failure::other)?;
    bar.set_style(style);
    Ok(bar)
}

/// Text that somebody typed cannot move the cursor, colour the terminal of whoever reads it, or
/// turn the text around it.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|c| if desk::is_invisible(c) { '\u{FFFD}' } else { c }).collect()
}

/// "1 row", "2 rows".
pub(super) fn counted<N: Copy + Display + PartialEq + From<u8>>(many: N, what: &str) -> String {
    let ending = if many == N::from(1) { "" } else { "s" };
    format!("{many} {what}{ending}")
}

/// "1 person", "2 people".
pub(super) fn people<N: Copy + Display + PartialEq + From<u8>>(many: N) -> String {
    if many == N::from(1) { "1 person".to_owned() } else { format!("{many} people") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_gone_away_is_no_failure() {
        let ended = |kind: std::io::ErrorKind| is_read(Err(kind.into())).ok();
        assert_eq!(ended(std::io::ErrorKind::BrokenPipe), Some(false));
        assert_eq!(ended(std::io::ErrorKind::StorageFull), None);
        assert_eq!(is_read(Ok(())).ok(), Some(true));
    }

    #[test]
    fn one_is_not_several() {
        assert_eq!(
            (counted(1_u32, "row"), counted(0_u64, "row")),
            ("1 row".into(), "0 rows".into())
        );
        assert_eq!(
            (counted(2_usize, "token"), people(1_usize)),
            ("2 tokens".into(), "1 person".into())
        );
        assert_eq!(people(0_u32), "0 people");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let shown = table(
            ["a", "b"],
            [["ü".to_owned(), "x".to_owned()], ["long".to_owned(), String::new()]],
        );
        assert_eq!(shown, "a     b\nü     x\nlong\n");
    }

    #[test]
    fn in_parts_it_is_as_it_is_whole() {
        let rows = |from: usize, to: usize| (from..to).map(|n| [n.to_string(), "x".to_owned()]);
        let whole = table(["number", "b"], rows(0, 5));
        let mut columns = Columns::new(["number", "b"]);
        assert_eq!(
            columns.lines(rows(0, 2)) + &columns.lines(rows(2, 2)) + &columns.lines(rows(2, 5)),
            whole
        );
        let people = ["a\nb", "c", "d"].map(|name| serde_json::json!({ "name": name, "n": [1] }));
        for parts in [&[&people[..0], &people[..1], &people[1..]][..], &[&people[..]], &[]] {
            let mut array = Array::default();
            let text: String = parts.iter().map(|part| array.part(part).expect("JSON")).collect();
            let whole = parts.concat();
            assert_eq!(
                text + array.end(),
                serde_json::to_string_pretty(&whole).expect("JSON") + "\n"
            );
        }
    }

    #[test]
    fn a_terminal_is_not_steered() {
        let shown = table(["a"], [["\u{1b}[31mred\u{202e}".to_owned()]]);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
}
