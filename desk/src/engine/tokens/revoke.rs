//! Revoking tokens: one's own, another's, or the one that somebody holds in the hand. Tests:
//! `desk/tests/desk/tokens.rs`, `races.rs`, `clients.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::authz::permit::{MayRevoke, Permit, right};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::origin::Origin;
use crate::engine::request_tracker::old_string::Presented;
use crate::engine::secret::PlainToken;
use crate::engine::tokens::named::named;
use crate::engine::tokens::shared::subject;
use crate::engine::verify::stranger_gate::{OpenGate, StrangerGate};
use crate::store::change::{AuditEntry, Change};
use crate::store::error::{Condition, StoreError};
use crate::store::tokens;
use crate::{Actor, AuditAction, Moment, NetId, Refusal, TokenId};

/// How often tokens are counted again of which another was made, or ended, meanwhile.
const MAX_RACES: u32 = 20;

impl Desk {
    /// Revokes one token of the subject's (or the actor's own). It is refused from the next request
    /// on.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`] where it is revoked already,
    /// [`Refusal::Unavailable`].
    pub async fn revoke_token<R: MayRevoke>(
        &self,
        permit: &Permit<R>,
        id: &str,
    ) -> Result<(), Refusal> {
        let owner = &subject(permit)?.person.netid;
        let id = TokenId::parse(id)?;
        let entry = permit.entry(AuditAction::TokenRevoke);
        self.revoke(owner, permit.premised(Change::default()), entry, &id).await
    }

    /// A token revokes itself: the one thing it may do at the desk.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::Unavailable`].
    pub async fn revoke_itself(&self, token: &PlainToken, origin: &Origin) -> Result<(), Refusal> {
        self.revoke_itself_presented(token.expose(), origin).await
    }

    /// As [`Desk::revoke_itself`], of whatever was presented as a token: one of Latchkey's, or a
    /// string of Request Tracker's.
    ///
    /// # Errors
    /// As [`Desk::revoke_itself`].
    pub async fn revoke_itself_presented(
        &self,
        token: &str,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        self.revoke_presented(&OpenGate, token, Actor::Token, origin).await
    }

    /// Revokes a token that somebody holds in the hand, which is right enough to end it.
    pub(crate) async fn revoke_presented(
        &self,
        gate: &dyn StrangerGate,
        token: &str,
        actor: Actor,
        origin: &Origin,
    ) -> Result<(), Refusal> {
        let presented = Presented::read(token).ok_or(Refusal::TokenUnknown)?;
        // By the same way as verify: what is nobody's is asked about once, and not at all while too
        // many such come.
        let known = self.find_presented(&presented, gate, Some(origin.address), self.now()).await?;
        let id = known.ok_or(Refusal::TokenUnknown)?.principal.id.clone();
        let row = self.inner.store.token(&id).await?;
        let owner = NetId::parse(&row.ok_or(Refusal::TokenUnknown)?.owner)
            .map_err(|_| Refusal::TokenUnknown)?;
        let entry = entry(actor, owner.as_str(), AuditAction::TokenRevoke, origin);
        self.revoke(&owner, Change::default(), entry, &id).await
    }

    async fn revoke(
        &self,
        owner: &NetId,
        premised: Change,
        entry: AuditEntry,
        id: &TokenId,
    ) -> Result<(), Refusal> {
        let token = self.owned(owner, id).await?;
        if token.revoked.is_some() {
            return Err(Refusal::TokenOver);
        }
        let now = self.now();
        let revocation = tokens::revoke(owner, &entry.actor, id, now);
        let entry = entry.detailed(named(id, &token.description));
        Ok(self.inner.store.commit(premised.with(revocation).audited(entry), now).await?)
    }

    /// Revokes every token of the subject's (or the actor's own) that works when this is written;
    /// answers how many. Those that ended with Request Tracker's strings are among them: the
    /// operator may yet put that day off.
    ///
    /// # Errors
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn revoke_all_tokens<R: MayRevoke>(
        &self,
        permit: &Permit<R>,
    ) -> Result<u32, Refusal> {
        let owner = &subject(permit)?.person.netid;
        for _ in 0..MAX_RACES {
            let now = self.now();
            let live =
                self.tokens_by(owner).await?.iter().filter(|token| token.is_live(now)).count();
            match self.inner.store.commit(revocation_of_all(permit, owner, live, now), now).await {
                // Another was made, or ended, since they were counted.
                Err(StoreError::Condition(Condition::Stale)) => {}
                other => return Ok(other.map(|()| u32::try_from(live).unwrap_or(u32::MAX))?),
            }
        }
        Err(Refusal::ChangedMeanwhile)
    }

    /// Revokes those of the actor's own tokens that nobody has used for [`crate::IDLE_DAYS`];
    /// answers how many.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn revoke_idle_tokens(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
    ) -> Result<u32, Refusal> {
        let owner = &subject(permit)?.person.netid;
        let now = self.now();
        let mut all = self.tokens_by(owner).await?;
        self.end_with_strings(&mut all);
        let idle: Vec<&TokenId> =
            all.iter().filter(|token| token.is_idle(now)).map(|token| &token.id).collect();
        if !idle.is_empty() {
            let detail = match idle.len() {
                1 => format!("the only one unused for {} days", crate::IDLE_DAYS),
                more => format!("{} unused for {} days", all_of(more), crate::IDLE_DAYS),
            };
            let entry = permit.entry(AuditAction::TokenRevoke).detailed(detail);
            let change = permit.premised(tokens::revoke_each(owner, &permit.actor(), &idle, now));
            self.inner.store.commit(change.audited(entry), now).await?;
        }
        Ok(u32::try_from(idle.len()).unwrap_or(u32::MAX))
    }
}

/// Of several tokens.
fn all_of(count: usize) -> String {
    format!("all {}", counted(count, "token"))
}

/// What revokes all of a person's tokens, who has so many that work. Of none there is nothing to be
/// written down, but who has lost the right is told so, and that there is none is made sure of.
fn revocation_of_all<R: MayRevoke>(
    permit: &Permit<R>,
    owner: &NetId,
    live: usize,
    now: Moment,
) -> Change {
    let change = permit.premised(tokens::revoke_all(owner, &permit.actor(), live, now));
    if live == 0 {
        return change;
    }
    let words = if live == 1 { "the only token".to_owned() } else { all_of(live) };
    change.audited(permit.entry(AuditAction::TokenRevoke).detailed(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::desk_for_tests::{demo_desk, new_token, permit_of_tia};

    #[tokio::test]
    async fn all_are_those_that_work_when_it_is_written_and_not_when_they_were_counted() {
        let (desk, _) = demo_desk().await;
        let permit = permit_of_tia(&desk).await;
        desk.revoke_all_tokens(&permit).await.expect("those of the demo");
        let owner = subject(&permit).expect("hers").person.netid.clone();
        let counted_before = revocation_of_all(&permit, &owner, 0, desk.now());
        desk.create_token(&permit, new_token("made meanwhile")).await.expect("made");
        assert!(matches!(
            desk.inner.store.commit(counted_before, desk.now()).await,
            Err(StoreError::Condition(Condition::Stale))
        ));
        assert_eq!(desk.revoke_all_tokens(&permit).await, Ok(1));
        assert_eq!(desk.revoke_all_tokens(&permit).await, Ok(0));
    }
}
