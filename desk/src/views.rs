//! What the desk shows: plain data for pages, the machine API and the command line. Never a secret,
//! never a hash of one.

use serde::{Deserialize, Serialize};

use crate::{
    Access, Action, Actor, AuditPage, Denied, LocalState, Moment, NetId, Person, Role, SessionId,
    Source, TokenId, UsedNetwork, rules,
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
    /// Role.
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// Where they are known from.
    pub source: Source,
    /// Their local password.
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

/// One auth token in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its record id (SHA-256 of the token, hex): names it in forms.
    pub id: TokenId,
    /// What it is for.
    pub description: String,
    /// Full or read only.
    pub access: Access,
    /// Allowed networks parted by `, `; empty: from anywhere.
    pub networks: String,
    /// When it was made.
    pub created: Moment,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
    /// Its last use; none: never used.
    pub used: Option<Used>,
    /// How often it was used lately.
    pub days: UseDays,
    /// Its revocation, if any.
    pub revoked: Option<Revoked>,
    /// It is refused until its owner logs in again: nobody else would say that they have left.
    pub waits: bool,
    /// From which networks it was used, the latest first, at most [`crate::NETWORKS_KEPT`]; empty
    /// where they were not asked for. They stay with the server: pages are told in words.
    #[serde(skip)]
    pub networks_used: Vec<UsedNetwork>,
    /// What a page says of them, and of an end that comes with Request Tracker's strings, as it
    /// shows it. Whoever makes the page fills it in.
    pub used_from: String,
    /// It is one of Request Tracker's, presented by its old string.
    pub from_rt: bool,
}

impl TokenView {
    /// A token as it is made: good for ever and from anywhere, and never used.
    #[must_use]
    pub fn made(id: TokenId, description: String, access: Access, created: Moment) -> Self {
        Self {
            id,
            description,
            access,
            networks: String::new(),
            created,
            expires: None,
            used: None,
            days: UseDays::default(),
            revoked: None,
            waits: false,
            networks_used: Vec::new(),
            used_from: String::new(),
            from_rt: false,
        }
    }

    /// Whether it would work, had no directory's word revoked it: an administrator may let it.
    #[must_use]
    pub fn is_restorable(&self, now: Moment) -> bool {
        self.revoked.as_ref().is_some_and(Revoked::by_directory)
            && self.expires.is_none_or(|at| at > now)
    }

    /// Whether a clock made it that was ahead: it is refused until its making can have been.
    #[must_use]
    pub const fn is_ahead(&self, now: Moment) -> bool {
        !self.created.can_have_been(now)
    }

    /// Whether it works at `now`, its owner's account and the clock that made it aside.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|at| now < at)
    }

    /// Whether it works and nobody has used it for [`IDLE_DAYS`]: it is likely to be forgotten.
    #[must_use]
    pub fn is_idle(&self, now: Moment) -> bool {
        let last = self.used.as_ref().map_or(self.created, |used| used.at);
        self.is_live(now) && last.plus_days(IDLE_DAYS) <= now
    }

    /// Whether it works and ends within [`SOON_DAYS`]: the application that uses it should get
    /// another.
    #[must_use]
    pub fn ends_soon(&self, now: Moment) -> bool {
        self.is_live(now) && self.expires.is_some_and(|at| at <= now.plus_days(SOON_DAYS))
    }
}

/// A token unused for this many days is marked.
pub const IDLE_DAYS: i64 = 90;

/// A token that ends within this many days is marked.
pub const SOON_DAYS: i64 = 7;

/// How often a token was used on each of the last [`USE_DAYS`] days (UTC).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseDays {
    /// One count a day, the earliest first; nothing where there was no use at all.
    counts: Vec<u32>,
    /// The last of the days, in days since 1970 UTC.
    last: i64,
}

/// For how many days uses are counted.
pub const USE_DAYS: usize = 30;

impl UseDays {
    /// Counts of days that end with the day `last`, in days since 1970 UTC.
    #[must_use]
    pub fn new(counts: Vec<u32>, last: i64) -> Self {
        Self { counts, last }
    }

    /// The same for the days that end now.
    #[must_use]
    pub fn at(mut self, now: Moment) -> Self {
        self.go_to(now.days());
        if self.counts.iter().all(|count| *count == 0) {
            self.counts.clear();
        }
        self
    }

    fn go_to(&mut self, day: i64) {
        let past = usize::try_from(day - self.last).unwrap_or_default().min(self.counts.len());
        self.counts.drain(..past);
        self.counts.resize(self.counts.len() + past, 0);
        self.last = self.last.max(day);
    }

    /// Adds uses of the day `day`, in days since 1970 UTC, unless it is too long ago.
    pub fn add(&mut self, day: i64, uses: u32) {
        if self.counts.is_empty() {
            self.counts = vec![0; USE_DAYS];
        }
        self.go_to(day);
        let past = usize::try_from(self.last - day)
            .ok()
            .and_then(|past| self.counts.len().checked_sub(past + 1));
        if let Some(count) = past.and_then(|place| self.counts.get_mut(place)) {
            *count = count.saturating_add(uses);
        }
    }

    /// One count a day, the earliest first; nothing where there was no use at all.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// All uses of these days.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }
}

/// A token's last use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// When.
    pub at: Moment,
    /// From which address.
    pub address: String,
}

/// A token's revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: Actor,
}

impl Revoked {
    /// Whether it was a directory's word that its owner left, or may have none: an administrator
    /// may let it work again.
    #[must_use]
    pub fn by_directory(&self) -> bool {
        self.by.is_source()
    }
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
    /// Role.
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
    /// Their local password.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn token(used: Option<i64>, expires: Option<i64>) -> TokenView {
        let id = TokenId::parse(&"0".repeat(64)).expect("an id");
        TokenView {
            expires: expires.map(|day| Moment(0).plus_days(day)),
            used: used.map(|day| Used { at: Moment(0).plus_days(day), address: String::new() }),
            ..TokenView::made(id, String::new(), Access::Full, Moment(0))
        }
    }

    fn on(day: i64) -> Moment {
        Moment(0).plus_days(day)
    }

    #[test]
    fn a_token_that_nobody_uses_is_idle_while_it_works() {
        assert!(!token(None, None).is_idle(on(89)) && token(None, None).is_idle(on(90)));
        assert!(!token(Some(10), None).is_idle(on(99)) && token(Some(10), None).is_idle(on(100)));
        assert!(!token(None, Some(80)).is_idle(on(90)), "it has expired");
    }

    #[test]
    fn a_token_ends_soon_in_its_last_week() {
        assert!(
            !token(None, Some(30)).ends_soon(on(22)) && token(None, Some(30)).ends_soon(on(23))
        );
        assert!(!token(None, Some(30)).ends_soon(on(30)), "it has ended");
        assert!(!token(None, None).ends_soon(on(1000)));
    }

    #[test]
    fn uses_are_counted_by_day_and_move_with_the_days() {
        let mut days = UseDays::default().at(on(100));
        assert_eq!(days.counts(), [0; 0]);
        days.add(100, 2);
        days.add(99, 1);
        days.add(70, 5);
        assert_eq!(
            (days.counts().len(), days.sum()),
            (USE_DAYS, 3),
            "a day that is over by then is not counted"
        );
        assert_eq!(days.counts()[28..], [1, 2]);
        assert_eq!(days.clone().at(on(103)).counts()[25..], [1, 2, 0, 0, 0]);
        assert_eq!(days.clone().at(on(129)).counts()[..2], [2, 0]);
        assert_eq!(days.at(on(130)).counts(), [0; 0], "nothing is left of it");
    }
}
