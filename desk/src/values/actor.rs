//! Who acts, and where people come from: the names that the audit and accounts have for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ClientName, NetId};

/// Where a person is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The desk's own directory: they have a NetID password here.
    BuiltIn,
    /// The campus directory.
    Ldap,
    /// An OpenID provider.
    Oidc,
    /// A trusted proxy that logs people in.
    Proxy,
    /// An identity system that pushes people here.
    Scim,
    /// An administrator kept them when their directory no longer had them.
    Desk,
    /// Deleted by the identity system that had pushed them: kept for the audit's sake, and in no
    /// directory.
    None,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 7] =
        [Self::BuiltIn, Self::Ldap, Self::Oidc, Self::Proxy, Self::Scim, Self::Desk, Self::None];

    /// Those that act by themselves: their word makes, changes and disables people.
    pub const ACTING: [Self; 4] = [Self::Ldap, Self::Oidc, Self::Proxy, Self::Scim];

    /// Its code, as the store has it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Ldap => "ldap",
            Self::Oidc => "oidc",
            Self::Proxy => "proxy",
            Self::Scim => "scim",
            Self::Desk => "desk",
            Self::None => "none",
        }
    }

    /// Reads a code; none where no source has it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }

    /// Whose word it is where several know somebody: a source is replaced by one that counts as
    /// much or more, so that whoever is of the directory stays so when they log in by single
    /// sign-on, and leaves when it says so.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Ldap => 3,
            Self::Scim => 2,
            Self::Oidc | Self::Proxy => 1,
            Self::BuiltIn | Self::Desk | Self::None => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Who acts, in the audit. No NetID has parentheses, so that no person can be taken for a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Actor {
    /// Somebody who has proved who they are, by their NetID.
    Person(NetId),
    /// Somebody who has not proved who they are.
    Nobody,
    /// The operator, on the command line.
    Console,
    /// A directory or single sign-on.
    Source(Source),
    /// An application that asks about tokens.
    Client(ClientName),
    /// A token that revokes itself.
    Token,
    /// Somebody, or a program, who found a token where strangers can read it.
    LeakReport,
    /// The desk itself, for what runs by itself.
    Desk,
    /// What another version of this program wrote.
    Other(String),
}

impl Actor {
    /// As the store and exports have it.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Person(netid) => netid.to_string(),
            Self::Nobody => String::new(),
            Self::Console => "(console)".to_owned(),
            Self::Source(source) => format!("({source})"),
            Self::Client(name) => format!("(client) {name}"),
            Self::Token => "(the token itself)".to_owned(),
            Self::LeakReport => "(leak report)".to_owned(),
            Self::Desk => "(desk)".to_owned(),
            Self::Other(code) => code.clone(),
        }
    }

    /// For people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Person(netid) => netid.to_string(),
            Self::Nobody => "somebody not logged in".to_owned(),
            Self::Console => "the operator".to_owned(),
            Self::Source(Source::Ldap | Source::BuiltIn | Source::Desk | Source::None) => {
                "the campus directory".to_owned()
            }
            Self::Source(Source::Oidc | Source::Proxy) => "the campus log-in".to_owned(),
            Self::Source(Source::Scim) => "the identity system".to_owned(),
            Self::Client(name) => format!("the application {name}"),
            Self::Token => "the token itself".to_owned(),
            Self::LeakReport => "a leak report".to_owned(),
            Self::Desk => "Latchkey".to_owned(),
            Self::Other(code) => code.clone(),
        }
    }

    /// Whether it is a directory's or single sign-on's word.
    #[must_use]
    pub const fn is_source(&self) -> bool {
        matches!(self, Self::Source(_))
    }
}

impl From<String> for Actor {
    fn from(code: String) -> Self {
        if code.is_empty() {
            return Self::Nobody;
        }
        if let Some(name) =
            code.strip_prefix("(client) ").and_then(|name| ClientName::parse(name).ok())
        {
            return Self::Client(name);
        }
        match code.as_str() {
            "(console)" => Self::Console,
            "(the token itself)" => Self::Token,
            "(leak report)" => Self::LeakReport,
            "(desk)" => Self::Desk,
            other => {
                let source = other
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'))
                    .and_then(Source::parse);
                // The others act in nobody's name: `(desk)` is the desk itself.
                let source = source.filter(|source| Source::ACTING.contains(source));
                match (source, NetId::parse(other)) {
                    (Some(source), _) => Self::Source(source),
                    (None, Ok(netid)) if netid.as_str() == other => Self::Person(netid),
                    _ => Self::Other(code),
                }
            }
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.code()
    }
}

impl From<&NetId> for Actor {
    fn from(netid: &NetId) -> Self {
        Self::Person(netid.clone())
    }
}

/// As in the store.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_of_an_actor_is_read_again() {
        let sam = NetId::parse("sam").expect("a NetID");
        let mut all =
            vec![Actor::Person(sam), Actor::Nobody, Actor::Console, Actor::Token, Actor::Desk];
        all.push(Actor::LeakReport);
        all.push(Actor::Client(ClientName::parse("rt-5").expect("a name")));
        all.extend(Source::ACTING.map(Actor::Source));
        for actor in all {
            assert_eq!(Actor::from(actor.code()), actor);
        }
    }

    #[test]
    fn nobody_is_taken_for_a_program_and_what_is_strange_keeps_its_name() {
        for strange in ["(root)", "Sam", "(client) Ünlaut", "a b", "(built-in)", "(none)"] {
            assert_eq!(Actor::from(strange.to_owned()), Actor::Other(strange.to_owned()));
        }
    }
}
