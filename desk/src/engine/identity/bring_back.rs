//! Bringing back those whom a source took away by mistake, many at once: an identity system with a
//! fault, or whoever had its token. Each in a transaction of their own, with its audit rows;
//! nothing is done twice where it is broken off and begun anew. What they lost besides, role and
//! local password, they do not get back by it. Tests: `desk/tests/desk/directory/bring_back.rs`.

use serde::Serialize;

use crate::engine::audit::entry::entry;
use crate::engine::counted::counted;
use crate::engine::doors::Console;
use crate::engine::identity::provision::MAX_TRIES;
use crate::engine::origin::Origin;
use crate::store::as_read::only_as_read;
use crate::store::rows::User;
use crate::store::{identity, tokens};
use crate::{Actor, AuditAction, Moment, NetId, Refusal, Source, TokenId};

/// Somebody who is back, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BroughtBack {
    /// Whose account is enabled again.
    pub netid: NetId,
    /// When they were taken away.
    pub departed_at: Moment,
    /// How many tokens work again: all that its word revoked, however many one person may make.
    pub tokens: u32,
}

impl Console {
    /// Brings back everybody whom `source` alone has disabled at `since` or later, with the tokens
    /// that its word revoked then. With `dry_run` nothing is done.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`]; who was brought back until then
    /// stays so.
    pub async fn bring_back(
        &self,
        source: Source,
        since: Moment,
        dry_run: bool,
    ) -> Result<Vec<BroughtBack>, Refusal> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let (gone, next) = self.inner.store.departed_since(&after, source, since).await?;
            for user in gone {
                all.extend(self.bring_one_back(user, source, since, dry_run).await?);
            }
            match next {
                Some(last) => after = last,
                None => return Ok(all),
            }
        }
    }

    /// Brings somebody back, as they are now where somebody else changes them at this moment; none:
    /// they are no longer gone by that.
    async fn bring_one_back(
        &self,
        mut user: User,
        source: Source,
        since: Moment,
        dry_run: bool,
    ) -> Result<Option<BroughtBack>, Refusal> {
        for _ in 0..=MAX_TRIES {
            match self.bring_back_as_read(&user, source, dry_run).await {
                Err(Refusal::ChangedMeanwhile) => {}
                done => return done,
            }
            match self.inner.store.user(&user.person.netid).await? {
                Some(again) if again.is_gone_since(source, since) => user = again,
                _ => return Ok(None),
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    async fn bring_back_as_read(
        &self,
        user: &User,
        source: Source,
        dry_run: bool,
    ) -> Result<Option<BroughtBack>, Refusal> {
        let (netid, now) = (&user.person.netid, self.now());
        let Some(departed_at) = user.departed_at.map(Moment) else { return Ok(None) };
        let all = self.tokens_by(netid).await?;
        let then = |token: &&crate::TokenView| {
            let by_it = token.revoked.as_ref().is_some_and(|revoked| {
                revoked.by == Actor::Source(source) && revoked.at >= departed_at
            });
            by_it && token.is_restorable(now)
        };
        let ids: Vec<&TokenId> = all.iter().filter(then).map(|token| &token.id).collect();
        let tokens = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let back = BroughtBack { netid: netid.clone(), departed_at, tokens };
        if dry_run {
            return Ok(Some(back));
        }
        let row = |action| entry(Actor::Console, netid.as_str(), action, &Origin::console());
        let words = "by the operator, who undoes that they left";
        let mut change = only_as_read(netid, Some(user))
            .with(identity::bring_back(netid, source))
            .audited(row(AuditAction::UserReturned).detailed(words));
        if source == Source::Scim {
            // Whoever is back leaves the hour to others.
            change = change.with(identity::uncount_leaver(netid));
        }
        if !ids.is_empty() {
            let restored = row(AuditAction::TokenRestore).detailed(counted(ids.len(), "token"));
            change = change.with(tokens::restore(netid, &ids)).audited(restored);
        }
        self.inner.store.commit(change, now).await?;
        Ok(Some(back))
    }
}
