//! `GET /live`: server-sent events that tell a page that something it shows has changed. They say
//! what kind of thing, never what: the page asks again, and is answered by the same rules as
//! always.
//!
//! Events: `tokens`, `account`; `ended` where nobody is logged in (any more). `?of=netid` watches
//! another person, for whoever may see them; of their tokens and history only whoever may see those
//! is told. `?since=` is the desk's time, in milliseconds since 1970, at which the page was made:
//! what has changed since is told at once. A session has six of them at most, a person some more
//! (`web/live_streams.rs`).

mod watch;

use std::convert::Infallible;

use app::server::request_context::RequestContext;
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use desk::{Moment, Refusal};
use futures::{Stream, stream};
use serde::Deserialize;

use crate::web::{AppState, QueryParams};
use watch::Watch;

/// What to watch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Of {
    /// Another person's NetID; empty: the visitor.
    of: String,
    /// When the page was made.
    since: Option<i64>,
}

/// Streams events until the session ends, the browser leaves or the server stops.
pub(crate) async fn live(
    State(state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    QueryParams(Of { of, since }): QueryParams<Of>,
) -> Response {
    let Some(cookie) = context.cookie.clone() else { return ended() };
    // To somebody else, whom a proxy names by now, nothing of this session's is told, nor to
    // whoever does not come by the proxy that has begun it.
    if (context.vouched.is_some() || context.is_left_unsaid)
        && matches!(context.glance().await, Err(Refusal::SessionEnded))
    {
        return ended();
    }
    match Watch::begin(state, cookie, context.origin.clone(), of, since.map(Moment)).await {
        Ok(watch) => events(stream::unfold(watch, Watch::next)),
        Err(Refusal::SessionEnded) => ended(),
        Err(refusal) => crate::web::problem(
            http::StatusCode::from_u16(refusal.status()).unwrap_or(http::StatusCode::FORBIDDEN),
            &refusal.to_string(),
        ),
    }
}

/// One event that says so, so that the page stops asking: after a mere error a browser would try
/// again and again.
fn ended() -> Response {
    events(stream::iter([Ok(Event::default().event("ended").data("ended"))]))
}

fn events(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    // nginx would keep them until it has a few thousand bytes (ngx_http_proxy_module,
    // proxy_buffering).
    ([("x-accel-buffering", "no")], Sse::new(stream)).into_response()
}
