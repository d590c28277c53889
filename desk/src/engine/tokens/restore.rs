//! Letting tokens work again that a directory's word had ended: those of the person who has the
//! NetID now. A NetID is given away again, and a token that the one before still has must not come
//! to stand for the one who has it now. Who may: an administrator, by [`right::SetDisabled`]; that
//! two who seem to be two are one, only the operator says. Tests:
//! `desk/tests/desk/directory/{leaving,restoring}.rs`, `desk/tests/desk/token_limits.rs`.

use crate::engine::authz::permit::{Permit, right};
use crate::engine::counted::counted;
use crate::engine::desk::Desk;
use crate::engine::doors::Console;
use crate::engine::tokens::shared::subject;
use crate::store::as_read::only_as_read;
use crate::store::change::{AuditEntry, Change};
use crate::store::rows::User;
use crate::store::tokens;
use crate::{AuditAction, Denied, Refusal, TokenId, TokenView};

/// Whose tokens work again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Those of whom it is known.
    ThePersonKnown,
    /// All, by the operator's word that it is one person.
    OnePersonByOperator,
}

impl Desk {
    /// Lets the subject's tokens work again that were revoked within 90 days because a directory no
    /// longer had them, or no longer let them have tokens; answers how many. Those that they or the
    /// Help Desk revoked stay revoked, and those of somebody who had the NetID before.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] where the subject is disabled or not privileged,
    /// [`Refusal::TokensOfAnother`], [`Refusal::TooManyTokens`], [`Refusal::ChangedMeanwhile`],
    /// [`Refusal::Unavailable`].
    pub async fn restore_tokens(
        &self,
        permit: &Permit<right::SetDisabled>,
    ) -> Result<u32, Refusal> {
        self.restore(permit, Of::ThePersonKnown).await
    }

    async fn restore(&self, permit: &Permit<right::SetDisabled>, of: Of) -> Result<u32, Refusal> {
        let subject = subject(permit)?;
        let owner = &subject.person.netid;
        let entry = permit.entry(AuditAction::TokenRestore);
        let denied = if subject.person.disabled {
            Some(Denied::SubjectDisabled)
        } else {
            (!subject.person.privileged).then_some(Denied::SubjectNotPrivileged)
        };
        if let Some(denied) = denied {
            return self.refuse_restoring(entry, denied.into()).await;
        }
        let now = self.now();
        let mut all = self.tokens_by(owner).await?;
        self.end_with_strings(&mut all);
        all.retain(|token| token.is_restorable(now));
        if of == Of::ThePersonKnown {
            match theirs(subject, all) {
                Ok(theirs) => all = theirs,
                Err(refusal) => return self.refuse_restoring(entry, refusal).await,
            }
        }
        let back: Vec<&TokenId> = all.iter().map(|token| &token.id).collect();
        if back.is_empty() {
            return Ok(0);
        }
        let note =
            if of == Of::OnePersonByOperator { ", said to be the same person’s" } else { "" };
        let entry = entry.detailed(format!("{}{note}", counted(back.len(), "token")));
        // Whose they are was judged by who the subject is, too: their name, their address.
        let change = only_as_read(owner, Some(subject))
            .with(tokens::restore(owner, &back))
            .with(self.within_limit(owner, now));
        self.commit_tokens(permit.premised(change).audited(entry), now).await?;
        Ok(u32::try_from(back.len()).unwrap_or(u32::MAX))
    }

    async fn refuse_restoring(&self, entry: AuditEntry, refusal: Refusal) -> Result<u32, Refusal> {
        self.inner
            .store
            .commit(Change::default().audited(entry.refused(refusal.code())), self.now())
            .await?;
        Err(refusal)
    }
}

impl Console {
    /// As [`Desk::restore_tokens`], by the operator's word that whoever had the NetID before is the
    /// one who has it now.
    ///
    /// # Errors
    /// As [`Desk::restore_tokens`], but for [`Refusal::TokensOfAnother`].
    pub async fn restore_tokens_of_same_person(
        &self,
        permit: &Permit<right::SetDisabled>,
    ) -> Result<u32, Refusal> {
        self.restore(permit, Of::OnePersonByOperator).await
    }
}

/// Of restorable tokens those that are known to be the person's: where who left may be another,
/// none; and none that was revoked before somebody last left, which may be those of one who had the
/// NetID before that. Pure.
fn theirs(user: &User, mut tokens: Vec<TokenView>) -> Result<Vec<TokenView>, Refusal> {
    let Some(former) = user.former.as_ref().filter(|_| !tokens.is_empty()) else {
        return Ok(tokens);
    };
    let now = user.holder();
    if former.who.may_be_another(&now) {
        return Err(Refusal::TokensOfAnother {
            netid: user.person.netid.to_string(),
            then: former.who.to_string(),
            now: now.to_string(),
        });
    }
    tokens.retain(|token| token.revoked.as_ref().is_some_and(|revoked| revoked.at >= former.at));
    Ok(tokens)
}
