//! A request's span, where there are traces: its method, its route's pattern and its status. Not
//! its path, its query or a header: those hold names, and sometimes secrets. What a trusted proxy
//! says of the trace that it has begun is taken up. Tests: below, and
//! `server/tests/server/traces.rs`.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::SPANS;
use http::Method;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{AppState, RequestId};

/// Puts the request's span around what answers it.
pub(crate) async fn follow(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let span = span_of(&state, &request);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
    response
}

fn span_of(state: &AppState, request: &Request) -> Span {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!(
        target: SPANS,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = Empty,
    );
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if peer.is_some_and(|ConnectInfo(peer)| state.proxies.trusts_peer(peer.ip().to_canonical())) {
        let headers = request.headers();
        let parent = TraceContextPropagator::new()
            .extract_with_context(&Context::new(), &HeaderExtractor(headers));
        // Where nobody listens for it there is nothing to be set.
        let _ = span.set_parent(parent);
        if let Some(id) = RequestId::of_proxy(headers) {
            span.record("request.id", tracing::field::display(id));
        }
    }
    span
}

/// The method, if it is one that everybody knows: others are anybody's to choose.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_nobody_knows_is_not_told() {
        assert_eq!(known(&Method::PATCH), "PATCH");
        assert_eq!(known(&Method::from_bytes(b"LATCHKEY").expect("a method")), "_OTHER");
    }
}
