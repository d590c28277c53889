//! Forms of a browser without script: the server function runs as for a script, and then the
//! browser is sent on to a page that says how it went (post, redirect, get). What there is to say
//! travels in a cookie, never in an address. Around server functions alone.

use app::server::request_context::{PlainForm, flash_cookie_name};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, LOCATION, REFERER, SET_COOKIE};
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::{AppState, Caller, error_response, same_origin};

/// Answers a plain form with 303 and everything else as it is.
pub(crate) async fn redirect(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_form = request.method() == Method::POST && error_response::wants_page(request.headers());
    if !is_form {
        return next.run(request).await;
    }
    let back = referring_page(&request, &state);
    let secure = request.extensions().get::<Caller>().is_some_and(|caller| caller.secure);
    request.extensions_mut().insert(PlainForm);
    // Without them Leptos answers as to a script, and leaves the redirect to us.
    request.headers_mut().remove(ACCEPT);
    request.headers_mut().remove(REFERER);
    let inner = next.run(request).await;

    let status = inner.status();
    let to = inner.headers().get(LOCATION).cloned();
    let cookies: Vec<HeaderValue> = inner.headers().get_all(SET_COOKIE).iter().cloned().collect();
    let announced = cookies.iter().any(|cookie| {
        cookie
            .to_str()
            .is_ok_and(|cookie| cookie.starts_with(&format!("{}=", flash_cookie_name(secure))))
    });
    if to.is_none() && !announced && (status.is_client_error() || status.is_server_error()) {
        // The server function never ran (unreadable arguments, no such function): nobody left word
        // for the next page.
        return error_response::page(status, &desk::Refusal::Unreadable.to_string());
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, to.unwrap_or(back));
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The page the form is on, by its Referer, if it is one of ours; else the first page.
fn referring_page(request: &Request, state: &AppState) -> HeaderValue {
    let referer = request
        .headers()
        .get(REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| Url::parse(text).ok());
    let ours = referer.filter(|url| same_origin::is_ours(url, request, state));
    ours.and_then(|url| HeaderValue::from_str(&path_and_query(&url)?).ok())
        .unwrap_or(HeaderValue::from_static("/"))
}

/// Path and query; none where a browser would read the path as another host (`//evil.example`).
fn path_and_query(url: &Url) -> Option<String> {
    let path = url.path();
    let stays = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
    stays.then(|| url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> Option<String> {
        path_and_query(&Url::parse(url).expect("an address"))
    }

    #[test]
    fn the_way_back_keeps_the_query_and_drops_the_fragment() {
        assert_eq!(path("http://a/admin/users?q=sa#top").as_deref(), Some("/admin/users?q=sa"));
        assert_eq!(path("http://a").as_deref(), Some("/"));
    }

    #[test]
    fn the_way_back_never_leaves_the_site() {
        for url in ["http://a//evil.example/", "http://a/\\evil.example", "http://a///evil.example"]
        {
            assert_eq!(path(url), None, "{url}");
        }
    }
}
