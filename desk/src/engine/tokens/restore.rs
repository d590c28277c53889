//! Letting tokens work again that a directory's word had ended. Who may: an administrator, by [`right::SetDisabled`]. Tests:
//! `desk/tests/desk/directory/leaving.rs`, `desk/tests/desk/token_limits.rs`.

use crate::engine::authz::permit::{Permit, right};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::tokens::shared::subject;
use crate::store::change::Change;
use crate::store::tokens;
use crate::{AuditAction, Denied, Refusal, TokenId};

impl Desk {
    /// Lets the subject's tokens work again that were revoked within 90 days because a directory no longer had them, or no longer
    /// let them have tokens; answers how many. Those that they or the Help Desk revoked stay revoked.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where the subject is disabled or not privileged, [`Refusal::TooManyTokens`],
    /// [`Refusal::ChangedMeanwhile`], [`Refusal::Unavailable`].
    pub async fn restore_tokens(&self, permit: &Permit<right::SetDisabled>) -> Result<u32, Refusal> {
        let subject = subject(permit)?;
        let owner = &subject.person.netid;
        let entry = permit.entry(AuditAction::TokenRestore);
        let denied = if subject.person.disabled {
            Some(Denied::SubjectDisabled)
        } else {
            (!subject.person.privileged).then_some(Denied::SubjectNotPrivileged)
        };
        let now = self.now();
        if let Some(denied) = denied {
            self.inner.store.commit(Change::default().audited(entry.refused(denied.code())), now).await?;
            return Err(denied.into());
        }
        let all = self.tokens_by(owner).await?;
        let back: Vec<&TokenId> = all.iter().filter(|token| token.is_restorable(now)).map(|token| &token.id).collect();
        if back.is_empty() {
            return Ok(0);
        }
        let entry = entry.detailed(counted(back.len(), "token"));
        let change = tokens::restore(owner, &back).with(self.within_limit(owner, now));
        self.commit_tokens(permit.premised(change).audited(entry), now).await?;
        Ok(u32::try_from(back.len()).unwrap_or(u32::MAX))
    }
}
