//! What may be asked about everybody's tokens, and why one is among them: pure, of one token at a
//! time. Filters add to one another, and what narrows holds for all of them. Tests: below, and
//! `desk/tests/desk/{everybody,officer}.rs`.

use std::fmt;

use crate::engine::counted::counted;
use crate::{Access, Moment, NetId, Role, TokenView};

/// Something about a token for which it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFilter {
    /// It expires within so many days.
    Expiring(u32),
    /// It has expired, and is still kept.
    Expired,
    /// It was not used for so many days, nor made.
    Idle(u32),
    /// It was never used, however old it is.
    NeverUsed,
    /// It has no end, and works until it is revoked.
    NeverExpires,
    /// It may do everything its owner may.
    Full,
    /// It may do everything its owner may, and was only ever used to read.
    FullButOnlyRead,
    /// It works from anywhere.
    FromAnywhere,
    /// Its owner's account is disabled.
    OwnerDisabled,
    /// It was made in Request Tracker, and is presented by its old string.
    FromRequestTracker,
}

/// Which tokens are asked for: those that fit any of the filters, all that work where there is
/// none; of them those that the rest lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenQuery {
    /// For which of these a token is named.
    pub filters: Vec<TokenFilter>,
    /// Only those that were made before.
    pub made_before: Option<Moment>,
    /// Only those whose owner has this role.
    pub role: Option<Role>,
    /// Only this person's.
    pub owner: Option<NetId>,
}

/// Why a token is among what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenReason {
    /// It expires soon: then.
    Expires(Moment),
    /// It expired then.
    Expired(Moment),
    /// It ended then with Request Tracker's strings.
    ExpiredWithStrings(Moment),
    /// It was last used then.
    NotUsedSince(Moment),
    /// It was never used.
    NeverUsed,
    /// It has no end.
    NeverExpires,
    /// It may do everything its owner may.
    Full,
    /// It may do that, and every use since then was one that only reads.
    FullButOnlyReadSince(Moment),
    /// No network is written in it.
    FromAnywhere,
    /// Its owner may do nothing.
    OwnerDisabled,
    /// It was made in Request Tracker, and is presented by its old string.
    FromRequestTracker,
}

/// By days: what is read is compared from one evening to the next.
impl fmt::Display for TokenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expires(at) => write!(f, "expires {}", at.date()),
            Self::Expired(at) => write!(f, "expired {}", at.date()),
            Self::ExpiredWithStrings(at) => {
                write!(f, "ended with Request Tracker’s strings {}", at.date())
            }
            Self::NotUsedSince(at) => write!(f, "not used since {}", at.date()),
            Self::NeverUsed => f.write_str("never used"),
            Self::NeverExpires => f.write_str("never expires"),
            Self::Full => f.write_str("full access"),
            Self::FullButOnlyReadSince(at) => {
                write!(f, "full access but only read since {}", at.date())
            }
            Self::FromAnywhere => f.write_str("from anywhere"),
            Self::OwnerDisabled => f.write_str("owner disabled"),
            Self::FromRequestTracker => f.write_str("from Request Tracker"),
        }
    }
}

impl TokenReason {
    /// The same for somebody who reads it at `now`. Days are counted as in the mail to its owner.
    #[must_use]
    pub fn in_words(&self, now: Moment) -> String {
        match self {
            Self::Expires(at) => match at.days_left(now) {
                ..=1 => "Ends within a day".to_owned(),
                days => format!("Ends in {days} days"),
            },
            Self::Expired(at) => format!("Ended {}", at.ago(now)),
            Self::ExpiredWithStrings(at) => {
                format!("Ended with Request Tracker’s strings {}", at.ago(now))
            }
            Self::NotUsedSince(at) => {
                let days = usize::try_from(at.seconds_until(now) / 86_400).unwrap_or_default();
                format!("Unused for {}", counted(days, "day"))
            }
            Self::NeverUsed => "Never used".to_owned(),
            Self::NeverExpires => "Never ends".to_owned(),
            Self::Full => "Full access".to_owned(),
            Self::FullButOnlyReadSince(at) => {
                format!("Full access, has only read since {}", at.day())
            }
            Self::FromAnywhere => "Works from anywhere".to_owned(),
            Self::OwnerDisabled => "Its owner’s account is disabled".to_owned(),
            Self::FromRequestTracker => "From Request Tracker".to_owned(),
        }
    }
}

