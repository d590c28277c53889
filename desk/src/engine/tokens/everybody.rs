//! Everybody's tokens, for whoever looks after them all: which expire, lie idle, never end, may do
//! everything. They are read some people's after others', so that a million people cost no memory;
//! where only an end is asked for and few have it, by that end. Each look has its row in the audit.
//! Never a secret. What may be asked is in `review.rs`. Tests: `desk/tests/desk/everybody.rs` and
//! `officer.rs`.

use std::collections::HashMap;

use crate::engine::audit::entry::entry;
use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::tokens::review::{Facts, TokenQuery, TokenReason};
use crate::store::change::{AuditEntry, Change};
use crate::store::rows::TokenRecord;
use crate::store::token_list::{EndsPlace, OwnerRecord};
use crate::{Actor, AuditAction, Moment, NetId, Refusal, Role, TokenView};

/// People whose tokens are read at once.
const PEOPLE: u32 = 200;

/// How often people are read for one page: then it says how far it looked.
const READS_A_PAGE: usize = 10;

/// How many tokens a page has, and the rest of those of whose it ends with.
const TOKENS_A_PAGE: usize = 50;

/// How many tokens are read by their end: where there are more, people have them in every page
/// anyway.
const READ_BY_END: i64 = 2000;

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

impl FoundTokens {
    /// Whether few fit, and not everybody was looked at yet.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.next.is_some() && self.tokens.len() < TOKENS_A_PAGE
    }

    /// Leaves what a page has, with all of the last one's; answers whether it is full.
    fn fill_page(&mut self) -> bool {
        let Some(last) = self.tokens.get(TOKENS_A_PAGE - 1).map(|found| found.owner.clone()) else {
            return false;
        };
        let rest = self.tokens.iter().skip(TOKENS_A_PAGE).position(|found| found.owner != last);
        if let Some(of_the_last) = rest {
            self.tokens.truncate(TOKENS_A_PAGE + of_the_last);
            self.next = Some(last.to_string());
        }
        true
    }
}

impl Desk {
    /// A page of the tokens of everybody that are asked for, of the people after `after` (as
    /// [`FoundTokens::next`] said; empty: of the first). The first look of a day by each question
    /// has its row in the audit.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn review_tokens(
        &self,
        permit: &Permit<right::ReviewTokens>,
        query: &TokenQuery,
        after: &str,
    ) -> Result<FoundTokens, Refusal> {
        let row = look(permit.actor(), query, permit.origin());
        self.inner.looks.note(row, &self.inner.store, self.now()).await;
        let mut page = FoundTokens { tokens: Vec::new(), next: Some(after.to_owned()) };
        for nth in 0..READS_A_PAGE {
            let Some(after) = page.next.take() else { break };
            let FoundTokens { tokens, next } = self.found_after(query, &after, nth == 0).await?;
            page.tokens.extend(tokens);
            page.next = next;
            if page.fill_page() {
                break;
            }
        }
        Ok(page)
    }

    /// Writes down that the tokens of everybody are taken away as a file, each time: what is read
    /// follows ([`Desk::tokens_for_file`]). Without its row there is no file.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn begin_token_file(
        &self,
        permit: &Permit<right::ReviewTokens>,
        query: &TokenQuery,
        format: &str,
    ) -> Result<(), Refusal> {
        let row = look(permit.actor(), query, permit.origin());
        let detail = format!("{format}: {}", row.detail);
        let change = Change::default().audited(row.detailed(detail));
        Ok(self.inner.store.commit(change, self.now()).await?)
    }

    /// The tokens that are asked for, of the next people after `after`, for a file that was begun.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn tokens_for_file(
        &self,
        _permit: &Permit<right::ReviewTokens>,
        query: &TokenQuery,
        after: &str,
    ) -> Result<FoundTokens, Refusal> {
        self.found_after(query, after, after.is_empty()).await
    }

    /// The tokens that are asked for, of the next people after `after`. `by_end`: all that are
    /// left, where they are found by their end and are few.
    async fn found_after(
        &self,
        query: &TokenQuery,
        after: &str,
        by_end: bool,
    ) -> Result<FoundTokens, Refusal> {
        let now = self.now();
        if by_end && let Some(tokens) = self.found_by_end(query, after, now).await? {
            return Ok(FoundTokens { tokens, next: None });
        }
        let store = &self.inner.store;
        let owners = match &query.owner {
            Some(owner) => store.owners_named(&[owner.to_string()]).await?,
            None => store.owners_after(after, PEOPLE).await?,
        };
        let is_last = query.owner.is_some() || owners.len() < PEOPLE as usize;
        let next = owners.last().map(|owner| owner.netid.clone()).filter(|_| !is_last);
        let owners = wanted_of(query, owners);
        let netids: Vec<String> = owners.keys().cloned().collect();
        let mut rows = Vec::new();
        if !netids.is_empty() {
            rows = store.live_tokens_of(&netids, now).await?;
            if query.asks_for_expired() {
                rows.extend(store.expired_tokens_of(&netids, now).await?);
            }
        }
        Ok(FoundTokens { tokens: self.found(query, &owners, rows, now), next })
    }

    /// All that are asked for of the people after `after`, where only an end is asked for, and few
    /// end by then; none: they are not found so. Where old strings end within that time, tokens end
    /// with them that have no such end of their own.
    async fn found_by_end(
        &self,
        query: &TokenQuery,
        after: &str,
        now: Moment,
    ) -> Result<Option<Vec<FoundToken>>, Refusal> {
        let Some((from, until)) = query.ends_between(now).filter(|_| query.owner.is_none()) else {
            return Ok(None);
        };
        if self.settings().rt_strings_end.is_some_and(|end| from < end && end <= until) {
            return Ok(None);
        }
        let store = &self.inner.store;
        let place = EndsPlace::after(from);
        let (mut rows, _) = store.tokens_ending(place, until, READ_BY_END + 1).await?;
        if rows.len() > usize::try_from(READ_BY_END).unwrap_or_default() {
            return Ok(None);
        }
        rows.retain(|row| row.owner.as_str() > after);
        let mut netids: Vec<String> = rows.iter().map(|row| row.owner.clone()).collect();
        netids.sort_unstable();
        netids.dedup();
        let owners = if netids.is_empty() {
            HashMap::new()
        } else {
            wanted_of(query, store.owners_named(&netids).await?)
        };
        Ok(Some(self.found(query, &owners, rows, now)))
    }

    /// Those of the rows that are asked for, in their order.
    fn found(
        &self,
        query: &TokenQuery,
        owners: &HashMap<String, OwnerRecord>,
        rows: Vec<TokenRecord>,
        now: Moment,
    ) -> Vec<FoundToken> {
        let usage = &self.inner.usage;
        let (of, mut views): (Vec<_>, Vec<TokenView>) = rows
            .into_iter()
            .map(|row| ((row.owner.clone(), row.methods_since, row.wrote), row.view(now)))
            .unzip();
        self.end_with_strings(&mut views);
        usage.fill_in(&mut views);
        let found =
            |((owner, since, wrote), token): ((String, Option<i64>, Option<bool>), TokenView)| {
                let unwritten = usage.unwritten(&token.id);
                let has_written =
                    wrote == Some(true) || unwritten.is_some_and(|(_, has_written)| has_written);
                let since = since.map(Moment).or(unwritten.map(|(at, _)| at));
                let facts = Facts {
                    token: &token,
                    only_read_since: since.filter(|_| !has_written),
                    owner_disabled: owners.get(&owner)?.disabled,
                    ends_with_strings: self.ends_with_strings(&token),
                };
                let reasons = query.reasons(&facts, now)?;
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
        tokens
    }
}

