//! Who has a NetID, by the names that others give them for good: so that whoever gets somebody
//! else's NetID is not taken for them. Tests: below.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Moment;

/// What an OpenID provider calls a person: the one name there that is never given to another
/// (OpenID Connect Core §5.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSubject {
    /// Who calls them so.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

impl ProviderSubject {
    /// Of both parts; none where one is missing: by itself it names nobody.
    #[must_use]
    pub fn of(issuer: Option<String>, subject: Option<String>) -> Option<Self> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Some(Self { issuer: filled(issuer)?, subject: filled(subject)? })
    }
}

impl fmt::Display for ProviderSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.subject, self.issuer)
    }
}

/// Who has a NetID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Full name.
    pub name: String,
    /// E-mail address, may be empty.
    pub email: String,
    /// What the OpenID provider calls them; none: not known.
    pub subject: Option<ProviderSubject>,
    /// What the campus directory calls their entry for good; none: not known.
    pub directory_id: Option<String>,
}

impl Holder {
    /// Whether `now` may be somebody else: by what is never given to another where both are known
    /// by it, else by name and address.
    #[must_use]
    pub fn may_be_another(&self, now: &Self) -> bool {
        match ((&self.subject, &now.subject), (&self.directory_id, &now.directory_id)) {
            ((Some(then), Some(now)), _) => then != now,
            (_, (Some(then), Some(now))) => then != now,
            _ => self.name != now.name || self.email != now.email,
        }
    }
}

/// For people: who it is, and by which names.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.name.is_empty() { "somebody without a name" } else { &self.name })?;
        let mut more = Vec::new();
        more.extend((!self.email.is_empty()).then(|| self.email.clone()));
        more.extend(self.subject.as_ref().map(|subject| format!("sub {}", subject.subject)));
        more.extend(self.directory_id.as_ref().map(|id| format!("entry {id}")));
        if more.is_empty() { Ok(()) } else { write!(f, " ({})", more.join(", ")) }
    }
}

/// Who had a NetID when a directory no longer had them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerHolder {
    /// When that was; 0: before it was written down.
    pub at: Moment,
    /// What was known of them.
    pub who: Holder,
}

/// For people: who it was, and when that was.
impl fmt::Display for FormerHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at == Moment(0) {
            self.who.fmt(f)
        } else {
            write!(f, "{}, until {}", self.who, self.at.exact())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nora() -> Holder {
        Holder {
            name: "Nora".to_owned(),
            email: "nora@example.edu".to_owned(),
            ..Holder::default()
        }
    }

    fn called(subject: &str, id: &str) -> Holder {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let subject =
            ProviderSubject::of(Some("https://id.example.edu".to_owned()), filled(subject));
        Holder { subject, directory_id: filled(id), ..nora() }
    }

    #[test]
    fn what_is_never_given_to_another_decides_and_else_name_and_address() {
        let renamed = |of: Holder| Holder { name: "Nora Married".to_owned(), ..of };
        let table = [
            (nora(), nora(), false),
            (nora(), renamed(nora()), true),
            (nora(), Holder { email: "nora2@example.edu".to_owned(), ..nora() }, true),
            (called("a", ""), renamed(called("a", "")), false),
            (called("a", ""), called("b", ""), true),
            (called("", "1"), renamed(called("", "1")), false),
            (called("", "1"), called("", "2"), true),
            (called("a", "1"), called("a", "2"), false),
            (called("a", "1"), called("b", "1"), true),
            // Known by it on one side only: it says nothing.
            (called("a", ""), nora(), false),
            (called("a", ""), renamed(called("", "1")), true),
        ];
        for (then, now, another) in table {
            assert_eq!(then.may_be_another(&now), another, "{then} → {now}");
        }
    }

    #[test]
    fn half_a_name_is_none() {
        assert_eq!(ProviderSubject::of(Some("https://id.example.edu".to_owned()), None), None);
        assert_eq!(ProviderSubject::of(Some(String::new()), Some("a".to_owned())), None);
    }

    #[test]
    fn whoever_holds_it_is_told_by_every_name() {
        assert_eq!(called("a", "1").to_string(), "Nora (nora@example.edu, sub a, entry 1)");
        assert_eq!(Holder::default().to_string(), "somebody without a name");
    }
}
