//! Sessions as the store has them.

use surrealdb::types::RecordId;

use crate::store::change::Change;
use crate::store::vars::vars;
use crate::{NetId, SessionId};

/// Ends every session of a person, but for this one.
pub(crate) fn end_all(netid: &NetId, but: Option<&SessionId>) -> Change {
    // No function of the row in the condition: it would keep SurrealDB from using the index.
    let but = RecordId::new("session", but.map_or("none", SessionId::as_str));
    Change::new("DELETE session WHERE user = $user AND id != $but", vars! { "user" => netid.as_str().to_owned(), "but" => but })
}
