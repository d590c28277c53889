//! The parts of a name, as an identity system sends them beside the one that is shown.

/// The parts of a name as an identity system has sent them: they are given back so, whatever the
/// name is that is shown. Each may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameParts {
    /// The given name; empty: none was sent.
    pub given: String,
    /// The family name; empty: none was sent.
    pub family: String,
    /// Both in one, as the identity system writes them.
    pub formatted: String,
    /// Whether the name that is shown is made of them: it has sent no other.
    pub are_shown: bool,
}

impl NameParts {
    /// The name that they make: as it is written in one, or else the given and the family name.
    #[must_use]
    pub fn whole(&self) -> String {
        if self.formatted.is_empty() {
            [self.given.as_str(), self.family.as_str()].join(" ").trim().to_owned()
        } else {
            self.formatted.clone()
        }
    }
}
