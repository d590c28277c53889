//! Everybody's tokens for who may look through them: a page with filters in its address, and a file
//! of the same. What may be wanted, and why a token is named, is the desk's (`TokenQuery`). Tests:
//! `server/tests/server/people/review.rs`.

mod download;
mod export;
mod query;
mod view;

use desk::{Permit, Refusal, right};

use super::RequestContext;
use super::html::drawn;
use query::{after, read};

pub use download::{download, log_in_first};
pub use export::{head, line};
pub(crate) use query::written;

/// The page that this query of an address asks for, as HTML.
pub(crate) async fn page(context: &RequestContext, query: &str) -> Result<String, Refusal> {
    let visitor = context.visitor().await?;
    let permit: Permit<right::ReviewTokens> =
        context.desk.admit(&visitor, None, &context.origin).await?;
    let found = match read(query) {
        Ok(wanted) => Ok(context.desk.review_tokens(&permit, &wanted, &after(query)).await?),
        Err(wrong) => Err(wrong),
    };
    let now = context.desk.now();
    Ok(drawn(|| view::page(query, found, now)))
}
