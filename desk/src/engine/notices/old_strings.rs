//! Whose tokens from Request Tracker end with their strings, by the operator's day, and what their
//! owners are told of it: at each threshold once, of all of theirs in one notice. They are found by
//! what was brought, some after others, and looked through again where a threshold is crossed, the
//! day is another, or more was brought. Tests: below, and
//! `desk/tests/desk/notices/old_strings.rs`.

use crate::engine::desk::Desk;
use crate::engine::notices::expiry::nearest;
use crate::engine::notices::happening::Happening;
use crate::engine::notices::making::Maker;
use crate::store::request_tracker::BroughtRow;
use crate::store::rows::TokenRecord;
use crate::{Actor, Moment, NetId, NoticeKind, Refusal, TokenView};

/// How many of them are read at once.
const READ_AT_ONCE: u32 = 500;

/// How many of a person's are named in a notice.
const NAMED: usize = 3;

impl Maker {
    /// Makes the notices of old strings that end soon.
    pub(super) async fn look_for_old_strings(&self, now: Moment) -> Result<(), Refusal> {
        let settings = &self.settings.notices;
        let end =
            self.settings.rt_strings_end.filter(|_| settings.tells_of(NoticeKind::OldStringsEnd));
        let near = end.and_then(|end| Some((end, nearest(end, &settings.expiry_days, now)?)));
        let looked = match near {
            Some((end, days)) => {
                let brought = self.store.last_rt_import().await?.unwrap_or_default();
                format!("{} {days} {}", end.0, brought.0)
            }
            None => String::new(),
        };
        if self.store.old_strings_looked_for().await?.unwrap_or_default() == looked {
            return Ok(());
        }
        if let Some((end, days)) = near {
            self.tell_of_old_strings(end, days, now).await?;
        }
        Ok(self.store.note_old_strings_looked_for(&looked).await?)
    }

    /// Makes one for each owner of tokens that work, and that would go on after `end`.
    async fn tell_of_old_strings(
        &self,
        end: Moment,
        days: i64,
        now: Moment,
    ) -> Result<(), Refusal> {
        let mut last: Option<BroughtRow> = None;
        loop {
            let rows = self.store.rt_brought_after(last.as_ref(), READ_AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let ids = rows.iter().map(|row| row.token.clone()).collect();
            let tokens = self.store.rt_tokens_now(ids).await?;
            let going_on = tokens.into_iter().filter(|token| token.over_at >= end.0);
            let mut owners: Vec<String> = going_on.map(|token| token.owner).collect();
            owners.sort_unstable();
            owners.dedup();
            let mut new = Vec::new();
            for netid in owners {
                let happening = Happening {
                    // Of another day they are told anew.
                    event: format!("old strings end {} {days}", end.0),
                    netid,
                    at: now.0,
                    actor: Actor::Desk.code(),
                    detail: stored(end),
                    ..Happening::default()
                };
                let kind = NoticeKind::OldStringsEnd;
                new.extend(happening.by_each_channel(kind, &self.settings.notices, now));
            }
            self.add_all(&new).await?;
            last = rows.into_iter().next_back();
        }
    }
}

impl Desk {
    /// A person's tokens that work and end with their strings, by what they are for; none: strings
    /// end on another day than the one that is stored with a notice.
    pub(super) async fn ending_with_strings(
        &self,
        owner: &NetId,
        stored_end: &str,
        now: Moment,
    ) -> Result<Option<(Vec<TokenView>, Moment)>, Refusal> {
        let end = self.settings().rt_strings_end.filter(|end| stored(*end) == stored_end);
        let Some(end) = end else { return Ok(None) };
        let rows = self.inner.store.live_tokens_of(&[owner.to_string()], now).await?;
        let is_ended_by_it = |row: &TokenRecord| {
            row.rt_user.is_some() && row.expires.is_none_or(|expires| end.0 <= expires)
        };
        let mut tokens: Vec<TokenView> = rows
            .into_iter()
            .filter(is_ended_by_it)
            .map(|row| row.ending(Some(end)).view(now))
            .filter(|token| token.is_live(now))
            .collect();
        tokens.sort_by(|one, other| {
            one.description.cmp(&other.description).then_with(|| one.id.cmp(&other.id))
        });
        Ok(Some((tokens, end)))
    }
}

/// The day as a notice keeps it until it is sent.
fn stored(end: Moment) -> String {
    end.0.to_string()
}

/// What the owner of these tokens reads.
pub(super) fn words(tokens: &[TokenView], end: Moment) -> String {
    let named: Vec<String> =
        tokens.iter().take(NAMED).map(|token| format!("“{}”", token.description)).collect();
    let (named, many, end) = (named.join(", "), tokens.len(), end.exact());
    if many == 1 {
        return format!(
            "Your auth token {named} was made in Request Tracker: its string is taken until {end}, \
             and then no longer. Renew on Auth Tokens makes a new one in its place."
        );
    }
    let more = match many.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{many} auth tokens of yours were made in Request Tracker: {named}{more}. Their strings \
         are taken until {end}, and then no longer. Renew on Auth Tokens makes a new one in the \
         place of each."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, TokenId};

    #[test]
    fn the_first_few_are_named_and_the_others_counted() {
        let end = Moment::end_of_day("2027-06-30").expect("a day");
        let tokens = |many: usize| -> Vec<TokenView> {
            let made = |nth: usize| {
                let description = format!("cron {nth}");
                TokenView::made(TokenId::sample(), description, Access::Full, Moment(0))
            };
            (0..many).map(made).collect()
        };
        assert_eq!(
            words(&tokens(1), end),
            "Your auth token “cron 0” was made in Request Tracker: its string is taken until 30 \
             Jun 2027, 23:59 UTC, and then no longer. Renew on Auth Tokens makes a new one in its \
             place."
        );
        assert_eq!(
            words(&tokens(5), end),
            "5 auth tokens of yours were made in Request Tracker: “cron 0”, “cron 1”, “cron 2” \
             and 2 more. Their strings are taken until 30 Jun 2027, 23:59 UTC, and then no \
             longer. Renew on Auth Tokens makes a new one in the place of each."
        );
        let three = words(&tokens(3), end);
        assert!(three.contains("“cron 2”. Their strings"), "{three}");
    }
}
