//! The bodies on a connection: while a request's does not come it waits for them, not for us; when
//! an answer's is over, or given up, it is idle again. Tests: with [`super::house`], and
//! `server/tests/server/connections.rs`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use super::place::{Doing, Place};

/// The body of a request.
#[derive(Debug)]
pub(super) struct Coming {
    body: Incoming,
    place: Arc<Place>,
}

impl Coming {
    pub(super) const fn new(body: Incoming, place: Arc<Place>) -> Self {
        Self { body, place }
    }
}

impl http_body::Body for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending() {
            self.place.stalls();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Answering {
    body: Body,
    _ends: Ends,
}

#[derive(Debug)]
struct Ends(Arc<Place>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.set(Doing::Idle);
    }
}

impl Answering {
    pub(super) fn new(body: Body, place: Arc<Place>) -> Self {
        Self { body, _ends: Ends(place) }
    }
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
