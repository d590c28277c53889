//! An answer that does not begin within half a minute is given up.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;

use super::refuse::{self, Form};

/// Longer than any answer takes whose store is well: the longest wait for wrong passwords is 10 seconds.
const MOST: Duration = Duration::from_secs(30);

/// Answers 503 when it takes longer. A stream that has begun may go on.
pub(super) async fn limit(request: Request, next: Next) -> Response {
    let form = Form::of(&request);
    match tokio::time::timeout(MOST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse::refuse_as(form, &Refusal::Unavailable),
    }
}
