//! Distinguished names and filters, as text. Escaping is ldap3's; ours is where an operator's
//! filter takes a NetID, and whether two ways of writing a name are of the same one. Tests: below,
//! properties among them.

use ldap3::ldap_escape;

/// The filter with the NetID in it, escaped (RFC 4515 §3): it is a value there and cannot be
/// anything else.
pub(crate) fn filter(template: &str, netid: &str) -> String {
    template.replace("{netid}", &ldap_escape(netid))
}

/// The filter that fits everybody.
pub(crate) fn filter_of_everybody(template: &str) -> String {
    template.replace("{netid}", "*")
}

/// `(attribute=value)`, the value escaped.
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", ldap_escape(value))
}

/// A character of a DN, and whether it was escaped: then it is part of a value, whatever it is.
fn units(dn: &str) -> Vec<(Vec<u8>, bool)> {
    let mut units: Vec<(Vec<u8>, bool)> = Vec::new();
    let mut bytes = dn.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            units.push((vec![byte], false));
            continue;
        }
        let Some(first) = bytes.next() else { break };
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        // Two hex digits are a byte (RFC 4514 §2.4).
        match (digit(first), bytes.peek().copied().and_then(digit)) {
            (Some(high), Some(low)) => {
                bytes.next();
                units.push((vec![high * 16 + low], true));
            }
            _ => units.push((vec![first], true)),
        }
    }
    units
}

/// A DN as it is compared: its names as [`desk::folded`] has them, without spaces around its
/// commas, plus signs and equals signs, and each character escaped in one way, and only where it
/// must be.
#[must_use]
pub(crate) fn normal(dn: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(dn.len());
    // Spaces are kept back until it is known that no separator follows.
    let (mut spaces, mut begins) = (0_usize, true);
    for (unit, escaped) in units(dn.trim_start()) {
        if unit == b" " && !escaped {
            spaces += usize::from(!begins);
            continue;
        }
        let separates = !escaped && matches!(unit[0], b',' | b'+' | b'=');
        if !separates {
            out.extend(std::iter::repeat_n(b' ', spaces));
        }
        spaces = 0;
        if escaped
            && matches!(
                unit[0],
                b',' | b'+' | b'=' | b'"' | b'\\' | b'<' | b'>' | b';' | b' ' | b'#'
            )
        {
            out.push(b'\\');
        }
        out.extend(unit);
        begins = separates;
    }
    desk::folded(&String::from_utf8_lossy(&out))
}

/// The value of a group's `cn`, where that is the first part of its DN: `help-desk` of
/// `cn=help-desk,ou=groups`. None of a part with several values, and none that could be taken for a
/// DN.
pub(crate) fn first_word(dn: &str) -> Option<String> {
    first_value(dn, "cn").filter(|word| !word.contains('='))
}

/// Of an entry's values of `attribute` the one that its DN begins with, where it has several: that
/// one is its name, the others are also its own. Where its DN begins with another attribute, all of
/// them.
pub(crate) fn of_several(values: Vec<String>, attribute: &str, dn: &str) -> Vec<String> {
    if values.len() < 2 {
        return values;
    }
    let own = first_value(dn, attribute);
    match own.and_then(|own| {
        values.iter().find(|value| value.trim().eq_ignore_ascii_case(&own)).cloned()
    }) {
        Some(own) => vec![own],
        None => values,
    }
}

/// The value of `attribute` that a DN begins with; none where it begins with another one, or with
/// several.
fn first_value(dn: &str, attribute: &str) -> Option<String> {
    let (name, rest) = dn.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case(attribute) {
        return None;
    }
    let mut word = Vec::new();
    for (unit, escaped) in units(rest.trim_start()) {
        match unit[0] {
            b',' if !escaped => break,
            b'+' if !escaped => return None,
            _ => word.extend(unit),
        }
    }
    let word = String::from_utf8(word).ok()?.trim().to_owned();
    (!word.is_empty()).then_some(word)
}

