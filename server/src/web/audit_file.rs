//! The audit as a file: `/admin/audit.csv` and `/admin/audit.jsonl`, with the filters of the page
//! in the query.

use app::server::audit::{Format, download, log_in_first};
use app::server::request_context::RequestContext;
use axum::Extension;
use axum::response::Response;
use desk::AuditQuery;
use http::HeaderMap;

use super::Asked;
use super::error_response::wants_page;

/// Comma-separated values.
pub(super) async fn csv(
    context: Extension<RequestContext>,
    query: Asked<AuditQuery>,
    headers: HeaderMap,
) -> Response {
    answer(context, query, &headers, Format::Csv).await
}

/// One JSON object a line.
pub(super) async fn json_lines(
    context: Extension<RequestContext>,
    query: Asked<AuditQuery>,
    headers: HeaderMap,
) -> Response {
    answer(context, query, &headers, Format::JsonLines).await
}

async fn answer(
    Extension(context): Extension<RequestContext>,
    Asked(query): Asked<AuditQuery>,
    headers: &HeaderMap,
    format: Format,
) -> Response {
    // A program reads its refusal, a person is led on.
    if wants_page(headers)
        && let Some(log_in) = log_in_first(&context).await
    {
        return log_in;
    }
    download(context, query, format).await
}
