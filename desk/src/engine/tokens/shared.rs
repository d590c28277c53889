//! What every change of tokens needs: whose they are, and what is told where one does not go
//! through.

use crate::engine::authz::permit::{Permit, Right};
use crate::engine::desk::Desk;
use crate::engine::secret::PlainToken;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::{Moment, Refusal};

/// Whom a permit is upon.
pub(super) fn subject<R: Right>(permit: &Permit<R>) -> Result<&User, Refusal> {
    permit.subject().ok_or(Refusal::UserUnknown)
}

impl Desk {
    /// Says, before it is made, that there is this token: whoever it is given to may present it at
    /// once.
    pub(super) fn announce(&self, token: &PlainToken) {
        if let Some(id) = PlainToken::hash_presented(token.expose()) {
            self.inner.cache.ids.add(&id);
        }
    }

    /// Commits a change that may give a person tokens.
    pub(super) async fn commit_tokens(&self, change: Change, now: Moment) -> Result<(), Refusal> {
        self.inner.store.commit(change, now).await.map_err(|error| match error {
            StoreError::Condition(Condition::TooManyTokens) => {
                Refusal::TooManyTokens { most: self.settings().tokens_per_user }
            }
            StoreError::Condition(Condition::TooFast) => Refusal::TokensTooFast,
            other => other.into(),
        })
    }
}
