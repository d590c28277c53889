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
    crate::api_error::with_status(
        find(&crate::request_context::RequestContext::get()?, &query).await,
    )
}

#[cfg(feature = "ssr")]
pub(crate) async fn find(
    context: &crate::request_context::RequestContext,
    query: &str,
) -> Result<FoundUsers, desk::Refusal> {
    let visitor = context.visitor().await?;
    let permit =
        context.desk.admit::<desk::right::FindUsers>(&visitor, None, &context.origin).await?;
    let query: String = query.trim().chars().take(100).collect();
    // Nothing looked for: nobody, rather than a list of the first people of the alphabet.
    let rows = if query.is_empty() {
        Vec::new()
    } else {
        context.desk.find_users(&permit, &query).await?
    };
    Ok(FoundUsers { query, rows })
}
