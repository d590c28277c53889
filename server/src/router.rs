//! Every route, and the order of what a request passes on its way there. Tests:
//! `server/tests/server/`; of who is answered what at each route `server/tests/server/routes/`.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::server_fn::axum::server_fn_paths;
use tokio::sync::watch;

use crate::web::{
    AppState, Kind, Route, Routes, audit_file, body_limit, caller, cross_site, function_status,
    misdirected, pages, panic, post_redirect_get, prefix, rate_limit, request_context, request_id,
    request_log, request_span, right_path, routes, security_headers, session_pace, time_limit,
    token_file,
};
use crate::{api, calendar, health, leak_routes, live, oauth, oidc_routes, scim, site, verify};

/// Every route, and what a request passes on its way there.
/// `cut` ends them when the server can wait no longer.
pub fn router(app_state: AppState, cut: watch::Receiver<bool>) -> Router {
    right_path::learn(routes);
    let paths = routes().into_iter().map(|route| route.path);
    app_state.figures.requests.learn(paths, Kind::ALL.len());
    let prefix = app_state.prefix();
    let whole = all(move |app_state, router| layered(router, app_state, cut.clone()))
        .into_router(&app_state);
    let whole = traced(whole, &app_state).with_state(app_state);
    if prefix.is_empty() {
        whole
    } else {
        routes::wrap(whole).layer(from_fn_with_state(prefix, prefix::take_off))
    }
}

/// Around everything, verify too, where there are traces; else there is nothing to pass.
fn traced(router: Router<AppState>, app_state: &AppState) -> Router<AppState> {
    if app_state.has_traces {
        router.layer(from_fn_with_state(app_state.clone(), request_span::follow))
    } else {
        router
    }
}

/// The list of every route: what the router is built from.
#[must_use]
pub fn routes() -> Vec<Route> {
    all(|_, router| router).into_list()
}

fn all(layered: impl Fn(&AppState, Router<AppState>) -> Router<AppState> + 'static) -> Routes {
    // Verify is beside what is around the rest: every request of every application waits for it.
    let verify = Routes::of(Kind::Verify)
        .any("/auth/verify", verify::verify)
        .any("/auth/verify/{*path}", verify::verify_original);
    // Health is beside what waits for a body: there is none, and whoever sends one slowly must not
    // hold a place that is kept for it.
    let health =
        Routes::of(Kind::Health).get("/healthz", health::alive).get("/readyz", health::ready);
    let site = Routes::of(Kind::Site)
        .get("/pkg/{*path}", site::serve)
        .get("/.well-known/change-password", pages::change_password);
    people()
        .merge(site)
        .then(before)
        .merge(health)
        .then(|app_state, router| {
            router.layer(from_fn_with_state(app_state.clone(), cross_site::guard))
        })
        .merge(programs().then(before).merge(scim::routes()).merge(leak_routes::for_github()))
        .then(layered)
        .merge(verify)
}

/// What browsers ask for: pages and server functions, which are written in `app`. Whatever changes
/// something there has to come from a page of ours.
fn people() -> Routes {
    let pages = app::server::pages::paths()
        .fold(Routes::of(Kind::Page), |routes, path| routes.get(path, pages::page));
    let files = Routes::of(Kind::File)
        .get("/admin/audit.csv", audit_file::csv)
        .get("/admin/audit.jsonl", audit_file::json_lines)
        .get("/admin/tokens.csv", token_file::csv);
    pages
        .merge(files)
        .merge(Routes::of(Kind::Live).get("/live", live::live))
        .merge(oidc_routes::for_people())
        .merge(Routes::of(Kind::Nothing).fallback(pages::not_found))
        .then(paced)
        .then(with_context)
        .merge(functions())
        .then(at_this_site)
}

/// Around whatever looks at a session, or at a proxy's word for who is logged in.
fn at_this_site(app_state: &AppState, router: Router<AppState>) -> Router<AppState> {
    router.layer(from_fn_with_state(app_state.clone(), misdirected::guard))
}

/// Server functions, and the log-in among them.
fn functions() -> Routes {
    let layered = |routes: Routes| routes.then(as_form).then(paced).then(with_context);
    let log_in = Routes::of(Kind::ServerFunction).post(app::server::LOG_IN, pages::function);
    let others = server_fn_paths().filter(|(path, _)| *path != app::server::LOG_IN).fold(
        Routes::of(Kind::ServerFunction).fallback_below("/fn", pages::nothing),
        |routes, (path, _)| routes.post(path, pages::function),
    );
    layered(others).merge(layered(log_in).then(|app_state, router| {
        router.layer(from_fn_with_state(app_state.clone(), rate_limit::guard))
    }))
}

/// What programs ask for: they look at no cookie, so that nothing can be forged with one. Whoever
/// asks there for what there is not is told so, and nothing of another site's page.
fn programs() -> Routes {
    let nothing =
        ["/api", "/oauth2", "/scim"].into_iter().fold(Routes::of(Kind::Nothing), |routes, path| {
            routes.fallback_below(path, pages::nothing)
        });
    api::routes()
        .merge(calendar::routes())
        .merge(oauth::routes())
        .merge(oidc_routes::for_programs())
        .merge(leak_routes::for_anybody())
        .merge(nothing.then(with_context))
}

/// What pages and server functions need of the request.
fn with_context(app_state: &AppState, router: Router<AppState>) -> Router<AppState> {
    router.layer(from_fn_with_state(app_state.clone(), request_context::put))
}

/// What a server function's answer becomes: to script a refusal with its status, to a form without
/// script the next page.
fn as_form(app_state: &AppState, router: Router<AppState>) -> Router<AppState> {
    router
        .layer(from_fn(function_status::correct))
        .layer(from_fn_with_state(app_state.clone(), post_redirect_get::redirect))
}

/// How much a session asks for: within what says which session it is.
fn paced(app_state: &AppState, router: Router<AppState>) -> Router<AppState> {
    router.layer(from_fn_with_state(app_state.clone(), session_pace::limit))
}

/// What looks at a request's body; SCIM, and the door for GitHub, look themselves at what they are
/// sent.
fn before(_: &AppState, router: Router<AppState>) -> Router<AppState> {
    router.layer(from_fn(body_limit::limit))
}

/// The last layer is the first that a request passes.
fn layered(
    router: Router<AppState>,
    app_state: &AppState,
    cut: watch::Receiver<bool>,
) -> Router<AppState> {
    let state = || app_state.clone();
    router
        .layer(from_fn_with_state(cut, time_limit::limit))
        .layer(from_fn(panic::catch))
        .layer(from_fn_with_state(state(), security_headers::add))
        .layer(from_fn_with_state(state(), caller::find))
        .layer(from_fn_with_state(state(), request_log::log))
        .layer(from_fn_with_state(state(), request_id::name))
}
