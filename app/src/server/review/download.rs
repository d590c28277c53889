//! Everybody's tokens as a file, for the server's route `/admin/tokens.csv`: with the filters of
//! the page in the query.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use desk::{Permit, Refusal, TokenQuery, right};
use futures::stream;
use http::StatusCode;
use http::header::CACHE_CONTROL;

use super::export::{head, line};
use super::query::read;
use crate::admin::tokens::Review;
use crate::pages::Page as _;
use crate::server::{RequestContext, file};

/// Answers with every token that the query asks for, in the order of their owners, read from the
/// store some people's after others' as the browser takes them.
///
/// A refusal is the answer's status and one line of text. A store that fails half-way breaks the
/// connection off; so does a reader who has lost the right meanwhile, or whose session has ended.
pub async fn download(context: RequestContext, has_semicolons: bool) -> Response {
    let permit = match permit(&context).await {
        Ok(permit) => permit,
        Err(refusal) => return file::refused(&refusal),
    };
    let query = match read(context.uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(wrong) => {
            let text = wrong.join("\n") + "\n";
            return (StatusCode::BAD_REQUEST, [(CACHE_CONTROL, file::NO_STORE)], text)
                .into_response();
        }
    };
    match context.desk.begin_token_file(&permit, &query, "CSV").await {
        Ok(()) => csv(context, query, if has_semicolons { ";" } else { "," }),
        Err(refusal) => file::refused(&refusal),
    }
}

/// Where a person is led whose session has ended: to the log-in, and then to the page that the file
/// is of. None: the session goes on, or cannot be asked for.
pub async fn log_in_first(context: &RequestContext) -> Option<Response> {
    file::log_in_first(context, Review::PATH).await
}

/// Asked for anew with each part: a reader may be as slow as they like.
async fn permit(context: &RequestContext) -> Result<Permit<right::ReviewTokens>, Refusal> {
    let visitor = context.visitor_now().await?;
    context.desk.admit(&visitor, None, &context.origin).await
}

/// How far a download has come.
enum Place {
    Head,
    After(String),
    End,
}

fn csv(context: RequestContext, query: TokenQuery, between: &'static str) -> Response {
    let parts =
        stream::unfold((context, query, Place::Head), move |(context, query, place)| async move {
            let (text, next) = match place {
                Place::Head => (Ok(head(between)), Place::After(String::new())),
                Place::After(after) => match part(&context, &query, &after, between).await {
                    Ok((text, next)) => (Ok(text), next.map_or(Place::End, Place::After)),
                    Err(refusal) => (Err(io::Error::other(refusal)), Place::End),
                },
                Place::End => return None,
            };
            Some((text, (context, query, next)))
        });
    let media_type = "text/csv; charset=utf-8; header=present";
    file::answer(Body::from_stream(parts), media_type, "latchkey-tokens.csv")
}

/// The next lines, and after whom those come that follow.
async fn part(
    context: &RequestContext,
    query: &TokenQuery,
    after: &str,
    between: &str,
) -> Result<(String, Option<String>), Refusal> {
    let found = context.desk.tokens_for_file(&permit(context).await?, query, after).await?;
    let lines = found.tokens.iter().map(|found| {
        let why: Vec<String> = found.reasons.iter().map(ToString::to_string).collect();
        line(&found.owner, &found.token, &why, between)
    });
    Ok((lines.collect(), found.next))
}
