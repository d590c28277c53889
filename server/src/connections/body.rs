//! The bodies on a connection: while a request's does not come it waits for them, not for us, and
//! so does a page that listens for events; when an answer's is over, or given up, it is idle again.
//! Tests: here, with [`super::house`], and `server/tests/server/connections.rs`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::place::{Doing, Place};

/// So much of an answer is handed on at a time where others are beside it: what nobody takes stays
/// its own, and is given up with it.
const PIECE: usize = 8 * 1024;

/// The body of a request.
#[derive(Debug)]
pub(super) struct Coming {
    body: Incoming,
    place: Arc<Place>,
    /// Of a stream, whether it broke off. Others come beside it: that bytes move on the connection
    /// says nothing of this one.
    is_broken: Option<Arc<AtomicBool>>,
}

impl Coming {
    pub(super) const fn new(body: Incoming, place: Arc<Place>) -> Self {
        Self { body, place, is_broken: None }
    }

    /// Of a stream of HTTP/2; where it breaks off, that is noted.
    pub(super) const fn of_stream(
        body: Incoming,
        place: Arc<Place>,
        is_broken: Arc<AtomicBool>,
    ) -> Self {
        Self { body, place, is_broken: Some(is_broken) }
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
        match (&polled, &self.is_broken) {
            (Poll::Pending, _) => self.place.stalls(),
            (Poll::Ready(Some(Err(_))), Some(is_broken)) => is_broken.store(true, Relaxed),
            (Poll::Ready(_), Some(_)) => self.place.moved(true),
            (Poll::Ready(_), None) => {}
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

/// The body of an answer, handed on a piece at a time.
#[derive(Debug)]
pub(super) struct Answering {
    body: Body,
    /// Events: a page that is told that the stream has ended opens it again.
    is_live: bool,
    /// Of a piece that was too large to be handed on at once.
    rest: Bytes,
    of: Of,
}

/// Whose answer it is.
#[derive(Debug)]
enum Of {
    /// A connection's, which is idle when it is over.
    Connection(Arc<Place>),
    /// A stream's, which ends with it.
    Stream(Arc<Place>),
    /// Of one that there is no place for.
    Nobody,
}

impl Drop for Of {
    fn drop(&mut self) {
        if let Self::Connection(place) = self {
            place.set(Doing::Idle);
        }
    }
}

impl Answering {
    /// What is answered there.
    pub(super) fn with(response: Response, place: Arc<Place>) -> http::Response<Self> {
        Self::of(response, Of::Connection(place))
    }

    /// The same on a stream of HTTP/2.
    pub(super) fn on_stream(response: Response, place: Arc<Place>) -> http::Response<Self> {
        // Until it is taken, or asked for more.
        place.set(Doing::Theirs);
        Self::of(response, Of::Stream(place))
    }

    /// The same where there is no place.
    pub(super) fn of_nobody(response: Response) -> http::Response<Self> {
        Self::of(response, Of::Nobody)
    }

    fn of(response: Response, of: Of) -> http::Response<Self> {
        let kind = response.headers().get(CONTENT_TYPE);
        let is_live = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        response.map(|body| Self { body, is_live, rest: Bytes::new(), of })
    }

    /// What is handed on next on a stream: asked for once what was before it may go out.
    fn next_piece(
        &mut self,
        place: &Place,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if place.doing().0 == Doing::Theirs {
            place.set(Doing::Busy);
        }
        let polled = if self.rest.is_empty() {
            Pin::new(&mut self.body).poll_frame(cx)
        } else {
            Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))))
        };
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                place.set(Doing::Theirs);
                Poll::Ready(Some(Ok(self.piece_of(frame))))
            }
            Poll::Pending if self.is_live => {
                place.listens();
                Poll::Pending
            }
            other => other,
        }
    }

    fn piece_of(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_data() {
            Ok(mut data) => {
                if data.len() > PIECE {
                    self.rest = data.split_off(PIECE);
                }
                Frame::data(data)
            }
            Err(frame) => frame,
        }
    }
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Of::Stream(place) = &self.of {
            let place = place.clone();
            return self.next_piece(&place, cx);
        }
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending()
            && self.is_live
            && let Of::Connection(place) = &self.of
        {
            place.listens();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.rest.is_empty() { self.body.size_hint() } else { SizeHint::default() }
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

    /// Each is asked for once what was before it may go out: until then it waits for them.
    #[tokio::test]
    async fn on_a_stream_an_answer_goes_out_piece_by_piece_and_waits_for_them_in_between() {
        let place = Arc::new(Place::new([192, 0, 2, 1].into(), false, false));
        place.set(Doing::Busy);
        let whole: Vec<u8> =
            (0..2 * PIECE + 7).map(|n| u8::try_from(n % 251).expect("small")).collect();
        let response = http::Response::new(Body::from(whole.clone()));
        let mut answering = Answering::on_stream(response, place.clone()).into_body();
        assert_eq!(place.doing().0, Doing::Theirs, "its head is to be taken");
        assert_eq!(answering.size_hint().exact(), Some(whole.len() as u64));
        let mut come = Vec::new();
        while !answering.is_end_stream() {
            let frame = poll_fn(|cx| Pin::new(&mut answering).poll_frame(cx)).await;
            let data = frame.expect("more").expect("good").into_data().expect("data");
            assert!((1..=PIECE).contains(&data.len()), "{}", data.len());
            assert_eq!(place.doing().0, Doing::Theirs);
            come.extend_from_slice(&data);
        }
        assert!(come == whole, "all of it, in its order");
        drop(answering);
        assert_eq!(place.doing().0, Doing::Theirs, "whoever has the stream ends it");
    }
}
