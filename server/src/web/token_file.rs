//! Everybody's tokens as a file: `/admin/tokens.csv`, with the filters of the page in the query,
//! and what is between the cells as with the audit's file (`audit_file.rs`). Tests:
//! `server/tests/server/people/review.rs`.

use app::server::request_context::RequestContext;
use app::server::review::{download, log_in_first};
use axum::Extension;
use axum::response::Response;
use http::HeaderMap;

use super::QueryParams;
use super::audit_file::Between;
use super::error_response::wants_page;

/// Comma-separated values, or with semicolons.
pub(crate) async fn csv(
    Extension(context): Extension<RequestContext>,
    QueryParams(between): QueryParams<Between>,
    headers: HeaderMap,
) -> Response {
    // A program reads its refusal, a person is led on.
    if wants_page(&headers)
        && let Some(log_in) = log_in_first(&context).await
    {
        return log_in;
    }
    download(context, between.has_semicolons(&headers)).await
}
