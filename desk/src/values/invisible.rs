//! Characters that nobody sees and that change what is seen. Tests: `description.rs`, and of
//! User-Agents `server/tests/server/people/audit_file.rs`.

/// Whether it shows nothing itself and changes what is shown around it: control characters, and the
/// marks that reorder text (bidirectional controls, Trojan Source, CVE-2021-42574). Joiners inside
/// words and emoji (U+200C, U+200D) are not: some scripts need them.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}
