//! What an identity system sends: JSON, and of a group with very many members much of it. It is
//! read only once the token is known to be right, of the large ones two at a time, and no longer
//! than it comes at some pace: what comes drop by drop would hold the turns of others. Tests: here,
//! and `server/tests/server/scim/{bodies,groups}.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use desk::{MAX_MEMBERS, Origin};
use futures::StreamExt as _;
use http::StatusCode;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::response::ScimError;
use crate::nearly_json;
use crate::web::{AppState, Caller, Pace, throw_away};

/// The most bytes: twenty thousand members, each with its name and address beside the id.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The most values: of each of so many members all that anybody says of one, twice. Read, one takes
/// many times the bytes that it may be written in.
const MAX_VALUES: usize = 10 * MAX_MEMBERS as usize;

/// More than anybody sends of one person, but for a picture.
const LARGE: usize = 64 * 1024;

/// How long a large one waits for its turn: less than a request may take.
const FOR_A_TURN: Duration = Duration::from_secs(10);

/// Five seconds, and one more for each 768 KiB that are there: the largest has 16 seconds.
const PACE: Pace = Pace { at_first: Duration::from_secs(5), bytes_a_second: 768 * 1024 };

/// When to try again for which there was none.
const AGAIN_AFTER_SECONDS: u32 = 10;

/// A request's body, and where it comes from.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) origin: Origin,
    pub(super) body: Value,
    /// As long as it is there, others wait that are as large.
    _turn: Option<OwnedSemaphorePermit>,
}

/// Reads a request's body, which is an object.
pub(super) async fn read(
    state: &AppState,
    caller: Caller,
    request: Request,
) -> Result<Sent, ScimError> {
    let (parts, body) = request.into_parts();
    let (bytes, turn) = whole(body, &state.large_bodies, PACE).await?;
    if values(&bytes) > MAX_VALUES {
        return Err(too_large());
    }
    let body: Value =
        nearly_json::read(&bytes).map_err(|_| ScimError::syntax("The body must be JSON."))?;
    if !body.is_object() {
        return Err(ScimError::syntax("The body must be a JSON object."));
    }
    Ok(Sent { origin: caller.origin(&parts.headers), body, _turn: turn })
}

/// All of it; of a large one with the turn that it has. How long it is shows as it comes, where it
/// does not say so before.
async fn whole(
    body: Body,
    turns: &Arc<Semaphore>,
    pace: Pace,
) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), ScimError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAX_BODY_BYTES {
        throw_away(body).await;
        return Err(too_large());
    }
    let (mut bytes, mut turn) = (Vec::new(), None);
    if announced > LARGE {
        match a_turn(turns, FOR_A_TURN).await {
            Ok(got) => turn = Some(got),
            Err(none) => {
                throw_away(body).await;
                return Err(none);
            }
        }
    }
    let mut stream = body.into_data_stream();
    let mut began = Instant::now();
    while let Some(piece) = timeout_at(pace.deadline(began, bytes.len()), stream.next())
        .await
        .map_err(|_| too_slow())?
    {
        let piece = piece.map_err(|_| ScimError::syntax("The body ended too early."))?;
        let length = bytes.len() + piece.len();
        if length > MAX_BODY_BYTES {
            return Err(too_large());
        }
        if length > LARGE && turn.is_none() {
            let waits = Instant::now();
            turn = Some(a_turn(turns, FOR_A_TURN).await?);
            began += waits.elapsed();
        }
        bytes.extend_from_slice(&piece);
    }
    Ok((bytes, turn))
}

/// A turn for a large one, where there is one within so long.
async fn a_turn(turns: &Arc<Semaphore>, most: Duration) -> Result<OwnedSemaphorePermit, ScimError> {
    match tokio::time::timeout(most, turns.clone().acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        // Closed they never are.
        Ok(Err(_)) | Err(_) => {
            let detail = "Other large requests are being done. Nothing was done: try again in a \
                moment.";
            Err(ScimError::of(StatusCode::SERVICE_UNAVAILABLE, "", detail)
                .after(AGAIN_AFTER_SECONDS))
        }
    }
}

fn too_slow() -> ScimError {
    let detail = "The body came too slowly. Nothing was done: send the request again, and a large \
        one in parts, by several PATCH requests.";
    ScimError::of(StatusCode::REQUEST_TIMEOUT, "", detail)
}

fn too_large() -> ScimError {
    let detail = format!(
        "Send at most {} MiB, and of a group's members at most {MAX_MEMBERS} at once: the others \
            by further PATCH requests.",
        MAX_BODY_BYTES / 1024 / 1024
    );
    ScimError::of(StatusCode::PAYLOAD_TOO_LARGE, "", &detail)
}

/// How many values there are in JSON at most: each begins it, a list or an object, or stands behind
/// a comma. An object's names are counted with what they name.
fn values(bytes: &[u8]) -> usize {
    let (mut many, mut in_text, mut is_escaped) = (1, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => many += 1,
            _ => {}
        }
    }
    many
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::response::IntoResponse as _;
    use futures::stream;
    use serde_json::json;

    use super::*;

    /// A body of so many bytes, of which no more comes than that.
    fn stops_after(many: usize) -> Body {
        let pieces =
            (0..many / 1000).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1000])));
        Body::from_stream(stream::iter(pieces).chain(stream::pending()))
    }

    #[tokio::test]
    async fn what_comes_too_slowly_is_given_up_and_its_turn_is_free() {
        let turns = Arc::new(Semaphore::new(2));
        for many in [0, 1000, 2 * LARGE, 2 * LARGE, 2 * LARGE] {
            let slow = whole(stops_after(many), &turns, Pace::AT_ONCE)
                .await
                .map(|_| ())
                .expect_err("slow");
            assert!(slow.detail().contains("Nothing was done"), "{slow:?}");
            assert_eq!(slow.into_response().status(), StatusCode::REQUEST_TIMEOUT);
            assert_eq!(turns.available_permits(), 2);
        }
        let comes = Body::from(vec![b' '; 2 * LARGE]);
        let (bytes, turn) = whole(comes, &turns, Pace::AT_ONCE).await.expect("it is there");
        assert_eq!((bytes.len(), turn.is_some(), turns.available_permits()), (2 * LARGE, true, 1));
    }

    #[test]
    fn the_largest_body_has_less_time_than_a_request() {
        let began = Instant::now();
        let until = |bytes: usize| PACE.deadline(began, bytes) - began;
        assert_eq!((until(0), until(768 * 1024)), (Duration::from_secs(5), Duration::from_secs(6)));
        let all = FOR_A_TURN + until(MAX_BODY_BYTES);
        assert!(all < Duration::from_secs(30) && until(MAX_BODY_BYTES) > until(1));
    }

    #[test]
    fn values_are_counted_and_what_stands_in_texts_is_none() {
        for (value, most) in [
            (json!({}), 2),
            (json!("a,b[{\"\\,"), 1),
            (json!([1, [], {}, "x"]), 7),
            (json!({ "a,\"": 1, "b": [{ "c": null }, {}] }), 7),
        ] {
            assert_eq!(values(value.to_string().as_bytes()), most, "{value}");
        }
    }

    #[tokio::test]
    async fn for_whom_there_is_no_turn_nothing_was_done() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = a_turn(&turns, Duration::ZERO).await.expect("the only one");
        let none = a_turn(&turns, Duration::ZERO).await.expect_err("none is left");
        assert!(none.detail().contains("Nothing was done"), "{none:?}");
        drop(turn);
        assert!(a_turn(&turns, Duration::ZERO).await.is_ok());
    }
}
