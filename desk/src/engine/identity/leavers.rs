//! How many people an identity system may take away in an hour: one with a fault, or whoever has
//! its token, must not end everybody's tokens in a minute. What is beyond is refused, said loudly,
//! and may be tried again later. Tests: `desk/tests/desk/directory/leavers.rs`, by HTTP
//! `server/tests/server/scim/mod.rs`.

use std::collections::BTreeSet;

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::doors::{SourceDoor, source};
use crate::engine::identity::push_error::{Loss, PushError};
use crate::engine::log_limiter::LogLimiter;
use crate::engine::origin::Origin;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::identity;
use crate::{Actor, AuditAction, NetId, Refusal, Source};

/// For how long leavers are counted together, in milliseconds.
const WINDOW: i64 = 3_600_000;

/// Who has been here for so many days is one of those of whom a share may leave: whoever has the
/// token can make as many people as they like, and would make the share as large as they like.
const KNOWN_FOR_DAYS: i64 = 1;

/// So many may always leave: a share of a few people is next to none.
const AT_LEAST: u64 = 10;

/// A line a second while an identity system goes on trying.
static REFUSED: LogLimiter = LogLimiter::new(1);

impl Desk {
    /// The condition that an identity system takes away no more people in an hour than it may.
    /// These, whoever of them is not counted yet, and so many `still` to come.
    pub(crate) async fn few_enough_leave(
        &self,
        leavers: &[NetId],
        still: u64,
    ) -> Result<Change, Refusal> {
        let limit = self.leavers_an_hour().await?;
        Ok(identity::count_leavers(leavers, still, limit, self.now(), WINDOW))
    }

    /// Those of these people who are counted already, in the hour that goes on.
    pub(crate) async fn counted_leavers(
        &self,
        netids: &[NetId],
    ) -> Result<BTreeSet<String>, Refusal> {
        match self.inner.store.leavers_since().await? {
            Some(since) if (self.now().0 - since.0).abs() < WINDOW => {
                let counted = self.inner.store.counted_leavers(netids, since).await?;
                Ok(counted.into_iter().collect())
            }
            _ => Ok(BTreeSet::new()),
        }
    }

    async fn leavers_an_hour(&self) -> Result<u64, Refusal> {
        let limit = self.settings().scim_max_leavers_per_hour;
        if limit.is_everybody() {
            return Ok(u64::MAX);
        }
        let now = self.now();
        let mut counted = self.inner.people_counted.lock().await;
        let people = match counted.filter(|(at, _)| (at.0 - now.0).abs() < WINDOW) {
            Some((_, people)) => people,
            None => {
                let before = now.plus_days(-KNOWN_FOR_DAYS);
                let people = self.inner.store.count_not_deleted_of(before).await?;
                *counted = Some((now, people));
                people
            }
        };
        let allowed = limit.of(people);
        Ok(if limit.is_share() { allowed.max(AT_LEAST) } else { allowed })
    }

    /// Writes down, and says, that an identity system would take away more than it may.
    pub(crate) async fn too_many_leave(
        &self,
        netid: &NetId,
        loss: &Loss,
        origin: &Origin,
    ) -> Result<PushError, Refusal> {
        let (now, most) = (self.now(), self.leavers_an_hour().await?);
        let since = self.inner.store.leavers_since().await?.unwrap_or(now);
        let seconds =
            u32::try_from((since.0 + WINDOW - now.0).max(0) / 1000 + 1).unwrap_or(u32::MAX);
        if let Some(left_out) = REFUSED.may_speak() {
            tracing::error!(
                %netid, most, seconds, left_out,
                "an identity system takes more people away than scim_max_leavers_per_hour: refused \
                 until then. If that is a mistake there, \
                 `latchkey token restore --departed-since 2h` brings back whom it has taken within \
                 two hours"
            );
        }
        // Of nobody in particular, so that those who follow are counted with it.
        let entry = entry(Actor::Source(Source::Scim), "", AuditAction::UserLeft, origin);
        self.inner
            .refusals
            .note(entry.refused(format!("more than {most} in an hour")), &self.inner.store, now)
            .await?;
        let (netid, loss) = (netid.clone(), loss.clone());
        Ok(PushError::TooManyLeaving { netid, loss, seconds, most })
    }
}

impl SourceDoor<source::Scim> {
    /// Commits what an identity system says, unless nobody would be left then who may give rights,
    /// or more would lose something than may: that is refused with `whom` it names, who would lose
    /// so much, and written down.
    pub(crate) async fn commit_push(
        &self,
        whom: (&NetId, &Loss),
        change: Change,
        origin: &Origin,
    ) -> Result<(), PushError> {
        let (netid, loss) = whom;
        match self.inner.store.commit(change, self.now()).await {
            Err(StoreError::Condition(Condition::LastAdministrator)) => {
                tracing::warn!(
                    %netid,
                    "an identity system would take the last enabled administrator away: they stay",
                );
                let entry = entry(
                    Actor::Source(Source::Scim),
                    netid.as_str(),
                    AuditAction::UserLeft,
                    origin,
                );
                // It asks again and again.
                let refused = entry.refused(Refusal::LastAdministrator.code());
                let noted = self.inner.refusals.note(refused, &self.inner.store, self.now());
                noted.await.map_err(Refusal::from)?;
                Err(PushError::LastAdministrator(netid.clone()))
            }
            Err(StoreError::Condition(Condition::CalledSo)) => Err(PushError::CalledSo),
            Err(StoreError::Condition(Condition::TooManyLeavers)) => {
                Err(self.too_many_leave(netid, loss, origin).await?)
            }
            other => Ok(other.map_err(Refusal::from)?),
        }
    }
}
