//! Whether a text is one e-mail address.

use crate::is_invisible;

/// The most characters of an address, as of every text of a person.
const MAX: usize = 256;

/// The most bytes of what stands before the `@`, of what stands behind it, and of a part of that
/// (RFC 5321 §4.5.3.1): whoever sends mail refuses what is longer.
const NAME_MAX: usize = 64;
const HOST_MAX: usize = 254;
const PART_MAX: usize = 63;

/// What stands in an address beside letters and digits. Not among them is what stands in lists of
/// them, in links to them and around them: `a@x.edu;b@x.edu`, `mailto:a@x.edu`, `<a@x.edu>`.
const IN_ONE: &str = "!#$%&'*+-/=?^_`{|}~";

/// Whether this is one e-mail address, and nothing else, to which mail can be sent: something, one
/// `@`, and a host.
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    text.chars().count() <= MAX
        && text.split_once('@').is_some_and(|(name, host)| {
            (name.len() <= NAME_MAX && name.split('.').all(is_word))
                && (host.len() <= HOST_MAX && host.split('.').all(is_part_of_host))
        })
}

/// What stands between two dots.
fn is_word(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || is_invisible(c);
    let may_stand = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || IN_ONE.contains(c);
    !text.is_empty() && text.chars().all(|c| may_stand(c) && !is_odd(c))
}

fn is_part_of_host(text: &str) -> bool {
    let is_edged = text.starts_with(char::is_alphanumeric) && text.ends_with(char::is_alphanumeric);
    is_word(text) && is_edged && text.len() <= PART_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_one_and_nothing_else_is() {
        for address in ["a@x.edu", "o'neil+desk@x.edu", "root@localhost", "jürgen@müller.example"]
        {
            assert!(is_email_address(address), "{address}");
        }
        let longest = format!("{}@{}.edu", "a".repeat(NAME_MAX), "x".repeat(PART_MAX));
        assert!(is_email_address(&longest));
        let long = format!("{}@x.edu", "a".repeat(NAME_MAX + 1));
        let of_long_part = format!("a@{}.edu", "x".repeat(PART_MAX + 1));
        let of_long_host = format!("a@{}edu", "xyz.".repeat(HOST_MAX / 4));
        for other in [
            "",
            "x",
            "@",
            "@x.edu",
            "a@",
            "a@b@c",
            "a@x.edu;b@x.edu",
            "a@x.edu,b@x.edu",
            "mailto:a@x.edu",
            "<a@x.edu>",
            "A <a@x.edu>",
            "a b@x.edu",
            "a@x.edu ",
            "a@.edu",
            "a@x.",
            "a@x..edu",
            "n\u{202e}@x.edu",
            "a..b@x.edu",
            ".a@x.edu",
            "a.@x.edu",
            "a@-x.edu",
            "a@x-.edu",
            "a@x.edu-",
            "a@[192.0.2.1]",
            "\"a b\"@x.edu",
            &long,
            &of_long_part,
            &of_long_host,
        ] {
            assert!(!is_email_address(other), "{other}");
        }
    }
}
