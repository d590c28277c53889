//! Which tokens a person has: those that work, and those that ended less than [`SHOWN_DAYS`] ago.
//! What ended before that the hourly clean-up takes out ([`super::cleanup`]). Tests:
//! `desk/tests/desk/tokens.rs`.

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::sessions::visitor::Visitor;
use crate::engine::tokens::cleanup::{SHOWN_DAYS, clean_up_tokens};
use crate::engine::tokens::cleanup_old_strings::clean_up_old_strings;
use crate::engine::tokens::shared::subject;
use crate::{AuditAction, NetId, Refusal, TokenId, TokenView};

/// A list holds every token that works and of those that are over the latest, as many as may work
/// at once and this many more: so that all that a directory's word ended at once are in it, and
/// somebody whose script makes and revokes for months still gets a page that loads.
const SHOWN_OVER: u32 = 200;

impl Desk {
    /// The visitor's tokens, newest first, with their latest use and from which networks they were
    /// used.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn own_tokens(&self, visitor: &Visitor) -> Result<Vec<TokenView>, Refusal> {
        let mut tokens = self.tokens_by(visitor.netid()).await?;
        self.fill_in_networks(&mut tokens).await?;
        self.end_with_strings(&mut tokens);
        self.mark_waiting(&mut tokens, &visitor.user);
        Ok(tokens)
    }

    /// The subject's tokens, newest first. Never a secret. Who sees somebody else's has a row in
    /// the audit.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn tokens_of(
        &self,
        permit: &Permit<right::SeeTokensOf>,
    ) -> Result<Vec<TokenView>, Refusal> {
        self.inner
            .looks
            .note(permit.entry(AuditAction::TokenSee), &self.inner.store, self.now())
            .await;
        let owner = subject(permit)?;
        let mut tokens = self.tokens_by(&owner.person.netid).await?;
        self.fill_in_networks(&mut tokens).await?;
        self.end_with_strings(&mut tokens);
        self.mark_waiting(&mut tokens, owner);
        Ok(tokens)
    }

    pub(crate) async fn tokens_by(&self, owner: &NetId) -> Result<Vec<TokenView>, Refusal> {
        let (now, limit) = (self.now(), self.settings().tokens_per_user.saturating_add(SHOWN_OVER));
        let rows =
            self.inner.store.tokens_of(owner, now, now.plus_days(-SHOWN_DAYS), limit).await?;
        let mut tokens: Vec<TokenView> = rows.into_iter().map(|row| row.view(now)).collect();
        tokens.sort_by(|one, other| {
            other.created.cmp(&one.created).then_with(|| one.id.cmp(&other.id))
        });
        self.inner.usage.fill_in(&mut tokens);
        Ok(tokens)
    }

    /// One token of `owner`, over or not. Somebody else's is as unknown as none.
    pub(super) async fn owned(&self, owner: &NetId, id: &TokenId) -> Result<TokenView, Refusal> {
        let row = self.inner.store.token(id).await?;
        row.filter(|row| row.owner == owner.as_str())
            .map(|row| row.view(self.now()))
            .ok_or(Refusal::TokenUnknown)
    }

    /// The token's view for the one who just made it, after a page without script was loaded anew.
    pub(crate) async fn own_token(
        &self,
        visitor: &Visitor,
        id: &TokenId,
    ) -> Result<TokenView, Refusal> {
        self.owned(visitor.netid(), id).await
    }
}

impl Console {
    /// Takes out what ended long ago, as the hourly clean-up does, by the clock as it is; answers
    /// how many tokens. For an operator who would not wait.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn clean_up_tokens(&self) -> Result<u32, Refusal> {
        let (store, now) = (&self.inner.store, self.now());
        let ended = clean_up_tokens(store, now, now).await?;
        Ok(ended + clean_up_old_strings(store, self.settings().rt_strings_end, now, now).await?)
    }
}
