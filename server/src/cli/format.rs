//! How a list is printed: in columns for people, or as a file for spreadsheets or programs. Tests:
//! with each list.

use app::server::audit::csv_cell;
use clap::ValueEnum;

/// A way to print it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns for people
    #[default]
    Table,
    /// For spreadsheets: no cell is run as a formula
    Csv,
    /// The same with semicolons: spreadsheets expect them where numbers have a comma
    SemicolonCsv,
    /// An array
    Json,
}

impl Format {
    /// What stands between the cells of a file for spreadsheets.
    pub(super) fn between(self) -> &'static str {
        if self == Self::SemicolonCsv { ";" } else { "," }
    }
}

/// The first line of a file for spreadsheets. Without the mark in front Excel takes it for the
/// machine's old code page.
pub(super) fn csv_head<const N: usize>(headings: [&str; N], between: &str) -> String {
    format!("\u{FEFF}{}\r\n", headings.join(between))
}

/// Another line of it.
pub(super) fn csv_line<const N: usize>(cells: [String; N], between: &str) -> String {
    cells.map(|cell| csv_cell(&cell)).join(between) + "\r\n"
}
