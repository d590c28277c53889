//! Making tokens, and making one in the place of another. A person has a limited number that work,
//! and makes a limited number a minute: both are looked at in the transaction that makes them,
//! after the permit's premise has written the person's row, so that of many at once, on whichever
//! nodes, each sees the one before. Tests: `desk/tests/desk/tokens.rs`, `token_renewal.rs`,
//! `token_limits.rs`.

use crate::engine::authz::permit::{Permit, right};
use crate::engine::desk::Desk;
use crate::engine::secret::PlainToken;
use crate::engine::tokens::named::named;
use crate::engine::tokens::shared::subject;
use crate::store::change::Change;
use crate::store::tokens;
use crate::{
    Access, AuditAction, Description, Expires, GracePeriod, Moment, NetId, Networks, Refusal,
    TokenId, TokenView, UseDays,
};

/// What a person says of a token they make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub description: Description,
    /// Full or read only.
    pub access: Access,
    /// Allowed networks.
    pub networks: Networks,
    /// When it expires.
    pub expires: Expires,
}

impl Desk {
    /// Makes a token for the actor themselves. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Refusal::TooManyTokens`], [`Refusal::TokensTooFast`], [`Refusal::SentAlready`],
    /// [`Refusal::Unavailable`].
    pub async fn create_token(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
        new: NewToken,
    ) -> Result<(PlainToken, TokenView), Refusal> {
        let owner = &subject(permit)?.person.netid;
        let now = self.now();
        let token = PlainToken::random();
        let view = TokenView {
            networks: new.networks.to_string(),
            expires: new.expires.moment(),
            ..TokenView::made(token.id(), new.description.to_string(), new.access, now)
        };
        let entry =
            permit.entry(AuditAction::TokenCreate).detailed(named(&view.id, &view.description));
        let change = self
            .making(owner, now)
            .with(tokens::create(owner, &view))
            .with(self.within_limit(owner, now));
        self.announce(&token);
        self.commit_tokens(permit.premised(change).audited(entry), now).await?;
        Ok((token, view))
    }

    /// Makes a new secret in the place of one of the actor's own tokens that still works: the same
    /// description, access, networks and length of life. The old one works for the overlap, so that
    /// the application can be given the new one meanwhile, and then no more.
    ///
    /// # Errors
    /// [`Refusal::TokenUnknown`], [`Refusal::TokenOver`], [`Refusal::ChangedMeanwhile`] where the
    /// old one was changed at the same moment, [`Refusal::TooManyTokens`],
    /// [`Refusal::TokensTooFast`], [`Refusal::SentAlready`], [`Refusal::Unavailable`].
    pub async fn renew_token(
        &self,
        permit: &Permit<right::ManageOwnTokens>,
        id: &str,
        grace: GracePeriod,
    ) -> Result<(PlainToken, TokenView), Refusal> {
        let owner = &subject(permit)?.person.netid;
        let now = self.now();
        let id = TokenId::parse(id)?;
        let old = self.owned(owner, &id).await?;
        if !self.still_works(&old, now) {
            return Err(Refusal::TokenOver);
        }
        let token = PlainToken::random();
        // As long as the old one, or as long as the operator allows by now.
        let longest = self.settings().token_cap_days.map(|days| now.plus_days(days.into()));
        let expires = [old.expires.map(|at| Moment(now.0 + (at.0 - old.created.0))), longest]
            .into_iter()
            .flatten()
            .min();
        let view = TokenView {
            id: token.id(),
            created: now,
            expires,
            used: None,
            days: UseDays::default(),
            from_rt: false,
            ..old.clone()
        };
        let detail = format!(
            "{} in place of {}, which works for {grace}",
            named(&view.id, &view.description),
            id.short()
        );
        let entry = permit.entry(AuditAction::TokenRenew).detailed(detail);
        let change = self.making(owner, now);
        let change = if grace == GracePeriod::NONE {
            // There are no more of them than before, even where there are more than one may have by
            // now.
            change
                .with(tokens::replace(owner, &old, &permit.actor(), now))
                .with(tokens::create(owner, &view))
        } else {
            let grace_ends = Moment(now.0 + grace.milliseconds());
            let ends = old.expires.map_or(grace_ends, |at| at.min(grace_ends));
            change
                .with(tokens::end(owner, &old, ends, now))
                .with(tokens::create(owner, &view))
                .with(self.within_limit(owner, now))
        };
        self.announce(&token);
        self.commit_tokens(permit.premised(change).audited(entry), now).await?;
        Ok((token, view))
    }

    /// What every making begins with: the person does not make too many a minute.
    fn making(&self, owner: &NetId, now: Moment) -> Change {
        tokens::not_too_fast(owner, self.settings().tokens_per_minute, now)
    }

    /// What every giving of tokens ends with: the person has no more that work than they may.
    pub(super) fn within_limit(&self, owner: &NetId, now: Moment) -> Change {
        let old_strings = !self.have_old_strings_ended(now);
        tokens::at_most(owner, self.settings().tokens_per_user, old_strings, now)
    }
}
