//! Distinguished names and filters, as text.

use ldap3::ldap_escape;

/// The filter with the NetID in it, escaped (RFC 4515 §3): it is a value there and cannot be anything else.
pub(super) fn filter(template: &str, netid: &str) -> String {
    template.replace("{netid}", &ldap_escape(netid))
}

/// The filter that fits everybody.
pub(super) fn filter_of_everybody(template: &str) -> String {
    template.replace("{netid}", "*")
}

/// `(attribute=value)`, the value escaped.
pub(super) fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", ldap_escape(value))
}

/// A DN as it is compared: lower case, without spaces around its commas, plus signs and equals signs.
pub(super) fn normal(dn: &str) -> String {
    let mut out = String::with_capacity(dn.len());
    // Spaces are kept back until it is known that no separator follows.
    let (mut spaces, mut escaped, mut begins) = (0_usize, false, true);
    for c in dn.trim().chars().flat_map(char::to_lowercase) {
        if c == ' ' && !escaped {
            spaces += usize::from(!begins);
            continue;
        }
        let separates = !escaped && matches!(c, ',' | '+' | '=');
        if !separates {
            out.extend(std::iter::repeat_n(' ', spaces));
        }
        spaces = 0;
        out.push(c);
        escaped = !escaped && c == '\\';
        begins = separates;
    }
    out
}

/// The value of a DN's first part: `help-desk` of `cn=help-desk,ou=groups`. None of a part with several values.
pub(super) fn first_word(dn: &str) -> Option<String> {
    let (_, rest) = dn.split_once('=')?;
    let mut word = Vec::new();
    let mut bytes = rest.trim_start().bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b',' => break,
            b'+' => return None,
            b'\\' => {
                let first = bytes.next()?;
                match char::from(first).to_digit(16) {
                    // Two hex digits (RFC 4514 §2.4).
                    Some(high) => {
                        let low = char::from(bytes.next()?).to_digit(16)?;
                        word.push(u8::try_from(high * 16 + low).ok()?);
                    }
                    None => word.push(first),
                }
            }
            byte => word.push(byte),
        }
    }
    let word = String::from_utf8(word).ok()?.trim_end().to_owned();
    (!word.is_empty()).then_some(word)
}

/// Whether `dn` is below `base`; both as [`normal`] gives them.
pub(super) fn is_below(dn: &str, base: &str) -> bool {
    // A comma that is escaped is part of a value.
    dn.strip_suffix(base).and_then(|rest| rest.strip_suffix(',')).is_some_and(|rest| {
        let slashes = rest.bytes().rev().take_while(|byte| *byte == b'\\').count();
        !rest.is_empty() && slashes % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dns_are_compared_without_case_and_spaces() {
        assert_eq!(normal("CN=Help Desk , OU = Groups,dc=example"), "cn=help desk,ou=groups,dc=example");
        assert_eq!(normal("cn=a\\, b,ou=x"), "cn=a\\, b,ou=x", "an escaped comma separates nothing");
        assert_eq!(normal("cn=a\\ ,ou=x"), "cn=a\\ ,ou=x", "an escaped space is part of the value");
    }

    #[test]
    fn the_first_word_is_unescaped() {
        assert_eq!(first_word("cn=help-desk,ou=groups").as_deref(), Some("help-desk"));
        assert_eq!(first_word("CN=Müller\\, Söhne,OU=x").as_deref(), Some("Müller, Söhne"));
        assert_eq!(first_word("cn=a\\2Cb\\C3\\A4,ou=x").as_deref(), Some("a,bä"));
        assert_eq!(first_word("cn=a+uid=b,ou=x"), None);
        assert_eq!(first_word("nonsense"), None);
        assert_eq!(first_word("cn=a\\"), None);
    }

    #[test]
    fn below_is_below() {
        assert!(is_below("cn=a,ou=groups,dc=x", "ou=groups,dc=x"));
        assert!(!is_below("ou=groups,dc=x", "ou=groups,dc=x"));
        assert!(!is_below("cn=a\\,ou=groups,dc=x", "ou=groups,dc=x"), "the comma belongs to the value");
        assert!(!is_below("cn=a,ou=othergroups,dc=x", "groups,dc=x"));
    }

    proptest! {
        /// Whatever is typed stays one value: no parenthesis, star or zero byte of it reaches the filter as such.
        #[test]
        fn any_netid_stays_a_value(netid in "\\PC*|.*[*()\\\\\u{0}].*") {
            let made = filter("(&(objectClass=person)(uid={netid}))", &netid);
            prop_assert!(ldap3::parse_filter(&made).is_ok(), "{made}");
            let value = made.strip_prefix("(&(objectClass=person)(uid=").and_then(|rest| rest.strip_suffix("))")).unwrap_or_default();
            let is_plain = !value.contains(['*', '(', ')', char::MIN]);
            prop_assert!(is_plain, "{}", value);
            prop_assert_eq!(ldap3::ldap_unescape(value).unwrap_or_default(), netid);
        }

        #[test]
        fn any_text_is_taken_for_a_dn_without_harm(dn in "\\PC*", base in "\\PC*") {
            let once = normal(&dn);
            prop_assert_eq!(normal(&once), once.clone());
            let _ = (first_word(&dn), is_below(&once, &normal(&base)));
        }
    }
}