/// Those of the people whose tokens are asked for.
fn wanted_of(query: &TokenQuery, owners: Vec<OwnerRecord>) -> HashMap<String, OwnerRecord> {
    let has_role = |owner: &OwnerRecord| {
        query.role.is_none_or(|role| Role::parse(&owner.role).is_ok_and(|theirs| theirs == role))
    };
    owners.into_iter().filter(has_role).map(|owner| (owner.netid.clone(), owner)).collect()
}

/// The row of somebody who looks at everybody's tokens, or at one person's.
fn look(by: Actor, query: &TokenQuery, origin: &Origin) -> AuditEntry {
    let (subject, action) = match &query.owner {
        Some(owner) => (owner.as_str(), AuditAction::TokenSee),
        None => ("", AuditAction::TokenReview),
    };
    entry(by, subject, action, origin).detailed(query.words())
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
        let row = look(Actor::Console, query, &Origin::console());
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
        self.found_after(query, after, after.is_empty()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, TokenId};

    fn found(owners: &[(&str, usize)]) -> FoundTokens {
        let token = |owner: &str| FoundToken {
            owner: NetId::parse(owner).expect("a NetID"),
            token: TokenView::made(
                TokenId::of("0a".repeat(32)),
                "backup".to_owned(),
                Access::Read,
                Moment(0),
            ),
            reasons: Vec::new(),
        };
        let tokens =
            owners.iter().flat_map(|(owner, many)| std::iter::repeat_n(token(owner), *many));
        FoundTokens { tokens: tokens.collect(), next: None }
    }

    #[test]
    fn a_page_ends_with_all_of_somebodys_and_goes_on_after_them() {
        for (owners, is_full, left, next) in [
            (&[("ada", 20), ("tia", 29)][..], false, 49, None),
            (&[("ada", 20), ("tia", 30)], true, 50, None),
            (&[("ada", 20), ("tia", 60)], true, 80, None),
            (&[("ada", 20), ("tia", 30), ("zoe", 1)], true, 50, Some("tia")),
            (&[("ada", 20), ("tia", 60), ("zoe", 1)], true, 80, Some("tia")),
        ] {
            let mut page = found(owners);
            assert_eq!(page.fill_page(), is_full, "{owners:?}");
            assert_eq!((page.tokens.len(), page.next.as_deref()), (left, next), "{owners:?}");
            assert!(!page.is_cut_short());
        }
        let sparse = FoundTokens { next: Some("tia".to_owned()), ..found(&[("ada", 1)]) };
        assert!(sparse.is_cut_short());
    }
}
