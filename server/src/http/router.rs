//! The table of routes, and the order of what a request passes on its way there. Tests: `server/tests/server/`.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use leptos::server_fn::axum::server_fn_paths;
use tokio::sync::watch;

use super::{
    Shared, audit_file, body_limit, caller, cross_site, function_status, here, pages, panic, plain_forms, rate_limit, request_log,
    security_headers, session_pace, time_limit,
};
use crate::{api, health, live, oauth, scim, sign_on, site, verify};

/// Every route, and what a request passes on its way there.
/// `cut` ends them when the server can wait no longer.
pub fn router(shared: Shared, cut: watch::Receiver<bool>) -> Router {
    let state = || shared.clone();

    // Pages and server functions: what they are is written in `app`.
    let functions = server_fn_paths().fold(Router::new(), |router, (path, _)| router.route(path, post(pages::function)));
    let people = app::pages::PATHS
        .into_iter()
        .fold(functions, |router, path| router.route(path, get(pages::page)))
        .route("/live", get(live::live))
        .route("/admin/audit.csv", get(audit_file::csv))
        .route("/admin/audit.jsonl", get(audit_file::json_lines))
        .merge(sign_on::for_people())
        .fallback(pages::not_found)
        .layer(from_fn_with_state(state(), here::put))
        .layer(from_fn(function_status::correct));

    let programs = Router::new()
        .merge(api::routes())
        .merge(oauth::routes())
        .merge(scim::routes(&shared))
        .merge(sign_on::for_programs())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/pkg/{*path}", get(site::serve));

    // The last layer is the first that a request passes.
    people
        .merge(programs)
        .layer(from_fn_with_state(state(), plain_forms::redirect))
        .layer(from_fn_with_state(state(), session_pace::limit))
        .layer(from_fn_with_state(state(), rate_limit::guard))
        .layer(from_fn(body_limit::limit))
        .layer(from_fn_with_state(state(), cross_site::guard))
        .layer(from_fn_with_state(cut, time_limit::limit))
        .layer(from_fn(panic::catch))
        .layer(from_fn(security_headers::add))
        .layer(from_fn_with_state(state(), caller::find))
        .layer(from_fn(request_log::log))
        // Beside all of that: every request of every application waits for it.
        .route("/auth/verify", any(verify::verify))
        .with_state(shared)
}
