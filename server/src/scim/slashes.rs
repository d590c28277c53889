//! Slashes too many: `/scim/v2//Users` and `/Users/` are what identity systems make of an address
//! that was typed with a slash at its end. Tests: `server/tests/server/scim/mod.rs`.

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use tower_service::Service as _;

use super::response::{self, ScimError};
use crate::web::AppState;

/// The routes, and where there is none at an address, that of the address without the slashes that
/// are too many.
pub(super) fn forgiven(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let routes = router.clone().fallback(nothing).with_state(state.clone());
    // Also where there seem to be none: of two behind the first part of the address axum has taken
    // one away.
    router.fallback(async move |request: Request| match without(request.uri()) {
        Some(uri) => routed_again(routes, request, uri).await,
        None => nothing().await,
    })
}

async fn routed_again(mut routes: Router, mut request: Request, uri: Uri) -> Response {
    *request.uri_mut() = uri;
    match routes.call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

async fn nothing() -> Response {
    response::wrong(&ScimError::not_found("There is nothing at this address."))
}

/// The address with one slash wherever there are several, and none at its end; none: nothing is
/// left of it.
fn without(uri: &Uri) -> Option<Uri> {
    let path: String = uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .flat_map(|part| ["/", part])
        .collect();
    if path.is_empty() {
        return None;
    }
    let whole = uri.query().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_is_left_of_several_and_none_at_the_end() {
        let path =
            |text: &str| without(&text.parse().expect("an address")).map(|uri| uri.to_string());
        for (given, plain) in [
            ("/Users/", Some("/Users")),
            ("//Users", Some("/Users")),
            ("//Users//nora///", Some("/Users/nora")),
            (
                "/Users/?filter=userName%20eq%20%22a%2F%2Fb%22",
                Some("/Users?filter=userName%20eq%20%22a%2F%2Fb%22"),
            ),
            ("/Users", Some("/Users")),
            ("/", None),
            ("//", None),
        ] {
            assert_eq!(path(given).as_deref(), plain, "{given}");
        }
    }
}
