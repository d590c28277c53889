//! The key of a form: for whom its page was made, and which form it is.

use crate::{NetId, Refusal};

/// What a form is sent with: for whom its page was made, so that it never acts for another, and
/// which form it is, so that it is done once. No secret: the desk keeps it by person, and it proves
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKey {
    whole: String,
    made_for: Option<NetId>,
}

impl FormKey {
    /// The key of a form on a page that was made for this person, as the form sends it.
    #[must_use]
    pub fn text(made_for: &str, random: &str) -> String {
        format!("{made_for}.{random}")
    }

    /// Reads one. None: it is empty, which is no key, as a program sends that has drawn no form.
    /// Without a full stop, or with nothing before it, it is nobody's.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`].
    pub fn read(text: &str) -> Result<Option<Self>, Refusal> {
        if text.is_empty() {
            return Ok(None);
        }
        let made_for = match text.rsplit_once('.') {
            None | Some(("", _)) => None,
            Some((netid, _)) => Some(NetId::parse(netid).map_err(|_| Refusal::Unreadable)?),
        };
        Ok(Some(Self { whole: text.to_owned(), made_for }))
    }

    /// For whom its page was made, where it says so.
    #[must_use]
    pub fn made_for(&self) -> Option<&NetId> {
        self.made_for.as_ref()
    }

    /// The whole key as the form sends it, with the NetID in it where it has one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_for(text: &str) -> Option<String> {
        let key = FormKey::read(text).expect("a key").expect("not empty");
        assert_eq!(key.as_str(), text);
        key.made_for().map(ToString::to_string)
    }

    #[test]
    fn it_says_for_whom_its_page_was_made() {
        for netid in ["rae", "r.a.e", "0_rae-2"] {
            assert_eq!(made_for(&FormKey::text(netid, "9f")).as_deref(), Some(netid));
        }
        // Of a page for nobody, and of one from before keys said it.
        for text in [&FormKey::text("", "9f"), "0123456789abcdef", "1"] {
            assert_eq!(made_for(text), None, "{text}");
        }
        assert_eq!(FormKey::read(""), Ok(None));
    }

    #[test]
    fn what_names_nobody_who_can_be_is_not_read() {
        for text in ["<b>.9f", "rae smith.9f", "..9f", &format!("{}.9f", "a".repeat(65))] {
            assert_eq!(FormKey::read(text), Err(Refusal::Unreadable), "{text}");
        }
    }
}
