//! Looking for people: the server function of **Select User**. Tests:
//! `server/tests/server/people/functions.rs`; of what is found `desk/tests/desk/people.rs`.

use desk::UserRow;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ApiError;

/// People found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundUsers {
    /// What was looked for.
    pub query: String,
    /// Whom it fits, at most 50, a NetID that begins with it first.
    pub rows: Vec<UserRow>,
}

/// Looks for people.
#[server(prefix = "/fn", endpoint = "find_users", output = crate::wire::Wire)]
pub async fn find_users(query: String) -> Result<FoundUsers, ApiError> {
    use crate::server::{RequestContext, users, with_status};
    with_status(users::find(&RequestContext::get()?, &query).await)
}
