//! The machine API described (OpenAPI 3.1), served and kept in `docs/reference/openapi.json`.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use utoipa::openapi::Server;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::shapes::{Me, Problem, Token};
use crate::oauth::{Introspection, OAuthError, TokenForm};
use crate::web::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Latchkey",
        description = "What an auth token may ask about itself, and what registered clients may \
            ask about tokens.",
    ),
    paths(
        super::me, super::token, super::revoke, crate::oauth::introspect::introspect,
        crate::oauth::revoke::revoke,
    ),
    components(schemas(Me, Token, Problem, Introspection, OAuthError, TokenForm)),
    modifiers(&Schemes),
)]
struct Description;

/// How to prove oneself.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        components
            .add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        components
            .add_security_scheme("client", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    }
}

static TEXT: LazyLock<String> =
    LazyLock::new(|| Description::openapi().to_pretty_json().unwrap_or_default() + "\n");

/// `GET /api/v1/openapi.json`
pub(super) async fn answer(State(state): State<AppState>) -> Response {
    // Made when it is first asked for, and not for each who asks.
    let text = state.description.get_or_init(|| match &state.public_url {
        Some(public) => at(public.as_str().trim_end_matches('/')).into(),
        None => Bytes::from_static(TEXT.as_bytes()),
    });
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (json, text.clone()).into_response()
}

/// With the address that the paths are below.
fn at(base: &str) -> String {
    let mut description = Description::openapi();
    description.servers = Some(vec![Server::new(base)]);
    description.to_pretty_json().unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_that_is_kept_is_the_one_that_is_served() {
        let path = "../docs/reference/openapi.json";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(path, TEXT.as_str())
                .expect("docs/reference/openapi.json can be written");
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == *TEXT,
            "docs/reference/openapi.json is out of date: run the tests once with UPDATE_OPENAPI=1"
        );
    }
}
