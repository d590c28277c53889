//! What every change of tokens needs: whose they are, what the audit calls them, and what is told
//! where one does not go through.

use crate::engine::authz::permit::{Permit, Right};
use crate::engine::desk::Desk;
use crate::engine::secret::PlainToken;
use crate::store::change::Change;
use crate::store::error::{Condition, StoreError};
use crate::store::rows::User;
use crate::{Moment, Refusal, TokenId};

/// Whom a permit is upon.
pub(super) fn subject<R: Right>(permit: &Permit<R>) -> Result<&User, Refusal> {
    permit.subject().ok_or(Refusal::UserUnknown)
}

/// A token in the audit: the start of its id, as `Latchkey-Token` gives it, and its description.
pub(crate) fn named(id: &TokenId, description: &str) -> String {
    format!("{} {description}", id.short())
}

/// As much of each description as a row of the audit keeps that names several, in characters.
const DESCRIPTION_KEPT: usize = 60;

/// A token in the audit among others: as [`named`], of a long description the beginning.
pub(crate) fn named_briefly(id: &TokenId, description: &str) -> String {
    let mut kept: String = description.chars().take(DESCRIPTION_KEPT).collect();
    if kept.len() < description.len() {
        kept.push('…');
    }
    named(id, &kept)
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
