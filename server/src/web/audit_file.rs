//! The audit as a file: `/admin/audit.csv` and `/admin/audit.jsonl`, with the filters of the page
//! in the query.

use app::admin::audit::{Format, download};
use app::request_context::RequestContext;
use axum::Extension;
use axum::response::Response;
use desk::AuditQuery;

use super::Asked;

/// Comma-separated values.
pub(super) async fn csv(
    Extension(context): Extension<RequestContext>,
    Asked(query): Asked<AuditQuery>,
) -> Response {
    download(context, query, Format::Csv).await
}

/// One JSON object a line.
pub(super) async fn json_lines(
    Extension(context): Extension<RequestContext>,
    Asked(query): Asked<AuditQuery>,
) -> Response {
    download(context, query, Format::JsonLines).await
}
