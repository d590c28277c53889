//! Answers, and what is wrong (RFC 7644 §3.12).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Why it was not done.
#[derive(Debug)]
pub(super) struct ScimError {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    /// In how many seconds it may be tried again; none: not by waiting.
    retry_after: Option<u32>,
}

impl ScimError {
    /// `kind` is the specification's word for it, or nothing.
    pub(super) fn of(status: StatusCode, kind: &'static str, detail: &str) -> Self {
        Self { status, kind, detail: detail.to_owned(), retry_after: None }
    }

    /// The same, to be tried again after so many seconds.
    pub(super) fn after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::of(StatusCode::NOT_FOUND, "", detail)
    }

    pub(super) fn unknown(id: &str) -> Self {
        let id: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
        Self::not_found(&format!("There is nobody with the id “{id}”."))
    }

    pub(super) fn syntax(detail: &str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalidSyntax", detail)
    }

    pub(super) fn value(detail: &str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalidValue", detail)
    }

    /// Whether it was too much for one answer.
    pub(super) fn is_too_many(&self) -> bool {
        self.kind == "tooMany"
    }

    /// What is wrong, in words.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn mutability(detail: &str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "mutability", detail)
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        wrong(&self)
    }
}

pub(super) fn wrong(wrong: &ScimError) -> Response {
    let mut body = json!({
        "schemas": [ERROR], "status": wrong.status.as_u16().to_string(), "detail": wrong.detail,
    });
    if !wrong.kind.is_empty() {
        body["scimType"] = wrong.kind.into();
    }
    let mut response = answer(wrong.status, &body);
    if let Some(seconds) = wrong.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// 401.
pub(super) fn unauthorized() -> Response {
    let mut response = wrong(&ScimError::of(
        StatusCode::UNAUTHORIZED,
        "",
        "Give the bearer token that the configuration calls scim.token.",
    ));
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"Latchkey SCIM\""),
    );
    response
}

/// 429.
pub(super) fn too_many(seconds: u32) -> Response {
    wrong(
        &ScimError::of(
            StatusCode::TOO_MANY_REQUESTS,
            "",
            "Too many wrong tokens from this address.",
        )
        .after(seconds),
    )
}

/// 405 in the words of every other error.
pub(super) async fn wrong_method(response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let mut refusal = wrong(&ScimError::of(
        StatusCode::METHOD_NOT_ALLOWED,
        "",
        "This address takes another method: see the header Allow.",
    ));
    if let Some(allow) = response.headers().get(header::ALLOW) {
        refusal.headers_mut().insert(header::ALLOW, allow.clone());
    }
    refusal
}

pub(super) fn ok(body: &Value) -> Response {
    answer(StatusCode::OK, body)
}

pub(super) fn created(body: &Value, location: &str) -> Response {
    let mut response = answer(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

pub(super) fn gone() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A page of resources.
pub(super) fn list(total: u64, start: u32, resources: &[Value]) -> Response {
    ok(&json!({
        "schemas": [LIST], "totalResults": total, "startIndex": start,
        "itemsPerPage": resources.len(), "Resources": resources,
    }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"))];
    (status, kind, body.to_string()).into_response()
}
