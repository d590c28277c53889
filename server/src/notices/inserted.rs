//! What somebody else wrote, in a sentence of ours. Tests: `compose_tests.rs`.

use desk::plain_line;

/// The most characters of a description in a subject.
const IN_SUBJECT: usize = 60;

/// What somebody else wrote, as one line that leaves the text around it as it is: what is written
/// from right to left is kept to itself.
pub(super) fn inserted(text: &str) -> String {
    let line = plain_line(text);
    if line.contains(is_from_the_right) { format!("\u{2068}{line}\u{2069}") } else { line }
}

/// Hebrew, Arabic and their neighbours.
const fn is_from_the_right(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Its beginning, where it is long; closed again where it is kept to itself.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= IN_SUBJECT {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(IN_SUBJECT - 1).collect();
    short.push('…');
    if short.starts_with('\u{2068}') {
        short.push('\u{2069}');
    }
    short
}
