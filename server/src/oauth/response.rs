//! What a client is answered about a token, and how it is refused. Tests:
//! `server/tests/server/oauth/`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use desk::Principal;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// How a client proves itself (RFC 6749 §5.2).
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"Latchkey clients\", charset=\"UTF-8\"");

/// What a client learns of a token (RFC 7662 §2.2). Of one that is not active: nothing more.
#[derive(Serialize, ToSchema)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Introspection {
    /// Whether it works now.
    active: bool,
    /// The owner's NetID.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// The owner's NetID.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// `full` or `read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// When it expires, in seconds since 1970; left out: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
}

impl Introspection {
    const INACTIVE: Self = Self {
        active: false,
        sub: None,
        username: None,
        scope: None,
        exp: None,
        iat: None,
        token_type: None,
    };

    fn of(principal: &Principal) -> Self {
        Self {
            active: true,
            sub: Some(principal.netid.to_string()),
            username: Some(principal.netid.to_string()),
            scope: Some(principal.access.word()),
            exp: principal.expires.map(|at| at.0 / 1000),
            iat: Some(principal.created.0 / 1000),
            token_type: Some("Bearer"),
        }
    }
}

/// Why a client's request was not taken (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct OAuthError {
    /// `invalid_request`, `invalid_client` or `temporarily_unavailable`.
    error: &'static str,
    /// What to do.
    error_description: &'static str,
}

/// How a client is refused, at both doors.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the description of what the functions below answer")]
pub(crate) enum ClientRefused {
    /// The form cannot be read
    #[response(status = 400)]
    Unreadable(OAuthError),
    /// The client's name or secret is wrong
    #[response(status = 401)]
    Unknown(OAuthError),
    /// Too many wrong secrets or unknown tokens from this address
    #[response(status = 429)]
    TooMany(OAuthError),
    /// The store cannot be asked
    #[response(status = 503)]
    Unavailable(OAuthError),
}

/// 200 with what there is to know.
pub(super) fn active(principal: &Principal) -> Response {
    Json(Introspection::of(principal)).into_response()
}

/// 200, and nothing more.
pub(super) fn inactive() -> Response {
    Json(Introspection::INACTIVE).into_response()
}

/// 400.
pub(super) fn invalid_request(error_description: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, Json(OAuthError { error: "invalid_request", error_description }))
        .into_response()
}

/// 401, the same for a wrong name and a wrong secret.
pub(super) fn invalid_client() -> Response {
    let error = OAuthError {
        error: "invalid_client",
        error_description: "Give a registered client's name and secret, by Basic.",
    };
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, CHALLENGE)], Json(error)).into_response()
}

/// 429.
pub(super) fn too_many(seconds: u32) -> Response {
    let error = OAuthError {
        error: "temporarily_unavailable",
        error_description: "Too many wrong secrets or unknown tokens from this address. Wait, then \
            try again.",
    };
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, HeaderValue::from(seconds))],
        Json(error),
    )
        .into_response()
}

/// 503: the store cannot be asked.
pub(super) fn unavailable() -> Response {
    let error = OAuthError {
        error: "temporarily_unavailable",
        error_description: "Latchkey cannot reach its data just now. Try again in a moment.",
    };
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, HeaderValue::from_static("1"))],
        Json(error),
    )
        .into_response()
}
