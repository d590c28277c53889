//! What a string is that the operator has found: whether it can be a token at all, and whose it is.
//! It is no use of the token, and changes nothing of it; the look has its row in the audit. Tests:
//! `desk/tests/desk/leaks.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::secret::PlainToken;
use crate::engine::tokens::shared::named;
use crate::engine::verify::stranger_gate::OpenGate;
use crate::store::change::Change;
use crate::{Actor, AuditAction, NetId, Refusal, TokenView};

/// What a string is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identified {
    /// No token of any Latchkey: its form or its checksum is wrong.
    Malformed,
    /// A token by its form, and none of this desk's, or one that was taken out long ago.
    Unknown,
    /// A token of this desk's.
    Token {
        /// Whose.
        owner: NetId,
        /// Their full name.
        name: String,
        /// What is known of it.
        token: Box<TokenView>,
    },
}

impl Console {
    /// What a string is.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn identify(&self, text: &str) -> Result<Identified, Refusal> {
        let Some(hash) = PlainToken::hash_presented(text) else {
            return Ok(Identified::Malformed);
        };
        let now = self.now();
        let Some(known) = self.find_token(&hash, &OpenGate, now).await? else {
            return Ok(Identified::Unknown);
        };
        let principal = &known.principal;
        let Some(row) = self.inner.store.token(&principal.id).await? else {
            return Ok(Identified::Unknown);
        };
        let mut tokens = [row.view(now)];
        self.inner.usage.fill_in(&mut tokens);
        let [token] = tokens;
        let owner = principal.netid.clone();
        let look = entry(Actor::Console, owner.as_str(), AuditAction::TokenSee, &Origin::console())
            .detailed(named(&token.id, &token.description));
        self.inner.store.commit(Change::default().audited(look), now).await?;
        Ok(Identified::Token { owner, name: principal.name.clone(), token: Box::new(token) })
    }
}