/// Whether `dn` is directly below `base`; both as [`normal`] gives them.
pub(crate) fn is_child(dn: &str, base: &str) -> bool {
    let Some(first) = dn.strip_suffix(base).and_then(|rest| rest.strip_suffix(',')) else {
        return false;
    };
    // One part and no more; a comma that is escaped is part of a value, and so was the last one if
    // a backslash is before it.
    let units = units(first);
    let open = first.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    !units.is_empty() && !open && !units.iter().any(|(unit, escaped)| !escaped && unit[0] == b',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dns_are_compared_without_case_and_spaces() {
        assert_eq!(
            normal("CN=Help Desk , OU = Groups,dc=example"),
            "cn=help desk,ou=groups,dc=example"
        );
        assert_eq!(
            normal("cn=a\\, b,ou=x"),
            "cn=a\\, b,ou=x",
            "an escaped comma separates nothing"
        );
        assert_eq!(normal("cn=a\\ ,ou=x"), "cn=a\\ ,ou=x", "an escaped space is part of the value");
        assert_eq!(normal("cn=a\\2C b,ou=x"), "cn=a\\, b,ou=x", "the same, written otherwise");
        assert_eq!(normal("cn=M\\C3\\BCller,ou=x"), normal("CN=Müller, OU=x"));
    }

    #[test]
    fn a_letter_that_only_looks_like_one_makes_another_dn() {
        for (dn, other) in [
            ("cn=help-des\u{212a}", "cn=help-desk"),
            ("cn=\\E2\\84\\AA", "cn=k"),
            ("cn=admin\u{17f}", "cn=admins"),
        ] {
            assert_ne!(normal(&format!("{dn},ou=x")), normal(&format!("{other},ou=x")), "{dn}");
        }
    }

    #[test]
    fn the_first_word_is_unescaped() {
        assert_eq!(first_word("cn=help-desk,ou=groups").as_deref(), Some("help-desk"));
        assert_eq!(first_word("CN=Müller\\, Söhne,OU=x").as_deref(), Some("Müller, Söhne"));
        assert_eq!(first_word("cn=a\\2Cb\\C3\\A4,ou=x").as_deref(), Some("a,bä"));
        assert_eq!(first_word("cn=a+uid=b,ou=x"), None);
        assert_eq!(first_word("ou=a,ou=x"), None);
        assert_eq!(
            first_word("cn=cn\\=admins\\,ou\\=groups,ou=x"),
            None,
            "it would be taken for another group's DN"
        );
        assert_eq!(first_word("nonsense"), None);
    }

    #[test]
    fn of_several_names_the_one_of_the_dn_counts() {
        let of = |values: &[&str], dn| {
            of_several(values.iter().map(|value| (*value).to_owned()).collect(), "uid", dn)
        };
        let both = ["jsbach", "johann.bach"];
        assert_eq!(of(&both, "uid=jsbach,ou=people"), ["jsbach"]);
        assert_eq!(of(&both, "UID=Johann.Bach,ou=people"), ["johann.bach"]);
        assert_eq!(of(&both, "cn=Johann Bach,ou=people"), both, "the DN does not say which");
        assert_eq!(of(&both, "uid=jsbach+cn=x,ou=people"), both);
        assert_eq!(of(&both, "uid=other,ou=people"), both);
        assert_eq!(of(&["one"], "cn=x"), ["one"]);
    }

    #[test]
    fn a_child_is_directly_below() {
        assert!(is_child("cn=a,ou=groups,dc=x", "ou=groups,dc=x"));
        assert!(
            is_child("cn=a\\,b,ou=groups,dc=x", "ou=groups,dc=x"),
            "the comma belongs to the value"
        );
        assert!(!is_child("ou=groups,dc=x", "ou=groups,dc=x"));
        assert!(
            !is_child("cn=a,ou=department,ou=groups,dc=x", "ou=groups,dc=x"),
            "whoever keeps the department does not keep the groups"
        );
        assert!(
            !is_child("cn=a\\,ou=groups,dc=x", "ou=groups,dc=x"),
            "the comma belongs to the value"
        );
        assert!(!is_child("cn=a,ou=othergroups,dc=x", "groups,dc=x"));
    }

    proptest! {
        /// Whatever is typed stays one value: no parenthesis, star or zero byte of it reaches the
        /// filter as such.
        #[test]
        fn any_netid_stays_a_value(netid in "\\PC*|.*[*()\\\\\u{0}].*") {
            let made = filter("(&(objectClass=person)(uid={netid}))", &netid);
            prop_assert!(ldap3::parse_filter(&made).is_ok(), "{made}");
            let value = made.strip_prefix("(&(objectClass=person)(uid=").and_then(|rest| rest.strip_suffix("))")).unwrap_or_default();
            let is_plain = !value.contains(['*', '(', ')', char::MIN]);
            prop_assert!(is_plain, "{}", value);
            prop_assert_eq!(ldap3::ldap_unescape(value).unwrap_or_default(), netid);
        }

        /// A DN with a letter that is not of ASCII is none of those without.
        #[test]
        fn no_dn_is_one_that_has_other_letters(
            start in "[a-z]{0,5}", letter in proptest::char::any(), end in "[a-z]{0,5}",
            other in "[a-z]{1,11}",
        ) {
            prop_assume!(!letter.is_ascii());
            let (dn, plain) = (format!("cn={start}{letter}{end},ou=x"), format!("cn={other},ou=x"));
            prop_assert_ne!(normal(&dn), plain);
        }

        #[test]
        fn any_text_is_taken_for_a_dn_without_harm(dn in "\\PC*", base in "\\PC*") {
            let once = normal(&dn);
            prop_assert_eq!(normal(&once), once.clone());
            let _ = (first_word(&dn), is_child(&once, &normal(&base)));
        }
    }
}
