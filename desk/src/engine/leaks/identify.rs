//! What a string is that the operator has found: whether it can be a token at all, and whose it is.
//! It is no use of the token, and changes nothing of it; the look has its row in the audit. An old
//! string of Request Tracker's is known by its SHA-256 from then on, as from its first use. Tests:
//! `desk/tests/desk/leaks.rs`.

use crate::engine::audit::entry::entry;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::request_tracker::old_string::Presented;
use crate::engine::tokens::named::named;
use crate::engine::verify::stranger_gate::OpenGate;
use crate::store::change::Change;
use crate::{Actor, AuditAction, Moment, NetId, Refusal, TokenView};

/// What a string is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identified {
    /// No token of any Latchkey, nor of any Request Tracker: its form or its checksum is wrong.
    Malformed,
    /// A token by its form, and none of this desk's, or one that was taken out long ago.
    Unknown,
    /// A token of Request Tracker's by its form, and none that was brought to this desk, or one
    /// that was taken out long ago.
    UnknownOfRt,
    /// A token of this desk's.
    Token {
        /// Whose.
        owner: NetId,
        /// Their full name.
        name: String,
        /// What is known of it; it ends with its string.
        token: Box<TokenView>,
        /// When strings like its own end; none: never, or it is none of Request Tracker's.
        strings_end: Option<Moment>,
    },
}

impl Console {
    /// What a string is.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]; [`Refusal::TooManyAttempts`] where too many old strings of Request
    /// Tracker's are being looked at.
    pub async fn identify(&self, text: &str) -> Result<Identified, Refusal> {
        let Some(presented) = Presented::read(text) else {
            return Ok(Identified::Malformed);
        };
        let unknown = match presented {
            Presented::Own(_) => Identified::Unknown,
            Presented::Old(_) => Identified::UnknownOfRt,
        };
        let now = self.now();
        let Some(known) = self.find_presented(&presented, &OpenGate, None, now).await? else {
            return Ok(unknown);
        };
        let principal = &known.principal;
        let Some(row) = self.inner.store.token(&principal.id).await? else {
            return Ok(unknown);
        };
        let mut tokens = [row.view(now)];
        self.inner.usage.fill_in(&mut tokens);
        self.end_with_strings(&mut tokens);
        let [token] = tokens;
        let owner = principal.netid.clone();
        let look = entry(Actor::Console, owner.as_str(), AuditAction::TokenSee, &Origin::console())
            .detailed(named(&token.id, &token.description));
        self.inner.store.commit(Change::default().audited(look), now).await?;
        Ok(Identified::Token {
            owner,
            name: principal.name.clone(),
            strings_end: self.settings().rt_strings_end.filter(|_| token.from_rt),
            token: Box::new(token),
        })
    }
}
