//! What an identity system sends: JSON, and of a group with very many members much of it. It is
//! read only once the token is known to be right, and of the large ones two at a time. Tests:
//! `server/tests/server/scim/groups.rs`.

use axum::extract::Request;
use desk::{MOST_MEMBERS, Origin, Refusal};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::response::ScimError;
use crate::nearly_json;
use crate::web::{Caller, whole};

/// The most bytes: twenty thousand members, each with its name and address beside the id.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// More than anybody sends of one person, but for a picture.
const LARGE: u64 = 64 * 1024;

/// Read, a large one takes many times its length.
static LARGE_ONES: Semaphore = Semaphore::const_new(2);

/// A request's body, and where it comes from.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) origin: Origin,
    pub(super) body: Value,
    /// As long as it is there, others wait that are as large.
    _turn: Option<SemaphorePermit<'static>>,
}

/// Reads a request's body, which is an object.
pub(super) async fn read(caller: Caller, request: Request) -> Result<Sent, ScimError> {
    let (parts, body) = request.into_parts();
    let is_small = length(&parts.headers).is_some_and(|length| length <= LARGE);
    // Closed it never is.
    let turn = if is_small { None } else { LARGE_ONES.acquire().await.ok() };
    let bytes = whole(body, MAX_BODY_BYTES).await.map_err(|refusal| match refusal {
        Refusal::TooLarge => {
            let detail = format!(
                "Send at most {} MiB, and of a group's members at most {MOST_MEMBERS} at once: \
                    the others by further PATCH requests.",
                MAX_BODY_BYTES / 1024 / 1024
            );
            ScimError::of(StatusCode::PAYLOAD_TOO_LARGE, "", &detail)
        }
        _ => ScimError::syntax("The body ended too early."),
    })?;
    let body: Value =
        nearly_json::read(&bytes).map_err(|_| ScimError::syntax("The body must be JSON."))?;
    if !body.is_object() {
        return Err(ScimError::syntax("The body must be a JSON object."));
    }
    Ok(Sent { origin: caller.origin(&parts.headers), body, _turn: turn })
}

/// How long a body says that it is.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
