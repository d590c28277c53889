//! Everybody's tokens that work, for whoever looks after them all: which of them are such as is
//! asked for, and why. For the command line; a look has its row in the audit. Never a secret.
//! Tests: below, and `desk/tests/desk/everybody.rs`.

use std::fmt;

use crate::engine::audit::entry::entry;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::store::change::Change;
use crate::{Access, Actor, AuditAction, Moment, NetId, Refusal, TokenView};

/// People whose tokens are read at once.
const PEOPLE: u32 = 200;

/// Which tokens are asked for: those that fit any of it; all of them where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenQuery {
    /// Those that expire within so many days.
    pub expiring_days: Option<u32>,
    /// Those that were not used for so many days, nor made.
    pub idle_days: Option<u32>,
    /// Those that never expire.
    pub never_expires: bool,
    /// Those that may do everything their owner may.
    pub full: bool,
    /// Of this person alone.
    pub owner: Option<NetId>,
}

/// Why a token is among what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenReason {
    /// It expires soon: then.
    Expires(Moment),
    /// It was last used then.
    NotUsedSince(Moment),
    /// It was never used.
    NeverUsed,
    /// It has no end.
    NeverExpires,
    /// It may do everything its owner may.
    Full,
}

/// By days: what is read is compared from one evening to the next.
impl fmt::Display for TokenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expires(at) => write!(f, "expires {}", at.date()),
            Self::NotUsedSince(at) => write!(f, "not used since {}", at.date()),
            Self::NeverUsed => f.write_str("never used"),
            Self::NeverExpires => f.write_str("never expires"),
            Self::Full => f.write_str("full access"),
        }
    }
}

/// A token that is among what was asked for.
#[derive(Clone, Debug)]
pub struct FoundToken {
    /// Whose it is.
    pub owner: NetId,
    /// The token, never its secret.
    pub token: TokenView,
    /// Why; nothing where all were asked for.
    pub reasons: Vec<TokenReason>,
}

/// Some of them, in the order of their owners, of each the one that ends first first.
#[derive(Clone, Debug, Default)]
pub struct FoundTokens {
    /// They; perhaps none, and there are more all the same.
    pub tokens: Vec<FoundToken>,
    /// After whom the next begin; none: these were the last.
    pub next: Option<String>,
}

impl TokenQuery {
    fn asks_for_all(&self) -> bool {
        self.expiring_days.is_none()
            && self.idle_days.is_none()
            && !self.never_expires
            && !self.full
    }

    /// Why this token is among them; none: it is not.
    fn reasons(&self, token: &TokenView, now: Moment) -> Option<Vec<TokenReason>> {
        let mut reasons = Vec::new();
        let within = |days: u32| now.plus_days(i64::from(days));
        if let (Some(days), Some(at)) = (self.expiring_days, token.expires)
            && at <= within(days)
        {
            reasons.push(TokenReason::Expires(at));
        }
        if let Some(days) = self.idle_days {
            let since = now.plus_days(-i64::from(days));
            match &token.used {
                Some(used) if used.at <= since => reasons.push(TokenReason::NotUsedSince(used.at)),
                None if token.created <= since => reasons.push(TokenReason::NeverUsed),
                _ => {}
            }
        }
        if self.never_expires && token.expires.is_none() {
            reasons.push(TokenReason::NeverExpires);
        }
        if self.full && token.access == Access::Full {
            reasons.push(TokenReason::Full);
        }
        (self.asks_for_all() || !reasons.is_empty()).then_some(reasons)
    }

