//! Every route, and the order of what a request passes on its way there. Tests:
//! `server/tests/server/`; of who is answered what at each route `server/tests/server/routes/`.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::server_fn::axum::server_fn_paths;
use tokio::sync::watch;

use super::routes::{self, Kind, Route, Routes};
use super::{
    AppState, audit_file, body_limit, caller, cross_site, function_status, pages, panic,
    post_redirect_get, prefix, rate_limit, request_context, request_log, security_headers,
    session_pace, time_limit,
};
use crate::{api, health, live, oauth, oidc, scim, site, verify};

/// Every route, and what a request passes on its way there.
/// `cut` ends them when the server can wait no longer.
pub fn router(shared: AppState, cut: watch::Receiver<bool>) -> Router {
    let prefix = shared.prefix();
    let whole =
        all(|shared, router| around(router, shared, cut)).into_router(&shared).with_state(shared);
    if prefix.is_empty() {
        whole
    } else {
        routes::around(whole).layer(from_fn_with_state(prefix, prefix::take_off))
    }
}

/// The list of every route: what the router is built from.
#[must_use]
pub fn routes() -> Vec<Route> {
    all(|_, router| router).into_list()
}

fn all(around: impl FnOnce(&AppState, Router<AppState>) -> Router<AppState> + 'static) -> Routes {
    // Verify is beside what is around the rest: every request of every application waits for it.
    let verify = Routes::of(Kind::Verify)
        .any("/auth/verify", verify::verify)
        .any("/auth/verify/{*path}", verify::verify);
    // Health is beside what waits for a body: there is none, and whoever sends one slowly must not
    // hold a place that is kept for it.
    let health =
        Routes::of(Kind::Health).get("/healthz", health::alive).get("/readyz", health::ready);
    people()
        .merge(programs())
        .then(|shared, router| before(router, shared))
        .merge(health)
        .then(around)
        .merge(verify)
}

/// Pages and server functions: what they are is written in `app`.
fn people() -> Routes {
    let functions = server_fn_paths()
        .fold(Routes::of(Kind::ServerFunction), |routes, (path, _)| {
            routes.post(path, pages::function)
        });
    let pages = app::pages::paths()
        .fold(Routes::of(Kind::Page), |routes, path| routes.get(path, pages::page));
    let files = Routes::of(Kind::File)
        .get("/admin/audit.csv", audit_file::csv)
        .get("/admin/audit.jsonl", audit_file::json_lines);
    functions
        .merge(pages)
        .merge(files)
        .merge(Routes::of(Kind::Live).get("/live", live::live))
        .merge(oidc::for_people())
        .fallback(pages::not_found)
        .then(|shared, router| {
            router
                .layer(from_fn_with_state(shared.clone(), request_context::put))
                .layer(from_fn(function_status::correct))
        })
}

fn programs() -> Routes {
    api::routes()
        .merge(oauth::routes())
        .merge(scim::routes())
        .merge(oidc::for_programs())
        .merge(Routes::of(Kind::Site).get("/pkg/{*path}", site::serve))
}

/// What looks at a request's body, and who sends it how often.
fn before(router: Router<AppState>, shared: &AppState) -> Router<AppState> {
    let state = || shared.clone();
    router
        .layer(from_fn_with_state(state(), post_redirect_get::redirect))
        .layer(from_fn_with_state(state(), session_pace::limit))
        .layer(from_fn_with_state(state(), rate_limit::guard))
        .layer(from_fn(body_limit::limit))
}

/// The last layer is the first that a request passes.
fn around(
    router: Router<AppState>,
    shared: &AppState,
    cut: watch::Receiver<bool>,
) -> Router<AppState> {
    let state = || shared.clone();
    router
        .layer(from_fn_with_state(state(), cross_site::guard))
        .layer(from_fn_with_state(cut, time_limit::limit))
        .layer(from_fn(panic::catch))
        .layer(from_fn_with_state(state(), security_headers::add))
        .layer(from_fn_with_state(state(), caller::find))
        .layer(from_fn(request_log::log))
}
