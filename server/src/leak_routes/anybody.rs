//! `/leaks`: anybody who has found a token says so, and it ends. Whatever was found is answered
//! alike. Tests: `server/tests/server/leaks/anybody.rs`.

use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use desk::{LeakSource, LeakedString};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

use super::{again_after, as_json, away};
use crate::leaks::strings_in;
use crate::web::{AppState, Caller, is_sent_by_another_site, problem, wants_page};

/// The most bytes: as everywhere for forms, and enough for so many strings.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The most strings of one report.
const MAX_STRINGS: usize = 1000;

/// What is answered, whatever was found.
const RECEIVED: &str = "Thank you. Each of these strings that is a token here works no more, and \
    its owner is told.";

/// What a person reads after it.
const NEXT: &str = "You need do nothing more. Take them out of the place where you found them, or \
    tell whoever can. Is one of them yours? Make another under Settings → Auth Tokens for what \
    used it.";

/// Where people have a form for it.
const FORM: &str = "/help#leaked-token";

/// Leads whoever types the address into a browser to the form. Programs are told which method there
/// is.
pub(super) async fn lead_to_the_form(request: Request, next: Next) -> Response {
    let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_look && wants_page(request.headers()) {
        return Redirect::to(FORM).into_response();
    }
    next.run(request).await
}

/// Takes a report.
pub(super) async fn report(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let is_page = wants_page(&parts.headers);
    if is_sent_by_another_site(&parts.headers) {
        let what = "Send it from a program, or from this site’s own page Help.";
        return refused(is_page, problem(StatusCode::FORBIDDEN, what), what);
    }
    if let Err(seconds) = state.leak_calls.take(caller.address) {
        let what = "Too many reports come from your address. Send up to 1000 strings in each, and \
            try again later.";
        let answer = again_after(StatusCode::TOO_MANY_REQUESTS, seconds, what);
        return refused(is_page, answer, what);
    }
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let what = "Send at most 64 KiB at once.";
        return refused(is_page, problem(StatusCode::PAYLOAD_TOO_LARGE, what), what);
    };
    let Some(strings) = strings_in(&parts.headers, &body) else {
        let what = "Send the strings as {\"tokens\": [\"…\"]} in application/json, or one a line \
            in text/plain.";
        return refused(is_page, problem(StatusCode::BAD_REQUEST, what), what);
    };
    if strings.len() > MAX_STRINGS {
        let what = "Send at most 1000 strings at once.";
        return refused(is_page, problem(StatusCode::PAYLOAD_TOO_LARGE, what), what);
    }
    let origin = caller.origin(&parts.headers);
    let source = LeakSource::Anybody;
    let reported = super::report(&state, caller, origin, source, strings, |text| LeakedString {
        text,
        place: "",
    });
    match reported.await {
        Ok(_) => received(is_page),
        Err(_) => {
            let what = "The report could not be looked at now. Send it again in a minute.";
            refused(is_page, away(what), what)
        }
    }
}

/// The one answer, for whoever reads it: a page for people, JSON for programs.
fn received(is_page: bool) -> Response {
    if is_page {
        let page = page("Received", &format!("{RECEIVED} {NEXT}"));
        return (StatusCode::ACCEPTED, Html(page)).into_response();
    }
    as_json(StatusCode::ACCEPTED, &json!({ "detail": RECEIVED }))
}

/// A refusal in its words, for whoever reads it; with the status and headers of `answer`.
fn refused(is_page: bool, answer: Response, words: &str) -> Response {
    if !is_page {
        return answer;
    }
    let (mut parts, _) = answer.into_parts();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, kind);
    Response::from_parts(parts, page("Not received", words).into())
}

fn page(title: &str, words: &str) -> String {
    app::server::standalone_document(&crate::site::names().css, title, words, "")
}
