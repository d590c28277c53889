//! What a proxy says of somebody with every request is heard with every request: whoever was taken
//! out of a group has the rights of those they are in still from the next request on, and not from
//! the next log-in. Where nothing differs, nothing is written, and where it differs with each
//! request ([`super::alternating`]), only what is taken. Tests: by HTTP
//! `server/tests/server/people/following.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::desk::Desk;
use crate::engine::identity::assertion::Assertion;
use crate::engine::identity::binding::may_open;
use crate::engine::identity::decision::decide;
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::person_change::{PersonChange, PrivilegeStep};
use crate::engine::identity::provision::Provision;
use crate::engine::log_limiter::LogLimiter;
use crate::engine::origin::Origin;
use crate::engine::secret::Cookie;
use crate::engine::sessions::visitor::Visitor;
use crate::store::error::{Condition, StoreError};
use crate::{Actor, AuditAction, Refusal, Source};

/// How often a visitor is looked at again who was changed by somebody else at the same moment.
const MAX_TRIES: u32 = 5;

/// The code of the rows that tell of rights that were given to requests alone.
const ALTERNATES: &str = "groups-alternate";

/// A line a second of people of whom one thing is said and then another.
static ALTERNATING: LogLimiter = LogLimiter::new(1);

/// A line a second of the administrator who stays one.
static KEPT: LogLimiter = LogLimiter::new(1);

impl Desk {
    /// The visitor with the rights that the groups give of which `source` speaks with this request.
    /// Name and address are taken over at the next log-in. An account that the campus log-in may
    /// not open stays as it is.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`] where the session ends with a right that is lost;
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn follow(
        &self,
        mut visitor: Visitor,
        cookie: &Cookie,
        who: &ExternalIdentity,
        source: Source,
        origin: &Origin,
    ) -> Result<Visitor, Refusal> {
        for _ in 0..MAX_TRIES {
            let Some(change) = self.other_rights(&visitor, who, source) else { return Ok(visitor) };
            let is_given = change.role.is_raised() || change.privilege.step.gives();
            let may_give =
                !is_given || self.inner.alternating.may_give(visitor.netid(), self.now());
            let taken = change.without_what_is_given();
            if !may_give && !differs(&taken) {
                self.note_alternating(&visitor, &change, source, origin).await?;
                return Ok(visitor.with_rights(change.role.to, change.privilege.to));
            }
            let change = if may_give { change } else { taken };
            match self.give_rights(&change, source, origin).await {
                Err(StoreError::Condition(Condition::LastAdministrator)) => {
                    self.keep_last_administrator(&visitor, source, origin).await?;
                    let rest = change.keeping_role();
                    if !differs(&rest) {
                        return Ok(visitor);
                    }
                    self.give_rights(&rest, source, origin).await?;
                    return self.glance(cookie).await;
                }
                // What is given waits until there is room; what is taken is written all the same.
                Err(StoreError::NearlyFull) => return Ok(visitor),
                Ok(()) | Err(StoreError::Condition(Condition::Stale)) => {
                    visitor = self.glance(cookie).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    /// What becomes of the visitor's rights by these groups; none: nothing.
    fn other_rights(
        &self,
        visitor: &Visitor,
        who: &ExternalIdentity,
        source: Source,
    ) -> Option<PersonChange> {
        let user = &visitor.user;
        // Who has a NetID password here has logged in with it, perhaps; that is taken over at a
        // log-in by the proxy alone.
        if who.groups.is_none()
            || user.netid_hash.is_some()
            || may_open(user, source, None).is_err()
        {
            return None;
        }
        let groups = ExternalIdentity {
            netid: who.netid.clone(),
            groups: who.groups.clone(),
            ..ExternalIdentity::default()
        };
        let change = decide(
            visitor.netid(),
            Some(user),
            &Assertion::present(&groups, source),
            &self.provision_rules(),
        );
        differs(&change).then_some(change)
    }

    async fn give_rights(
        &self,
        change: &PersonChange,
        source: Source,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let Some(written) = Provision::by(source).with(change, origin).change(now) else {
            return Ok(());
        };
        let loses = change.role.is_lowered() || change.privilege.step.deprives();
        self.inner
            .store
            .commit(if loses { written.even_if_nearly_full() } else { written }, now)
            .await
    }

    /// Says and writes down that rights were given to this request alone. What repeats is counted.
    async fn note_alternating(
        &self,
        visitor: &Visitor,
        change: &PersonChange,
        source: Source,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let netid = visitor.netid();
        if let Some(left_out) = ALTERNATING.may_speak() {
            tracing::warn!(
                %netid, %source, left_out,
                "one thing is said of this person's groups with one request and another with the \
                    next: each has the rights of its own, and they are not written down each time",
            );
        }
        let what = if change.role.is_raised() {
            AuditAction::UserRole
        } else {
            AuditAction::UserPrivileged
        };
        let row = entry(Actor::Source(source), netid.as_str(), what, origin).refused(ALTERNATES);
        match self.inner.refusals.note(row, &self.inner.store, self.now()).await {
            // It was given to nobody else: the request is answered without it too.
            Ok(()) | Err(StoreError::NearlyFull) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Says, and writes down, that the last enabled administrator stays one whatever the groups
    /// say. What repeats is counted.
    async fn keep_last_administrator(
        &self,
        visitor: &Visitor,
        source: Source,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let netid = visitor.netid();
        if let Some(left_out) = KEPT.may_speak() {
            tracing::warn!(
                %netid, %source, left_out,
                "the groups would take the last enabled administrator’s role: it is kept",
            );
        }
        let entry = entry(Actor::Source(source), netid.as_str(), AuditAction::UserRole, origin);
        Ok(self
            .inner
            .refusals
            .note(entry.refused(Refusal::LastAdministrator.code()), &self.inner.store, self.now())
            .await?)
    }
}

/// Whether a right is another one with it.
fn differs(change: &PersonChange) -> bool {
    change.role.from != Some(change.role.to)
        || !matches!(change.privilege.step, PrivilegeStep::Kept | PrivilegeStep::KeptPending)
}
