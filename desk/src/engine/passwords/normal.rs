//! One spelling of each password, whatever keyboard it comes from: spaces of other kinds are
//! U+0020, and letters are composed (NFC), as RFC 8265's OpaqueString has it. Nothing else is
//! changed, and nothing is refused: a blank at an end is part of it, and is said.
//!
//! No PRECIS crate does it: their tables are those of Unicode 6.3, as the RFC's are, and refuse
//! every letter that came later. Tests: here, and `desk/tests/desk/unicode_passwords.rs`.

use unicode_normalization::UnicodeNormalization;

use crate::Refusal;
use crate::engine::secret::Secret;

/// The most characters of a password (ASVS 5.0 6.2.9 asks to take at least 64).
pub const PASSWORD_MAX: usize = 256;

/// A character may be typed as up to four: what is longer than this is too long however it is
/// spelt, and is not looked at.
const TYPED_MAX: usize = 4 * PASSWORD_MAX;

/// The password in its one spelling.
pub(crate) fn normalised(password: &Secret) -> Secret {
    let text = password.expose();
    if text.is_ascii() {
        return password.clone();
    }
    // As long as it may become, so that no copy of a part is left behind.
    let mut normal = String::with_capacity(3 * text.len());
    normal.extend(text.chars().map(plain_space).nfc());
    Secret::new(normal)
}

/// Unicode's separators of words (Zs) are one.
const fn plain_space(c: char) -> char {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    }
}

/// Whether it is longer than any password. Told from its first characters.
pub(crate) fn is_too_long(password: &Secret) -> bool {
    let longer = |password: &Secret, most: usize| password.expose().chars().nth(most).is_some();
    longer(password, TYPED_MAX) || longer(&normalised(password), PASSWORD_MAX)
}

/// Whether it begins or ends with a blank, as it is pasted along, and lost.
pub(crate) fn has_blank_at_an_end(password: &Secret) -> bool {
    password.expose().starts_with(char::is_whitespace)
        || password.expose().ends_with(char::is_whitespace)
}

/// Says so of a wrong password, by what was typed alone: nothing of the right one is told.
pub(crate) fn with_blank_named(refusal: Refusal, typed: &Secret) -> Refusal {
    if !has_blank_at_an_end(typed) {
        return refusal;
    }
    match refusal {
        Refusal::LoginIncorrect => Refusal::LoginIncorrectSpace,
        Refusal::CurrentPasswordIncorrect => Refusal::CurrentPasswordIncorrectSpace,
        Refusal::OwnPasswordIncorrect => Refusal::OwnPasswordIncorrectSpace,
        other => other,
    }
}

/// Whether two are the same password, in time that depends on the lengths only.
pub(crate) fn same(one: &Secret, other: &Secret) -> bool {
    normalised(one).same(&normalised(other))
}

/// What may have been hashed: the one spelling, and the password as it was typed, which earlier
/// versions hashed.
pub(crate) fn spellings(password: &Secret) -> Vec<Secret> {
    let normal = normalised(password);
    if normal.same(password) { vec![normal] } else { vec![normal, password.clone()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        normalised(&Secret::new(text.to_owned())).expose().to_owned()
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        for (typed, is) in [
            ("plain ASCII", "plain ASCII"),
            ("cafe\u{301}", "café"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"),
            ("no\u{a0}break", "no break"),
            ("ideographic\u{3000}space", "ideographic space"),
            ("A\u{30a}ngstro\u{308}m \u{212b}", "Ångström Å"),
        ] {
            assert_eq!(normal(typed), is);
            assert_eq!(normal(is), is);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        // Case, width, a letter and emoji newer than Unicode 6.3, joiners, tabs and control
        // characters.
        for text in [
            "Straße ẞ ß SS",
            "ｗｉｄｅ wide",
            "𞤀𞤣𞤤𞤢𞤥",
            "🦤👩\u{200d}🚀 🫠",
            "tab\tand\u{7}bell",
            "ﬁ fi",
        ] {
            assert_eq!(normal(text), text);
        }
    }

    #[test]
    fn length_is_that_of_the_one_spelling() {
        let decomposed = |count: usize| Secret::new("e\u{301}".repeat(count));
        assert!(!is_too_long(&decomposed(PASSWORD_MAX)));
        assert!(is_too_long(&decomposed(PASSWORD_MAX + 1)));
        assert!(is_too_long(&Secret::new("x".repeat(1 << 20))));
        // Composed, some letters are two.
        assert!(is_too_long(&Secret::new("\u{fb2c}".repeat(PASSWORD_MAX / 2))));
        assert!(!is_too_long(&Secret::new("x".repeat(PASSWORD_MAX))));
        assert!(is_too_long(&Secret::new("x".repeat(PASSWORD_MAX + 1))));
    }
}
