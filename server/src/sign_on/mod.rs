//! Log-in by an OpenID provider (OpenID Connect Core, code flow with PKCE), and log-out there and from there.

mod back_channel;
mod begun;
mod provider;
mod published;

use app::here::Here;
use axum::Extension;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use desk::Refusal;
use http::{HeaderMap, HeaderValue, StatusCode, header};

pub(crate) use provider::{Provider, SignOnError};

use crate::api::problems_for_wrong_methods;
use crate::config::{ConfigError, Configuration};
use crate::http::{Caller, Kind, Routes, Shared, take_log_in};
use begun::Begun;

/// The provider that the configuration names, if any. Nothing is asked of it yet.
///
/// # Errors
/// Where its certificate authorities cannot be read.
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Provider>, ConfigError> {
    match (&configuration.directories.oidc, &configuration.public_url) {
        (Some(oidc), Some(public_url)) => Provider::new(oidc.clone(), public_url).map(Some),
        _ => Ok(None),
    }
}

/// What has to be configured for these doors to lead anywhere: without it each is a page that does not exist.
const PROVIDER: &str = "an OpenID provider";

/// What people's browsers ask for.
pub(crate) fn for_people() -> Routes {
    Routes::of(Kind::SignOn)
        .get("/login/oidc", begin)
        .get("/login/oidc/back", back)
        .get("/login/oidc/out", log_out_there)
        .only_with(PROVIDER)
}

/// What the provider itself asks for.
pub(crate) fn for_programs() -> Routes {
    Routes::of(Kind::SignOn)
        .post("/login/oidc/log-out", back_channel::log_out)
        .then(|_, router| router.layer(map_response(problems_for_wrong_methods)))
        .only_with(PROVIDER)
}

/// Sends the browser to the provider, and leaves with it what its return must fit.
async fn begin(State(shared): State<Shared>, Extension(here): Extension<Here>) -> Response {
    let Some(provider) = &shared.sign_on else { return app::pages::not_found(here).await };
    let next = app::paths::after_login(here.query("next").as_deref()).to_owned();
    match provider.begin(next, here.query("fresh").is_some()).await {
        Ok((url, begun)) => {
            // A page that leads on, and no redirect: browsers do not follow one from a form to another site (CSP form-action).
            let page = app::errors::onward_document(&crate::site::names().css, provider.name(), url.as_str());
            let mut response = Html(page).into_response();
            set_cookie(&mut response, &begun.cookie(here.secure));
            response
        }
        Err(error) => app::pages::refused(here, told(&error)).await,
    }
}

/// The provider has sent the browser back.
async fn back(
    State(shared): State<Shared>,
    Extension(caller): Extension<Caller>,
    Extension(here): Extension<Here>,
    headers: HeaderMap,
) -> Response {
    let Some(provider) = &shared.sign_on else { return app::pages::not_found(here).await };
    let secure = here.secure;
    // What was begun is over with this, however it ends: the same return does not work twice.
    let begun = Begun::read(&headers, secure);
    let mut response = match arrive(&shared, provider, caller, &here, begun).await {
        Ok(response) => response,
        Err(refusal) => app::pages::refused(here, refusal).await,
    };
    set_cookie(&mut response, &Begun::no_cookie(secure));
    response
}

async fn arrive(shared: &Shared, provider: &Provider, caller: Caller, here: &Here, begun: Option<Begun>) -> Result<Response, Refusal> {
    take_log_in(shared, caller)?;
    let arrived = provider.arrive(begun, &|key| here.query(key)).await.map_err(|error| told(&error))?;
    app::pages::let_in(here, &arrived.who, desk::Source::Oidc, &arrived.arrival, &arrived.next).await
}

/// Logs out at the provider too: it asks first, since anybody may send a browser here.
async fn log_out_there(State(shared): State<Shared>, Extension(here): Extension<Here>) -> Response {
    let Some(provider) = &shared.sign_on else { return app::pages::not_found(here).await };
    match provider.end_session_url().await {
        Ok(Some(url)) => Redirect::to(url.as_str()).into_response(),
        Ok(None) => Redirect::to("/login").into_response(),
        // Here they are logged out: that page says so, and that there they may not be.
        Err(error) => {
            told(&error);
            Redirect::to("/login?out").into_response()
        }
    }
}

/// In the desk's words; the cause is in the log.
fn told(error: &SignOnError) -> Refusal {
    tracing::warn!(%error, "log-in by the OpenID provider");
    match error {
        SignOnError::Away(_) => Refusal::DirectoryUnavailable,
        SignOnError::NotBegun(_) => Refusal::SignOnInterrupted,
        SignOnError::Refused(_) => Refusal::SignOnRefused,
    }
}

fn set_cookie(response: &mut Response, line: &str) {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// 200 without a word, or 400 (OpenID Connect Back-Channel Logout 1.0 §2.8).
fn logged_out(good: bool) -> Response {
    let status = if good { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}
