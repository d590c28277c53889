//! The audit as a file, for the server's routes `/admin/audit.csv` and `/admin/audit.jsonl`. A
//! server function's answer is for a script to read; a file is saved by the browser, so it is a
//! plain GET with a file's headers.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use desk::{AuditPage, AuditQuery, Permit, Refusal, right};
use futures::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};

use super::export::Format;
use crate::admin::audit::Audit;
use crate::pages::Page as _;
use crate::server::RequestContext;
use crate::server::login::log_in_for;

/// Said of every answer here.
const NO_STORE: &str = "no-store";

/// Answers with every row that the query asks for, newest first, read from the store a page at a
/// time as the browser takes them: the length of the audit costs no memory.
///
/// A refusal is the answer's status and one line of text. A store that fails half-way breaks the
/// connection off, so that the browser says that the file is not whole; so does a reader who has
/// lost the right meanwhile, or whose session has ended.
pub async fn download(context: RequestContext, query: AuditQuery, format: Format) -> Response {
    match begin(&context, &query, format).await {
        Ok(()) => file(context, query, format),
        Err(refusal) => {
            let status =
                StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(CACHE_CONTROL, NO_STORE)], format!("{refusal}\n")).into_response()
        }
    }
}

/// Where a person is led who asks for it by its link on the page Audit after their session has
/// ended: to the log-in, and then to that page. None: the session goes on, or cannot be asked for.
pub async fn log_in_first(context: &RequestContext) -> Option<Response> {
    if !matches!(context.visitor().await, Err(Refusal::SessionEnded)) {
        return None;
    }
    let query = context.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let to = log_in_for(&format!("{}{query}", Audit::PATH));
    Some(
        (StatusCode::SEE_OTHER, [(LOCATION, to), (CACHE_CONTROL, NO_STORE.to_owned())])
            .into_response(),
    )
}

/// Whether it begins: with its row in the audit.
async fn begin(
    context: &RequestContext,
    query: &AuditQuery,
    format: Format,
) -> Result<(), Refusal> {
    context.desk.begin_audit_file(&permit(context).await?, query, format.title()).await
}

/// Asked for anew with each page: a reader may be as slow as they like.
async fn permit(context: &RequestContext) -> Result<Permit<right::ReadAudit>, Refusal> {
    let visitor = context.visitor_now().await?;
    context.desk.admit(&visitor, None, &context.origin).await
}

async fn page(context: &RequestContext, query: &AuditQuery) -> Result<AuditPage, Refusal> {
    context.desk.audit(&permit(context).await?, query).await
}

/// How far a download has come.
enum Place {
    Head(AuditQuery),
    Rows(AuditQuery),
    End,
}

fn file(context: RequestContext, query: AuditQuery, format: Format) -> Response {
    let rows = stream::unfold((context, Place::Head(query)), move |(context, place)| async move {
        let (text, next) = match place {
            Place::Head(query) => (Ok(format.head()), Place::Rows(query)),
            Place::Rows(query) => match page(&context, &query).await {
                Ok(page) => {
                    let next = page
                        .next
                        .map_or(Place::End, |before| Place::Rows(AuditQuery { before, ..query }));
                    (Ok(format.lines(&page.rows)), next)
                }
                Err(refusal) => (Err(io::Error::other(refusal)), Place::End),
            },
            Place::End => return None,
        };
        Some((text, (context, next)))
    });
    let name = format!("attachment; filename=\"{}\"", format.file_name());
    let mut response = Body::from_stream(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}
