//! What the query of an address asks; one that cannot be read is refused in the desk's words, and
//! not in those of the parser. Tests: `server/tests/server/people/{live,audit_file}.rs`.

use axum::extract::{FromRequestParts, Query};
use axum::response::Response;
use desk::Refusal;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::error_response::{self, Form};

/// What is asked.
#[derive(Debug)]
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|_| {
            let is_page = error_response::wants_page(&parts.headers);
            let form = if is_page { Form::Page } else { Form::Problem };
            error_response::refuse_as(form, &Refusal::Unreadable)
        })
    }
}
