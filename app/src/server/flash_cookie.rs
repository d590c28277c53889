//! Outcomes of forms as a cookie's value ([`crate::flash`]).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::flash::Outcome;

impl Outcome {
    /// Whether whoever is logged in may see it; none: nobody is.
    pub(crate) fn is_for(&self, netid: Option<&str>) -> bool {
        self.made_for.as_deref().is_none_or(|made_for| netid == Some(made_for))
    }
}

/// Browsers keep at least 4096 bytes of a cookie, name and attributes included (RFC 6265 §6.1).
const MAX_COOKIE_BYTES: usize = 3000;

/// A cookie's value. What was typed is left out where it would not fit.
pub(crate) fn encode(outcomes: &[Outcome]) -> String {
    let whole = text(outcomes);
    if whole.len() <= MAX_COOKIE_BYTES {
        return whole;
    }
    let bare: Vec<_> =
        outcomes.iter().map(|outcome| Outcome { typed: Vec::new(), ..outcome.clone() }).collect();
    Some(text(&bare)).filter(|bare| bare.len() <= MAX_COOKIE_BYTES).unwrap_or_default()
}

fn text(outcomes: &[Outcome]) -> String {
    URL_SAFE_NO_PAD.encode(postcard::to_allocvec(outcomes).unwrap_or_default())
}

/// Reads a cookie's value; nothing where it is none of ours.
pub(crate) fn decode(value: &str) -> Vec<Outcome> {
    let bytes = URL_SAFE_NO_PAD.decode(value).unwrap_or_default();
    postcard::from_bytes(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use desk::Refusal;

    use super::*;

    fn outcome(typed: &str) -> Outcome {
        let typed = vec![("description".to_owned(), typed.to_owned())];
        Outcome {
            form: "create-token".to_owned(),
            made_for: Some("rae".to_owned()),
            typed,
            refusal: Some(Refusal::ExpiryPast),
            notice: None,
        }
    }

    #[test]
    fn an_outcome_survives_the_cookie() {
        let outcomes = vec![outcome("Bücher; \"x\" = \n")];
        let value = encode(&outcomes);
        assert!(
            value.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'),
            "{value}"
        );
        assert_eq!(decode(&value), outcomes);
    }

    #[test]
    fn what_does_not_fit_is_left_out_but_never_the_refusal_nor_whose_it_is() {
        let value = encode(&[outcome(&"ü".repeat(4000))]);
        assert!(value.len() <= MAX_COOKIE_BYTES);
        let bare = Outcome { typed: Vec::new(), ..outcome("") };
        assert_eq!(decode(&value), [bare]);
    }

    #[test]
    fn what_somebody_typed_is_for_them_and_for_nobody_where_nobody_is_logged_in() {
        let typed = outcome("mine");
        let shown = [Some("rae"), Some("ada"), None].map(|netid| typed.is_for(netid));
        assert_eq!(shown, [true, false, false]);
        let of_no_page = Outcome { made_for: None, ..typed };
        assert!(of_no_page.is_for(None) && of_no_page.is_for(Some("ada")));
    }

    #[test]
    fn a_foreign_cookie_is_nothing() {
        for value in ["", "x", "e30", "bm90IGpzb24", "%00"] {
            assert_eq!(decode(value), Vec::new(), "{value}");
        }
    }
}
