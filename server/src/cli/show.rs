//! Prints for people (aligned columns) and for scripts (JSON).

use std::fmt::Display;
use std::io::Write as _;

use serde::Serialize;

use super::exit::Failure;

/// Prints a line. A reader that has gone away (`| head`) is no failure.
pub(super) fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints JSON, indented.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::other)?);
    Ok(())
}

/// Columns as wide as their widest cell, under their headings.
pub(super) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows: Vec<[String; N]> = std::iter::once(headings.map(str::to_owned))
        .chain(rows.into_iter().map(|row| row.map(|cell| visible(&cell))))
        .collect();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
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
    fn a_terminal_is_not_steered() {
        let shown = table(["a"], [["\u{1b}[31mred\u{202e}".to_owned()]]);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    }
}
