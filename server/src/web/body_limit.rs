//! No form is larger than 64 KiB: what is larger is refused before anything reads it. What an
//! identity system sends may be larger, and is read only once it has shown its token
//! (`server/src/scim/body.rs`).

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use futures::StreamExt as _;

use super::error_response::{self, Form};

/// The largest body.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How much of a body that is too large is read and thrown away, and for how long, so that the
/// browser gets to see the refusal: one that is cut off while sending shows "connection reset"
/// instead.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the body, if it is small enough.
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    let form = Form::of(&request);
    let (parts, body) = request.into_parts();
    match whole(body, MAX_BODY_BYTES).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => error_response::refuse_as(form, &refusal),
    }
}

/// The whole body, of at most so many bytes.
async fn whole(body: Body, most: usize) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > most as u64 {
        throw_away(body).await;
        return Err(Refusal::TooLarge);
    }
    // Bodies without a length: reading stops at the limit.
    to_bytes(body, most).await.map_err(|error| {
        if is_length_limit(&error) { Refusal::TooLarge } else { Refusal::Unreadable }
    })
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

fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit") {
            return true;
        }
        cause = error.source();
    }
    false
}
