use desk::UserRow;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Fault;

/// People found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was looked for.
    pub query: String,
    /// Whom it fits, at most 50, a NetID that begins with it first.
    pub rows: Vec<UserRow>,
}

/// Looks for people. `open`: by Enter, where exactly one result is opened at once; on a page that is a redirect.
#[server(prefix = "/fn", endpoint = "find_users")]
pub async fn find_users(query: String, #[server(default)] open: bool) -> Result<Found, Fault> {
    let here = crate::here::Here::get()?;
    let found = crate::fault::told(find(&here, query).await)?;
    if let ([only], true) = (found.rows.as_slice(), open) {
        crate::here::set_status(303);
        crate::here::set_location(&crate::admin::words::user_path(&only.netid));
    }
    Ok(found)
}

#[cfg(feature = "ssr")]
async fn find(here: &crate::here::Here, query: String) -> Result<Found, desk::Refusal> {
    let visitor = here.visitor().await?;
    let permit = here.desk.admit(&visitor, desk::Action::FindUsers, None, &here.origin).await?;
    let query: String = query.trim().chars().take(100).collect();
    // Nothing looked for: nobody, rather than a list of the first people of the alphabet.
    let rows = if query.is_empty() { Vec::new() } else { here.desk.find_users(&permit, &query).await? };
    Ok(Found { query, rows })
}
