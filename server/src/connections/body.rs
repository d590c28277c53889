//! The bodies on a connection: while a request's does not come it waits for them, not for us, and
//! so does a page that listens for events; when an answer's is over, or given up, it is idle again.
//! Tests: here, with [`super::house`], and `server/tests/server/connections.rs`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::CONTENT_TYPE;
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
    /// Events: a page that is told that the stream has ended opens it again.
    is_live: bool,
    ends: Ends,
}

#[derive(Debug)]
struct Ends(Arc<Place>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.set(Doing::Idle);
    }
}

impl Answering {
    /// What is answered there.
    pub(super) fn with(response: Response, place: Arc<Place>) -> http::Response<Self> {
        let kind = response.headers().get(CONTENT_TYPE);
        let is_live = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        response.map(|body| Self { body, is_live, ends: Ends(place) })
    }
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending() && self.is_live {
            self.ends.0.listens();
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::poll_fn;

    use http_body::Body as _;

    use super::*;

    #[tokio::test]
    async fn a_page_that_listens_may_go_and_a_download_that_is_read_may_not() {
        for (kind, doing) in [("text/event-stream", Doing::Listening), ("text/csv", Doing::Busy)] {
            let place = Arc::new(Place::new([192, 0, 2, 1].into(), false, false));
            place.set(Doing::Busy);
            let nothing = futures::stream::pending::<Result<Bytes, Infallible>>();
            let response = http::Response::builder().header(CONTENT_TYPE, kind);
            let response = response.body(Body::from_stream(nothing)).expect("an answer");
            let mut answering = Answering::with(response, place.clone()).into_body();
            poll_fn(|cx| {
                assert!(Pin::new(&mut answering).poll_frame(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            assert_eq!(place.doing().0, doing, "{kind}");
            // Something is told, and it listens on.
            place.moved(false);
            assert_eq!(place.doing().0, Doing::Busy, "{kind}");
            drop(answering);
            assert_eq!(place.doing().0, Doing::Idle, "{kind}");
        }
    }
}
