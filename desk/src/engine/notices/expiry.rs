//! Which tokens end so soon that their owners are told, and which of those nobody uses. Tests:
//! below, and `desk/tests/desk/notices/expiry.rs`.

use crate::{IDLE_DAYS, Moment, TokenView};

/// A token that nobody has used at all is one that nobody uses once it is so many days old.
const NEVER_USED_DAYS: i64 = 7;

/// What its owner is told of a token that ends soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// That it ends, at this threshold of days.
    Within(i64),
    /// The one question whether they need it.
    Unused,
}

/// What is to be told of a token at `now`, of these thresholds the nearest to its end that it has
/// crossed: of those that were missed nobody is told. A token that was made for no longer than that
/// was made so a moment ago, and its owner knows; of one that was brought they may not.
pub(super) fn ending(token: &TokenView, days: &[i64], now: Moment) -> Option<Ending> {
    let expires = token.expires.filter(|_| token.is_live(now))?;
    let threshold = nearest(expires, days, now)?;
    if !token.from_rt && expires <= token.created.plus_days(threshold) {
        return None;
    }
    Some(if is_unused(token, now) { Ending::Unused } else { Ending::Within(threshold) })
}

/// Of these thresholds the nearest to an end that has been crossed; none: the end is further off,
/// or past.
pub(super) fn nearest(end: Moment, days: &[i64], now: Moment) -> Option<i64> {
    days.iter().copied().filter(|days| now < end && end <= now.plus_days(*days)).min()
}

/// Whether nobody uses it.
pub(super) fn is_unused(token: &TokenView, now: Moment) -> bool {
    match &token.used {
        Some(used) => used.at.plus_days(IDLE_DAYS) <= now,
        None => token.created.plus_days(NEVER_USED_DAYS) <= now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, TokenId, Used};

    const DAYS: [i64; 3] = [14, 7, 1];

    /// A token made on day 0 that ends on day 100, last used on that day.
    fn token(used: Option<i64>) -> TokenView {
        TokenView {
            expires: Some(on(100)),
            used: used.map(|day| Used { at: on(day), address: String::new() }),
            ..TokenView::made(TokenId::sample(), String::new(), Access::Full, on(0))
        }
    }

    fn on(day: i64) -> Moment {
        Moment(0).plus_days(day)
    }

    #[test]
    fn the_nearest_threshold_that_is_crossed_counts() {
        for (day, expected) in [
            (85, None),
            (86, Some(14)),
            (92, Some(14)),
            (93, Some(7)),
            (97, Some(7)),
            (99, Some(1)),
            (100, None),
        ] {
            let expected = expected.map(Ending::Within);
            assert_eq!(ending(&token(Some(80)), &DAYS, on(day)), expected, "{day}");
        }
        assert_eq!(ending(&token(Some(80)), &[], on(99)), None);
    }

    #[test]
    fn what_was_made_for_no_longer_is_known_to_its_owner() {
        let short = TokenView { created: on(93), ..token(Some(94)) };
        assert_eq!(ending(&short, &DAYS, on(94)), None);
        assert_eq!(ending(&short, &DAYS, on(99)), Some(Ending::Within(1)));
        let brought = TokenView { from_rt: true, ..short };
        assert_eq!(ending(&brought, &DAYS, on(94)), Some(Ending::Within(7)));
    }

    #[test]
    fn of_one_that_nobody_uses_there_is_a_question() {
        assert_eq!(ending(&token(None), &DAYS, on(90)), Some(Ending::Unused));
        assert_eq!(ending(&token(Some(5)), &DAYS, on(96)), Some(Ending::Unused));
        assert_eq!(ending(&token(Some(5)), &DAYS, on(94)), Some(Ending::Within(7)));
        let new = TokenView { created: on(84), ..token(None) };
        assert_eq!(ending(&new, &DAYS, on(90)), Some(Ending::Within(14)));
        assert_eq!(ending(&new, &DAYS, on(91)), Some(Ending::Unused));
    }
}
