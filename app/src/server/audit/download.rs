//! The audit as a file, for the server's routes `/admin/audit.csv` and `/admin/audit.jsonl`. A
//! server function's answer is for a script to read; a file is saved by the browser, so it is a
//! plain GET with a file's headers.

use std::io;

use axum::body::Body;
use axum::response::Response;
use desk::{AuditPage, AuditQuery, Permit, Refusal, right};
use futures::stream;

use super::export::Format;
use crate::admin::audit::Audit;
use crate::pages::Page as _;
use crate::server::{RequestContext, file};

/// Answers with every row that the query asks for, newest first, read from the store a page at a
/// time as the browser takes them: the length of the audit costs no memory.
///
/// A refusal is the answer's status and one line of text. A store that fails half-way breaks the
/// connection off, so that the browser says that the file is not whole; so does a reader who has
/// lost the right meanwhile, or whose session has ended.
pub async fn download(context: RequestContext, query: AuditQuery, format: Format) -> Response {
    match begin(&context, &query, format).await {
        Ok(()) => rows(context, query, format),
        Err(refusal) => file::refused(&refusal),
    }
}

/// Where a person is led whose session has ended: to the log-in, and then to the page Audit. None:
/// the session goes on, or cannot be asked for.
pub async fn log_in_first(context: &RequestContext) -> Option<Response> {
    file::log_in_first(context, Audit::PATH).await
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

fn rows(context: RequestContext, query: AuditQuery, format: Format) -> Response {
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
    file::answer(Body::from_stream(rows), format.media_type(), format.file_name())
}
