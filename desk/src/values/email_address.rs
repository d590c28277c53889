//! Whether a text is one e-mail address.

use crate::is_invisible;

/// The most characters of an address, as of every text of a person.
const MAX: usize = 256;

/// What stands in no address as people have them, and in lists of them, in links to them and around
/// them: `a@x.edu;b@x.edu`, `mailto:a@x.edu`, `<a@x.edu>`.
const NOT_IN_ONE: [char; 11] = [',', ';', ':', '<', '>', '(', ')', '[', ']', '"', '\\'];

/// Whether this is one e-mail address, and nothing else: something, one `@`, and a host.
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || is_invisible(c) || NOT_IN_ONE.contains(&c);
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.contains('@') && host.split('.').all(|part| !part.is_empty())
    }) && text.chars().count() <= MAX
        && !text.contains(is_odd)
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
        let long = format!("{}@x.edu", "a".repeat(MAX));
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
            &long,
        ] {
            assert!(!is_email_address(other), "{other}");
        }
    }
}