/// What is looked at of a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) token: &'a TokenView,
    /// Since when it was used, and only to read; none: it was not used since that is noted, or it
    /// may have changed something.
    pub(super) only_read_since: Option<Moment>,
    pub(super) owner_disabled: bool,
    /// Its end is that of Request Tracker's strings.
    pub(super) ends_with_strings: bool,
}

impl Facts<'_> {
    /// Why it is named where it has expired.
    fn expired(&self) -> fn(Moment) -> TokenReason {
        if self.ends_with_strings { TokenReason::ExpiredWithStrings } else { TokenReason::Expired }
    }
}

impl TokenFilter {
    /// Why this token fits; none: it does not. Of one that works no more, only that it has expired.
    fn reason(self, facts: &Facts<'_>, now: Moment) -> Option<TokenReason> {
        let token = facts.token;
        match self {
            Self::Expired => token
                .expires
                .filter(|at| *at <= now && token.revoked.is_none())
                .map(facts.expired()),
            _ if !token.is_live(now) => None,
            Self::Expiring(days) => token
                .expires
                .filter(|at| *at <= now.plus_days(i64::from(days)))
                .map(TokenReason::Expires),
            Self::Idle(days) => idle(token, now.plus_days(-i64::from(days))),
            Self::NeverUsed => token.used.is_none().then_some(TokenReason::NeverUsed),
            Self::NeverExpires => token.expires.is_none().then_some(TokenReason::NeverExpires),
            Self::Full => (token.access == Access::Full).then_some(TokenReason::Full),
            Self::FullButOnlyRead => facts
                .only_read_since
                .filter(|_| token.access == Access::Full)
                .map(TokenReason::FullButOnlyReadSince),
            Self::FromAnywhere => token.networks.is_empty().then_some(TokenReason::FromAnywhere),
            Self::OwnerDisabled => facts.owner_disabled.then_some(TokenReason::OwnerDisabled),
            Self::FromRequestTracker => token.from_rt.then_some(TokenReason::FromRequestTracker),
        }
    }

    /// What is asked for, for the audit.
    fn words(self) -> String {
        match self {
            Self::Expiring(days) => format!("expiring within {days} days"),
            Self::Expired => "expired".to_owned(),
            Self::Idle(days) => format!("not used for {days} days"),
            Self::NeverUsed => "never used".to_owned(),
            Self::NeverExpires => "never expiring".to_owned(),
            Self::Full => "full access".to_owned(),
            Self::FullButOnlyRead => "full access but only read".to_owned(),
            Self::FromAnywhere => "from anywhere".to_owned(),
            Self::OwnerDisabled => "owner disabled".to_owned(),
            Self::FromRequestTracker => "from Request Tracker".to_owned(),
        }
    }
}

fn idle(token: &TokenView, since: Moment) -> Option<TokenReason> {
    match &token.used {
        Some(used) => (used.at <= since).then_some(TokenReason::NotUsedSince(used.at)),
        None => (token.created <= since).then_some(TokenReason::NeverUsed),
    }
}

impl TokenQuery {
    /// Those that fit any of these.
    #[must_use]
    pub fn of(filters: impl Into<Vec<TokenFilter>>) -> Self {
        Self { filters: filters.into(), ..Self::default() }
    }

    /// Why this token is among them, each reason once; none: it is not.
    pub(super) fn reasons(&self, facts: &Facts<'_>, now: Moment) -> Option<Vec<TokenReason>> {
        if self.made_before.is_some_and(|before| facts.token.created >= before) {
            return None;
        }
        if self.filters.is_empty() {
            return facts.token.is_live(now).then(Vec::new);
        }
        let mut reasons = Vec::new();
        for reason in self.filters.iter().filter_map(|filter| filter.reason(facts, now)) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then_some(reasons)
    }

    /// Whether tokens that have expired may be among them.
    pub(super) fn asks_for_expired(&self) -> bool {
        self.filters.contains(&TokenFilter::Expired)
    }

