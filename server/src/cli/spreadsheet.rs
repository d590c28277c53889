//! A table as spreadsheets write it: UTF-8 or UTF-16, with a byte-order mark or without; commas,
//! semicolons, tabs or bars between the cells; a `sep=` line; rows of nothing. Tests:
//! `import_tests.rs`, `audit_copy.rs`.

/// What stands between cells, as far as it is found out.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

const SAVE_AS_UTF_8: &str = "Save it again as UTF-8: in Excel as “CSV UTF-8 (Comma delimited)”, in \
    LibreOffice with the character set “Unicode (UTF-8)”.";

/// What is wrong with a line, numbered from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineError {
    pub(super) line: u64,
    pub(super) what: String,
}

impl LineError {
    pub(super) fn new(line: u64, what: &str) -> Self {
        Self { line, what: what.to_owned() }
    }
}

/// A file's rows that have something in them.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The first of them is the heading.
    pub(super) rows: Vec<Row>,
    /// What stands between cells.
    pub(super) delimiter: char,
}

/// One row, and the line of the file that it begins on.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

impl Row {
    /// What is in a cell; nothing where the row ends before it.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }
}

/// A column as spreadsheets call it: A to Z, then AA.
pub(super) fn letter(at: usize) -> String {
    let digit = char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    if at < 26 { digit.to_string() } else { format!("{}{digit}", letter(at / 26 - 1)) }
}

/// Reads a file. `is_heading` knows the columns, by which it is found out what stands between them.
pub(super) fn read(bytes: &[u8], is_heading: fn(&str) -> bool) -> Result<Sheet, LineError> {
    let text = decoded(bytes, is_heading)?;
    let (declared, text, line) = without_separator_line(&text);
    let delimiter = delimiter(text, declared, is_heading);
    let rows = rows(text, delimiter, line);
    // Spreadsheets write marks in pairs: an odd one has swallowed the rest of the file.
    let swallowed = |row: &&Row| row.cells.iter().any(|cell| cell.contains(['\n', '\r']));
    if let Some(row) = rows.last().filter(swallowed)
        && text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
    {
        return Err(LineError::new(row.line, "A quotation mark in this line is not closed."));
    }
    let rows = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(Sheet { rows: rows.collect(), delimiter: char::from(delimiter) })
}

fn decoded(bytes: &[u8], is_heading: fn(&str) -> bool) -> Result<String, LineError> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(LineError::new(
            1,
            "This is a workbook (.xlsx, .ods or .xls) and no CSV. Save it as CSV: in Excel as “CSV \
             UTF-8 (Comma delimited)”.",
        )),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf_8(rest, is_heading),
        [0xFF, 0xFE, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        // A heading begins with a letter, a mark or a space: half of it is zero, mark or not.
        [first, 0, ..] if *first != 0 => utf_16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf_16(bytes, u16::from_be_bytes),
        _ => utf_8(bytes, is_heading),
    }
}

fn utf_8(bytes: &[u8], is_heading: fn(&str) -> bool) -> Result<String, LineError> {
    let error = match str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error,
    };
    let good = bytes.get(..error.valid_up_to()).and_then(|good| str::from_utf8(good).ok());
    let (declared, good, line) = without_separator_line(good.unwrap_or_default());
    let delimiter = delimiter(good, declared, is_heading);
    // A letter in the place of the one that cannot be read, so that its cell is there.
    let rows = rows(&format!("{good}?"), delimiter, line);
    let (at, column) =
        rows.last().map_or((line, 0), |row| (row.line, row.cells.len().saturating_sub(1)));
    let what =
        format!("column {}: There are bytes that are not UTF-8. {SAVE_AS_UTF_8}", letter(column));
    Err(LineError::new(at, &what))
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, LineError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text = String::with_capacity(bytes.len() / 2);
    for letter in char::decode_utf16(units) {
        match letter {
            Ok(letter) => text.push(letter),
            Err(_) => return Err(not_utf_16(&text)),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(not_utf_16(&text)) }
}

fn not_utf_16(good: &str) -> LineError {
    let what = format!("The file begins as UTF-16, and this is none. {SAVE_AS_UTF_8}");
    LineError::new(1 + line_ends(good.as_bytes()), &what)
}

/// What a `sep=` line says, by which Excel is told what stands between cells; the text after it,
/// and its first line.
fn without_separator_line(text: &str) -> (Option<u8>, &str, u64) {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    let declared = first.trim_start().trim_start_matches('"');
    let Some(declared) =
        declared.get(..4).filter(|word| word.eq_ignore_ascii_case("sep=")).map(|_| &declared[4..])
    else {
        return (None, text, 1);
    };
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    let delimiter =
        declared.bytes().next().filter(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    (delimiter.filter(|byte| !matches!(byte, b'"' | b' ')), rest, 2)
}

/// Of what may stand between cells that which makes most columns of the heading. What a `sep=` line
/// says comes first; a heading that shows another shows that it is of another file.
fn delimiter(text: &str, declared: Option<u8>, is_heading: fn(&str) -> bool) -> u8 {
    let columns = |delimiter: u8| {
        let heading =
            records(text, delimiter).find(|cells| cells.iter().any(|cell| !cell.trim().is_empty()));
        heading.map_or(0, |cells| cells.iter().filter(|cell| is_heading(cell)).count())
    };
    // The first of equals.
    DELIMITERS
        .into_iter()
        .rev()
        .chain(declared)
        .max_by_key(|delimiter| columns(*delimiter))
        .unwrap_or(b',')
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = csv::StringRecord> {
    // It is UTF-8, and rows may be of any length: there is nothing that it could not read.
    reader(text, delimiter).into_records().map_while(Result::ok)
}

fn rows(text: &str, delimiter: u8, first_line: u64) -> Vec<Row> {
    let (mut line, mut counted) = (first_line, 0);
    let mut rows = Vec::new();
    for record in records(text, delimiter) {
        // A record's place is that of the empty lines before it.
        let place = record.position().map_or(0, csv::Position::byte);
        let place = usize::try_from(place).unwrap_or(text.len()).min(text.len());
        let after = &text.as_bytes()[place..];
        let start = place + after.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += line_ends(&text.as_bytes()[counted..start.max(counted)]);
        counted = start.max(counted);
        rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
    }
    rows
}

/// How many lines end here: by `\n`, `\r\n`, or `\r` alone.
fn line_ends(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    u64::try_from(ends.count()).unwrap_or(u64::MAX)
}
