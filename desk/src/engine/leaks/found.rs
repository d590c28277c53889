//! What the audit says of a leaked token, read again, for whoever tells its owner. Who writes it:
//! [`super::report`], whose tests read it too.

/// What begins it.
pub(super) const REPORTED_BY: &str = "reported by ";

/// What stands before the moment of the last use.
pub(super) const LAST_USED: &str = "last used ";

/// What the audit says of a leaked token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundLeak<'a> {
    /// The token that it is said of, as the audit names it; empty: it stands elsewhere.
    pub of: &'a str,
    /// Who reported it.
    pub by: &'a str,
    /// The address of the page on which it stands; empty: nobody said.
    pub place: &'a str,
    /// When it was last used, and from where; empty: never.
    pub used: &'a str,
}

impl<'a> FoundLeak<'a> {
    /// Reads `reported by GitHub at https://example.edu/a; last used 24 Nov 2026, 09:05 UTC from
    /// 192.0.2.7`, also behind the token that it is said of; none: it is something else.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let (before, rest) = text.split_at(text.rfind(REPORTED_BY)?);
        let of = if before.is_empty() { before } else { before.strip_suffix(": ")? };
        let (reported, used) = rest.strip_prefix(REPORTED_BY)?.rsplit_once("; ")?;
        let (by, place) = reported.split_once(" at ").unwrap_or((reported, ""));
        Some(Self { of, by, place, used: used.strip_prefix(LAST_USED).unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_a_report_is_read_as_nothing() {
        for text in ["", "Ticket sync", "reported by GitHub", "is reported by x; never used"] {
            assert_eq!(FoundLeak::read(text), None, "{text}");
        }
        let text = "3c9718de5e32a4d8 x: reported by y: reported by GitHub; never used";
        let of = "3c9718de5e32a4d8 x: reported by y";
        let expected = FoundLeak { of, by: "GitHub", place: "", used: "" };
        assert_eq!(FoundLeak::read(text), Some(expected));
    }
}