    /// Between which moments each of them ends, after the one and up to the other; none: they may
    /// end at any.
    pub(super) fn ends_between(&self, now: Moment) -> Option<(Moment, Moment)> {
        let ends = |filter: &TokenFilter| match filter {
            TokenFilter::Expiring(days) => Some((now, now.plus_days(i64::from(*days)))),
            TokenFilter::Expired => Some((Moment::default(), now)),
            _ => None,
        };
        let all: Vec<_> = self.filters.iter().map(ends).collect::<Option<_>>()?;
        let from = all.iter().map(|(from, _)| *from).min()?;
        Some((from, all.iter().map(|(_, until)| *until).max()?))
    }

    /// What was asked for, for the audit.
    pub(super) fn words(&self) -> String {
        let all = self.filters.is_empty().then(|| "all that work".to_owned());
        let narrowing = [
            self.made_before.map(|before| format!("made before {}", before.date())),
            self.role.map(|role| format!("of {}", role.word())),
        ];
        let words = self.filters.iter().map(|filter| filter.words());
        words.chain(all).chain(narrowing.into_iter().flatten()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, Revoked, TokenId, Used};

    const NOW: Moment = Moment(1_795_511_101_234);

    fn token() -> TokenView {
        let (id, created) = (TokenId::of("0a".repeat(32)), NOW.plus_days(-100));
        TokenView {
            expires: Some(NOW.plus_days(14)),
            used: Some(Used { at: NOW.plus_days(-90), address: "192.0.2.7".to_owned() }),
            ..TokenView::made(id, "backup".to_owned(), Access::Read, created)
        }
    }

    fn facts(token: &TokenView) -> Facts<'_> {
        Facts { token, only_read_since: None, owner_disabled: false, ends_with_strings: false }
    }

    fn why(query: &TokenQuery, token: &TokenView) -> Option<Vec<String>> {
        Some(query.reasons(&facts(token), NOW)?.iter().map(ToString::to_string).collect())
    }

    fn one(filter: TokenFilter) -> TokenQuery {
        TokenQuery::of([filter])
    }

    #[test]
    fn any_of_what_is_asked_for_is_a_reason_to_the_day() {
        let (soon, idle) = (one(TokenFilter::Expiring(14)), one(TokenFilter::Idle(90)));
        assert_eq!(why(&soon, &token()), Some(vec!["expires 2026-12-08".to_owned()]));
        assert_eq!(why(&one(TokenFilter::Expiring(13)), &token()), None);
        assert_eq!(why(&idle, &token()), Some(vec!["not used since 2026-08-26".to_owned()]));
        assert_eq!(why(&one(TokenFilter::Idle(91)), &token()), None);
        let unused = TokenView { used: None, ..token() };
        assert_eq!(why(&idle, &unused), Some(vec!["never used".to_owned()]));
        let both = TokenQuery::of([TokenFilter::Idle(90), TokenFilter::NeverUsed]);
        assert_eq!(why(&both, &unused), Some(vec!["never used".to_owned()]), "once");
        let young = TokenView { created: NOW.plus_days(-89), ..unused };
        assert_eq!(why(&idle, &young), None, "it is too new for that");
        assert_eq!(why(&both, &young), Some(vec!["never used".to_owned()]));
        let forever = TokenView { expires: None, access: Access::Full, ..token() };
        let all = TokenQuery::of([
            TokenFilter::Expiring(14),
            TokenFilter::NeverExpires,
            TokenFilter::Full,
        ]);
        assert_eq!(
            why(&all, &forever),
            Some(vec!["never expires".to_owned(), "full access".to_owned()])
        );
        assert_eq!(why(&TokenQuery::default(), &token()), Some(Vec::new()), "all");
        assert_eq!(all.words(), "expiring within 14 days, never expiring, full access");
    }

    #[test]
    fn what_works_no_more_is_named_only_where_expired_ones_are_asked_for() {
        let over = TokenView { expires: Some(NOW), ..token() };
        let revoked = TokenView {
            revoked: Some(Revoked { at: NOW.plus_days(-1), by: Actor::Console }),
            ..over.clone()
        };
        assert_eq!(
            why(&one(TokenFilter::Expired), &over),
            Some(vec!["expired 2026-11-24".to_owned()])
        );
        for query in [TokenQuery::default(), one(TokenFilter::Idle(1)), one(TokenFilter::Full)] {
            assert_eq!(why(&query, &over), None, "{query:?}");
        }
        for query in [TokenQuery::default(), one(TokenFilter::Expired)] {
            assert_eq!(why(&query, &revoked), None, "{query:?}");
        }
    }

