//! What the audit says of a leaked token, read again, for whoever tells its owner. Who writes it:
//! [`super::report`], whose tests read it too.

/// What begins it.
pub(super) const REPORTED_BY: &str = "reported by ";

/// What stands before the moment of the last use.
pub(super) const LAST_USED: &str = "last used ";

/// What the audit says of a leaked token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldLeak<'a> {
    /// Who reported it.
    pub by: &'a str,
    /// The address of the page on which it stands; empty: nobody said.
    pub place: &'a str,
    /// When it was last used, and from where; empty: never.
    pub used: &'a str,
}

impl<'a> ToldLeak<'a> {
    /// Reads `reported by GitHub at https://example.edu/a; last used 24 Nov 2026, 09:05 UTC from
    /// 192.0.2.7`, also behind the token that it is said of; none: it is something else.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let begins = text.rfind(REPORTED_BY)?;
        if !text[..begins].is_empty() && !text[..begins].ends_with(": ") {
            return None;
        }
        let (reported, used) = text[begins + REPORTED_BY.len()..].rsplit_once("; ")?;
        let (by, place) = reported.split_once(" at ").unwrap_or((reported, ""));
        Some(Self { by, place, used: used.strip_prefix(LAST_USED).unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_a_report_is_read_as_nothing() {
        for text in ["", "Ticket sync", "reported by GitHub", "is reported by x; never used"] {
            assert_eq!(ToldLeak::read(text), None, "{text}");
        }
        let read =
            ToldLeak::read("3c9718de5e32a4d8 x: reported by y: reported by GitHub; never used");
        assert_eq!(read, Some(ToldLeak { by: "GitHub", place: "", used: "" }));
    }
}
