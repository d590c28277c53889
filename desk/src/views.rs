//! What the desk shows: plain data for pages, the machine API and the command line. Never a secret,
//! never a hash of one.

use serde::{Deserialize, Serialize};

use crate::{
    Action, AuditPage, Denied, LocalState, Moment, NetId, Person, Role, SessionId, Source,
    TokenView, rules,
};

/// The person who is logged in, as every page needs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// NetID.
    pub netid: String,
    /// Full name.
    pub name: String,
    /// E-mail address, may be empty.
    pub email: String,
    /// What they may do at the desk ([`Me::denied`]).
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// Where they are known from.
    pub source: Source,
    /// Whether they have a local password, since when, and who set it.
    pub local: LocalPassword,
    /// The session is confirmed until then: no local password is asked before. None: not confirmed
    /// now.
    pub confirmed_until: Option<Moment>,
    /// May set their own first local password in this session (policy
    /// `people.first_password = "self-service"`).
    pub may_set_first_password: bool,
    /// Whether a fresh log-in would let them set it.
    pub first_password_when_fresh: bool,
    /// Logged in by an OpenID provider.
    pub by_provider: bool,
}

impl Me {
    /// Why the rules forbid this to them, as far as it is about nobody else; none: they do not.
    #[must_use]
    pub fn denied(&self, action: Action) -> Option<Denied> {
        let Ok(netid) = NetId::parse(&self.netid) else { return Some(Denied::RoleTooLow) };
        let person = Person {
            netid,
            role: self.role,
            privileged: self.privileged,
            disabled: false,
            local: self.local.state,
        };
        rules::check(&person, action, None).err()
    }
}

/// The state of a local password, without anything secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalPassword {
    /// None, initial or own.
    pub state: LocalState,
    /// When it was set.
    pub set_at: Option<Moment>,
    /// The name of who set it.
    pub set_by: String,
    /// When an initial one lapses.
    pub lapses_at: Option<Moment>,
}

/// One person in a list of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// NetID.
    pub netid: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// What they do at the desk.
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// May do nothing.
    pub disabled: bool,
    /// The state of their local password.
    pub local: LocalState,
    /// It is closed after too many wrong ones.
    pub closed: bool,
    /// How many tokens of theirs work now; none where the actor may not see that.
    pub tokens: Option<u32>,
}

/// A person's page for the desk: all that the actor has the right to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPage {
    /// Who they are.
    pub user: UserRow,
    /// Whether they have a local password, since when, and who set it.
    pub local: LocalPassword,
    /// Where they are known from.
    pub source: Source,
    /// When their directory no longer had them; none: it has, or was never asked.
    pub departed_at: Option<Moment>,
    /// A directory no longer has them, whether it disabled them for that or an administrator had
    /// before.
    pub departed: bool,
    /// What the OpenID provider calls them, in words; none: nothing, or the actor may not see it.
    pub subject: Option<String>,
    /// An operator has let the campus log-in take the account over.
    pub linked: bool,
    /// Who has the NetID, in words, as those say who know; none where the actor may not see it.
    pub holder: Option<String>,
    /// Who had it when a directory last no longer had them, in words; none: nobody left, or the
    /// actor may not see it.
    pub former: Option<String>,
    /// Their local password is closed after too many wrong ones.
    pub closed: bool,
    /// Why the actor cannot set their local password; none: can.
    pub set_password_denied: Option<crate::Denied>,
    /// Why the actor cannot revoke their tokens and end their sessions; none: can.
    pub revoke_denied: Option<crate::Denied>,
    /// Why the actor cannot change role, privilege or account; none: can.
    pub administer_denied: Option<crate::Denied>,
    /// Why the actor cannot open their local password again; none: can.
    pub open_denied: Option<crate::Denied>,
    /// Their tokens, newest first; none where the actor may not see them.
    pub tokens: Option<Vec<TokenView>>,
    /// Their sessions, newest first; none where the actor may not see them.
    pub sessions: Option<Vec<SessionView>>,
    /// What happened to their account, newest first, a page; none where the actor may not see it.
    pub history: Option<AuditPage>,
}

/// Where somebody is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its record id (SHA-256 of the cookie, hex): names it in forms.
    pub id: SessionId,
    /// When they logged in.
    pub created: Moment,
    /// When it was last seen, to the minute.
    pub last_seen: Moment,
    /// From which address, at log-in.
    pub address: String,
    /// The browser's User-Agent, at most 256 characters.
    pub agent: String,
    /// This is the session that asks.
    pub this: bool,
}

/// How good a new password is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (very hard to guess), as zxcvbn scores it.
    pub score: u8,
    /// Why it would be refused; none: it is good enough.
    pub refused: Option<crate::Refusal>,
}