    #[test]
    fn only_what_may_do_more_than_read_is_said_to_have_only_read() {
        let query = one(TokenFilter::FullButOnlyRead);
        let since = NOW.plus_days(-30);
        let of = |token: &TokenView, only_read_since: Option<Moment>| {
            query.reasons(&Facts { only_read_since, ..facts(token) }, NOW)
        };
        let full = TokenView { access: Access::Full, ..token() };
        assert_eq!(of(&full, Some(since)), Some(vec![TokenReason::FullButOnlyReadSince(since)]));
        assert_eq!((of(&full, None), of(&token(), Some(since))), (None, None));
    }

    #[test]
    fn what_request_tracker_has_made_is_named_while_it_works() {
        let query = one(TokenFilter::FromRequestTracker);
        assert_eq!(why(&query, &token()), None, "it was made here");
        let old = TokenView { from_rt: true, ..token() };
        assert_eq!(why(&query, &old), Some(vec!["from Request Tracker".to_owned()]));
        assert_eq!(why(&query, &TokenView { expires: Some(NOW), ..old }), None);
        assert_eq!(query.words(), "from Request Tracker");
    }

    #[test]
    fn what_ended_with_the_strings_is_said_to_have_done_so() {
        let old = TokenView { expires: Some(NOW.plus_days(-3)), from_rt: true, ..token() };
        let facts = Facts { ends_with_strings: true, ..facts(&old) };
        let reason = one(TokenFilter::Expired).reasons(&facts, NOW).expect("it has ended")[0];
        assert_eq!(reason.to_string(), "ended with Request Tracker’s strings 2026-11-21");
        assert_eq!(reason.in_words(NOW), "Ended with Request Tracker’s strings 3 days ago");
    }

    #[test]
    fn what_narrows_lets_none_through_by_itself() {
        let query = TokenQuery { made_before: Some(NOW.plus_days(-99)), ..TokenQuery::default() };
        assert_eq!(why(&query, &token()), Some(Vec::new()));
        let sooner = TokenQuery { made_before: Some(NOW.plus_days(-100)), ..query };
        assert_eq!(why(&sooner, &token()), None, "not before");
        let of_reps = TokenQuery { role: Some(Role::Rep), ..sooner };
        assert_eq!(of_reps.words(), "all that work, made before 2026-08-16, of rep");
    }

    #[test]
    fn an_end_is_known_where_nothing_else_is_asked_for() {
        let query = TokenQuery::of([TokenFilter::Expiring(7), TokenFilter::Expiring(14)]);
        assert_eq!(query.ends_between(NOW), Some((NOW, NOW.plus_days(14))));
        let with_expired = TokenQuery::of([TokenFilter::Expiring(7), TokenFilter::Expired]);
        assert_eq!(with_expired.ends_between(NOW), Some((Moment(0), NOW.plus_days(7))));
        let mixed = TokenQuery::of([TokenFilter::Expiring(7), TokenFilter::NeverUsed]);
        assert_eq!(
            (mixed.ends_between(NOW), TokenQuery::default().ends_between(NOW)),
            (None, None)
        );
    }

    #[test]
    fn people_read_how_long() {
        let words = |reason: TokenReason| reason.in_words(NOW);
        assert_eq!(words(TokenReason::Expires(NOW.plus_days(3))), "Ends in 3 days");
        let nine_and_a_half = NOW.plus_days(9).plus_seconds(12 * 3600);
        assert_eq!(words(TokenReason::Expires(nine_and_a_half)), "Ends in 10 days");
        assert_eq!(words(TokenReason::Expires(NOW.plus_days(1))), "Ends within a day");
        assert_eq!(words(TokenReason::Expires(NOW.plus_seconds(60))), "Ends within a day");
        assert_eq!(words(TokenReason::Expires(NOW.plus_seconds(86_401))), "Ends in 2 days");
        assert_eq!(words(TokenReason::NotUsedSince(NOW.plus_days(-120))), "Unused for 120 days");
        assert_eq!(words(TokenReason::NotUsedSince(NOW.plus_days(-1))), "Unused for 1 day");
        assert_eq!(
            words(TokenReason::FullButOnlyReadSince(NOW)),
            "Full access, has only read since 24 Nov 2026"
        );
    }
}
