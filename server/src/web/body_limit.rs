//! No form is larger than 64 KiB: what is larger is refused before anything reads it. What an
//! identity system sends may be larger, and is read only once it has shown its token
//! (`server/src/scim/body.rs`).

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use futures::StreamExt as _;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::error_response::{self, Form};
use super::pace::Pace;

/// The largest body.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How much of a body that is too large is read and thrown away, and for how long, so that the
/// browser gets to see the refusal: one that is cut off while sending shows "connection reset"
/// instead.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than anybody fills into a form. One that is larger is kept until it is whole all the same:
/// so many at a time, and no longer than they come at some pace, or a few strangers who never send
/// the end would take all memory.
const LARGE: usize = 8 * 1024;
static LARGE_ONES: Semaphore = Semaphore::const_new(256);
const PACE: Pace = Pace { at_first: Duration::from_secs(5), bytes_a_second: 64 * 1024 };

/// How long one of these waits for its turn.
const FOR_A_TURN: Duration = Duration::from_secs(1);

/// When to try again for which there was none.
const AGAIN_AFTER_SECONDS: u32 = 5;

/// Reads the body, if it is small enough.
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    let form = Form::of(&request);
    let (parts, body) = request.into_parts();
    match whole(body, &LARGE_ONES, PACE).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => error_response::refuse_as(form, &refusal),
    }
}

/// The whole body. How long it is shows as it comes, where it does not say so before.
async fn whole(body: Body, turns: &Semaphore, pace: Pace) -> Result<Vec<u8>, Refusal> {
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        throw_away(body).await;
        return Err(Refusal::TooLarge);
    }
    let (mut bytes, mut turn, mut began) = (Vec::new(), None, Instant::now());
    let mut stream = body.into_data_stream();
    loop {
        let next = if turn.is_some() {
            timeout_at(pace.deadline(began, bytes.len()), stream.next())
                .await
                .map_err(|_| Refusal::Unreadable)?
        } else {
            stream.next().await
        };
        let Some(piece) = next else { return Ok(bytes) };
        let piece = piece.map_err(|_| Refusal::Unreadable)?;
        let length = bytes.len() + piece.len();
        if length > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge);
        }
        if length > LARGE && turn.is_none() {
            // Closed they never are.
            let Ok(Ok(got)) = timeout(FOR_A_TURN, turns.acquire()).await else {
                return Err(Refusal::TooManyAttempts { seconds: AGAIN_AFTER_SECONDS });
            };
            (turn, began) = (Some(got), Instant::now());
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Reads what is not looked at, so that whoever sends it reads the answer.
pub(crate) async fn throw_away(body: Body) {
    let all = async {
        let mut stream = body.into_data_stream();
        let mut seen = 0;
        while let Some(Ok(piece)) = stream.next().await {
            seen += piece.len();
            if seen > THROWN_AWAY {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY_TIMEOUT, all).await;
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures::stream;

    use super::*;

    /// A body of so many kilobytes, of which no more comes.
    fn stops_after(kilobytes: usize) -> Body {
        let pieces = (0..kilobytes).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1024])));
        Body::from_stream(stream::iter(pieces).chain(stream::pending()))
    }

    #[tokio::test]
    async fn of_large_ones_few_are_kept_and_none_that_does_not_come() {
        let turns = Semaphore::new(1);
        for _ in 0..3 {
            let slow = whole(stops_after(60), &turns, Pace::AT_ONCE).await;
            assert_eq!(slow, Err(Refusal::Unreadable));
            assert_eq!(turns.available_permits(), 1);
        }
        let large = || Body::from(vec![b'x'; MAX_BODY_BYTES]);
        assert_eq!(whole(large(), &turns, PACE).await.map(|body| body.len()), Ok(MAX_BODY_BYTES));
        let turn = turns.acquire().await.expect("the only one");
        let none = whole(stops_after(60), &turns, Pace::AT_ONCE).await;
        assert_eq!(none, Err(Refusal::TooManyAttempts { seconds: AGAIN_AFTER_SECONDS }));
        let small = whole(Body::from(vec![b'x'; LARGE]), &turns, PACE).await;
        assert_eq!(small.map(|body| body.len()), Ok(LARGE), "what is small waits for nobody");
        drop(turn);
        let grows = whole(stops_after(65), &turns, PACE).await;
        assert_eq!(grows, Err(Refusal::TooLarge));
    }
}
