//! A panic while answering is a 500 for that request alone.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use http::StatusCode;

use super::error_response::{self, Form};
use super::shown_path::shown_path;

const WORDS: &str = "Something went wrong in Latchkey. It has been logged. Try again; if it \
    happens again, tell whoever runs this desk what you did.";

/// Turns a panic into an answer. Its words are in the log by the panic hook; they stay there.
pub(crate) async fn catch(request: Request, next: Next) -> Response {
    let form = Form::of(&request);
    let path = shown_path(request.uri().path()).into_owned();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(path, "panic while answering a request");
            match form {
                Form::Page => error_response::page(StatusCode::INTERNAL_SERVER_ERROR, WORDS),
                Form::ServerFunction | Form::Problem => {
                    error_response::problem(StatusCode::INTERNAL_SERVER_ERROR, WORDS)
                }
            }
        }
    }
}