    /// What was asked for, for the audit.
    fn words(&self) -> String {
        let days = |days: Option<u32>, what: &str| days.map(|days| format!("{what} {days} days"));
        let filters = [
            days(self.expiring_days, "expiring within"),
            days(self.idle_days, "not used for"),
            self.never_expires.then(|| "never expiring".to_owned()),
            self.full.then(|| "full access".to_owned()),
            self.asks_for_all().then(|| "all that work".to_owned()),
        ];
        filters.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Console {
    /// Writes down that the operator looks at everybody's tokens, or at one person's: what is read
    /// follows ([`Console::find_tokens`]). Without its row there is nothing to see.
    ///
    /// # Errors
    /// [`Refusal::UserUnknown`], [`Refusal::Unavailable`].
    pub async fn begin_finding_tokens(&self, query: &TokenQuery) -> Result<(), Refusal> {
        let store = &self.inner.store;
        if let Some(owner) = &query.owner
            && store.user(owner).await?.is_none()
        {
            return Err(Refusal::UserUnknown);
        }
        let subject = query.owner.as_ref().map_or("", NetId::as_str);
        let row = entry(Actor::Console, subject, AuditAction::TokenSee, &Origin::console())
            .detailed(query.words());
        Ok(store.commit(Change::default().audited(row), self.now()).await?)
    }

    /// The tokens that are asked for, of the next people after `after` (as [`FoundTokens::next`]
    /// said; empty: of the first).
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn find_tokens(
        &self,
        query: &TokenQuery,
        after: &str,
    ) -> Result<FoundTokens, Refusal> {
        let owners = match &query.owner {
            Some(owner) => vec![owner.to_string()],
            None => self.inner.store.netids_after(after, PEOPLE).await?,
        };
        let is_last = query.owner.is_some() || owners.len() < PEOPLE as usize;
        let now = self.now();
        let rows = self.inner.store.live_tokens_of(&owners, now).await?;
        let (of, mut views): (Vec<String>, Vec<TokenView>) =
            rows.into_iter().map(|row| (row.owner.clone(), row.view(now))).unzip();
        self.end_with_strings(&mut views);
        self.inner.usage.fill_in(&mut views);
        let found = |(owner, token): (String, TokenView)| {
            let reasons = query.reasons(&token, now).filter(|_| token.is_live(now))?;
            Some(FoundToken { owner: NetId::parse(&owner).ok()?, token, reasons })
        };
        let mut tokens: Vec<FoundToken> = of.into_iter().zip(views).filter_map(found).collect();
        let ends = |token: &TokenView| token.expires.map_or(i64::MAX, |at| at.0);
        tokens.sort_by(|one, other| {
            let key = |found: &FoundToken| (ends(&found.token), found.token.created);
            one.owner
                .cmp(&other.owner)
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| one.token.id.cmp(&other.token.id))
        });
        Ok(FoundTokens { tokens, next: owners.into_iter().next_back().filter(|_| !is_last) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TokenId, Used};

    const NOW: Moment = Moment(1_795_511_101_234);

    fn token() -> TokenView {
        let (id, created) = (TokenId::of("0a".repeat(32)), NOW.plus_days(-100));
        TokenView {
            expires: Some(NOW.plus_days(14)),
            used: Some(Used { at: NOW.plus_days(-90), address: "192.0.2.7".to_owned() }),
            ..TokenView::made(id, "backup".to_owned(), Access::Read, created)
        }
    }

    fn why(query: &TokenQuery, token: &TokenView) -> Option<Vec<String>> {
        Some(query.reasons(token, NOW)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn any_of_what_is_asked_for_is_a_reason_to_the_day() {
        let (soon, idle) = (
            TokenQuery { expiring_days: Some(14), ..Default::default() },
            TokenQuery { idle_days: Some(90), ..Default::default() },
        );
        assert_eq!(why(&soon, &token()), Some(vec!["expires 2026-12-08".to_owned()]));
        assert_eq!(why(&TokenQuery { expiring_days: Some(13), ..soon.clone() }, &token()), None);
        assert_eq!(why(&idle, &token()), Some(vec!["not used since 2026-08-26".to_owned()]));
        assert_eq!(why(&TokenQuery { idle_days: Some(91), ..idle.clone() }, &token()), None);
        let unused = TokenView { used: None, ..token() };
        assert_eq!(why(&idle, &unused), Some(vec!["never used".to_owned()]));
        assert_eq!(
            why(&idle, &TokenView { created: NOW.plus_days(-89), ..unused }),
            None,
            "it is too new for that"
        );
        let forever = TokenView { expires: None, access: Access::Full, ..token() };
        let all = TokenQuery { never_expires: true, full: true, ..soon };
        assert_eq!(
            why(&all, &forever),
            Some(vec!["never expires".to_owned(), "full access".to_owned()])
        );
        assert_eq!(why(&TokenQuery::default(), &token()), Some(Vec::new()), "all");
        assert_eq!(all.words(), "expiring within 14 days, never expiring, full access");
    }
}
