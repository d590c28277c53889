//! What somebody trusted says of a person: a directory, single sign-on, an identity system.

use crate::engine::identity::directory::ExternalIdentity;
use crate::{NameParts, Source};

/// What somebody trusted says of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) who: &'a ExternalIdentity,
    /// Who says it: `ldap`, `oidc`, `proxy`, `scim`.
    pub(crate) source: Source,
    /// What they call the person; none: not said.
    pub(crate) external_id: Option<&'a str>,
    /// The parts of their name; none: not said, and what is known stays.
    pub(crate) name_parts: Option<&'a NameParts>,
    /// The groups that it keeps them in here, as they are compared; none: not said, and what is
    /// known stays.
    pub(crate) pushed_groups: Option<&'a [String]>,
    /// Whether the person is there; none: not said.
    pub(crate) active: Option<bool>,
    pub(crate) overview: Overview,
}

/// How much of a source's people has been looked at together with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overview {
    /// This one alone: an outage of the groups and a decision look the same.
    OnePerson,
    /// All of them, by a guard that knows that not everybody loses their tokens at once.
    Everybody,
}

impl<'a> Assertion<'a> {
    /// Of somebody who is there.
    pub(crate) fn present(who: &'a ExternalIdentity, source: Source) -> Self {
        Self {
            who,
            source,
            external_id: None,
            name_parts: None,
            pushed_groups: None,
            active: Some(true),
            overview: Overview::OnePerson,
        }
    }

    /// Of somebody who is there, in a synchronisation.
    pub(crate) fn synchronised(who: &'a ExternalIdentity, source: Source) -> Self {
        Self { overview: Overview::Everybody, ..Self::present(who, source) }
    }
}
