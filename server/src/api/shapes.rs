//! What `/api/v1` answers, as JSON and as its description (`docs/reference/openapi.json`) has it.
//! Tests: `server/tests/server/api/`.

use desk::{Moment, Principal};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// Whose token it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The owner's NetID.
    #[schema(example = "sam")]
    netid: String,
    /// Their full name, may be empty.
    name: String,
    /// Their e-mail address, may be empty.
    email: String,
    /// Their role: `staff`, `rep`, `help_desk` or `admin`.
    #[schema(example = "staff")]
    role: &'static str,
    token: Token,
}

/// A token: everything but the secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// The first 16 hex digits of its id, as in `Latchkey-Token`.
    #[schema(example = "0123456789abcdef")]
    id: String,
    /// What it is for.
    description: String,
    /// `full` or `read`.
    #[schema(example = "full")]
    access: &'static str,
    /// When it was made (RFC 3339).
    #[schema(format = "date-time")]
    created: String,
    /// When it expires (RFC 3339); null: never.
    #[schema(format = "date-time")]
    expires: Option<String>,
}

/// Problem details (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "the description of what `problem` writes")]
pub(crate) struct Problem {
    /// `about:blank`: the status says what kind it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What to do.
    detail: String,
}

/// How a token is refused, at every address of its own.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the description of what `principal` answers")]
pub(crate) enum TokenRefused {
    /// No token that works
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorised(Problem),
    /// Not from this network
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// Too many unknown tokens from this address
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// The store cannot be asked
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

impl From<&Principal> for Me {
    fn from(principal: &Principal) -> Self {
        Self {
            netid: principal.netid.to_string(),
            name: principal.name.clone(),
            email: principal.email.clone(),
            role: principal.role.word(),
            token: Token::from(principal),
        }
    }
}

impl From<&Principal> for Token {
    fn from(principal: &Principal) -> Self {
        Self {
            id: principal.token.clone(),
            description: principal.description.clone(),
            access: principal.access.word(),
            created: principal.created.rfc3339(),
            expires: principal.expires.map(Moment::rfc3339),
        }
    }
}
