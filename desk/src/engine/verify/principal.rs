//! Who a token stands for.

use crate::{Access, Moment, NetId, Role, TokenId};

/// Who a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The owner.
    pub netid: NetId,
    /// Their full name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they do at the desk.
    pub role: Role,
    /// The first 16 hex digits of the token's id.
    pub token: String,
    /// The token's whole id: its SHA-256 in hex.
    pub id: TokenId,
    /// What the token is for.
    pub description: String,
    /// Full or read only.
    pub access: Access,
    /// When it was made.
    pub created: Moment,
    /// When it expires; none: never.
    pub expires: Option<Moment>,
}
