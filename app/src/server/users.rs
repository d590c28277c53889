//! Looking for people.

use desk::{Refusal, right};

use super::RequestContext;
use crate::admin::users::FoundUsers;

/// Whom a query fits, at most 50.
pub(crate) async fn find(context: &RequestContext, query: &str) -> Result<FoundUsers, Refusal> {
    let visitor = context.visitor().await?;
    let permit = context.desk.admit::<right::FindUsers>(&visitor, None, &context.origin).await?;
    let query: String = query.trim().chars().take(100).collect();
    // Nothing looked for: nobody, rather than a list of the first people of the alphabet.
    let rows = if query.is_empty() {
        Vec::new()
    } else {
        context.desk.find_users(&permit, &query).await?
    };
    Ok(FoundUsers { query, rows })
}
