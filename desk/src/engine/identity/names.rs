//! How names that others give are compared: groups, and the parts of a DN. Capitals of ASCII do not
//! matter, everything else is taken exactly, in composed form (NFC). So no letter that only looks
//! like one, or that a table of Unicode's makes one, opens what the other opens: KELVIN SIGN
//! (U+212A) is no k, LONG S (U+017F) no s, ANGSTROM SIGN (U+212B) no å. Tests: below.
//!
//! NetIDs have ASCII letters alone ([`crate::NetId::parse`]), and header names too.

use std::iter::once;

use unicode_normalization::UnicodeNormalization;

/// A name as it is compared.
#[must_use]
pub fn folded(name: &str) -> String {
    // Composed form makes another letter of some, KELVIN SIGN's K among them: what has one of those
    // is taken as it is.
    if name.is_ascii() || !name.chars().all(|c| once(c).nfc().eq(once(c))) {
        return name.to_ascii_lowercase();
    }
    // Small letters are composed with marks that capitals are not.
    let composed: String = name.nfc().collect();
    composed.to_ascii_lowercase().nfc().collect()
}

/// Whether two names are the same.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn capitals_of_ascii_and_the_way_of_writing_marks_do_not_matter() {
        for (one, other) in [
            ("Help-Desk", "help-desk"),
            ("caf\u{e9}", "CAFe\u{301}"),
            ("한글", "\u{1112}\u{1161}\u{11ab}글"),
        ] {
            assert!(same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_another() {
        let table = [
            ("\u{212a}", "k"),
            ("\u{212a}", "K"),
            ("\u{212b}", "å"),
            ("\u{212b}", "Å"),
            ("\u{17f}", "s"),
            ("ｋ", "k"),
            ("İ", "i"),
            ("ı", "i"),
            ("É", "é"),
            ("ß", "ss"),
            ("\u{37e}", ";"),
            ("\u{2126}", "ω"),
        ];
        for (one, other) in table {
            assert!(!same_name(one, other), "{one} {other}");
            assert!(
                !same_name(&format!("caf\u{e9}-{one}"), &format!("caf\u{e9}-{other}")),
                "{one} {other}"
            );
        }
    }

    proptest! {
        /// No text but ASCII is the same as a name in ASCII.
        #[test]
        fn what_is_not_ascii_is_no_name_in_ascii(other in "\\PC{1,12}", name in "[ -~]{1,12}") {
            prop_assert!(other.is_ascii() || !same_name(&other, &name));
            prop_assert!(same_name(&name, &name.to_ascii_uppercase()));
        }

        /// Nor does a letter put into it become one of ASCII's.
        #[test]
        fn no_letter_becomes_one_of_ascii(
            start in "[a-z-]{0,6}", letter in any::<char>(), end in "[a-z-]{0,6}",
        ) {
            prop_assume!(!letter.is_ascii());
            let name = format!("{start}{letter}{end}");
            let is_ascii = folded(&name).is_ascii();
            prop_assert!(!is_ascii, "{}", name);
        }

        #[test]
        fn folding_twice_is_folding_once(name in "\\PC*") {
            let once = folded(&name);
            prop_assert_eq!(folded(&once), once.clone());
        }
    }
}
