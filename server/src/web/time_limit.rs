//! An answer that does not begin within half a minute, or before the server stops, is given up.
//! Whether what was asked for was done is not known then, and that is what is said.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use tokio::sync::watch;

use super::error_response::{self, Form};

/// Longer than any answer takes whose store is well: the longest wait for wrong passwords is 10
/// seconds.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Answers 503 when it takes longer. A stream that has begun may go on.
pub(crate) async fn limit(
    State(mut cut): State<watch::Receiver<bool>>,
    request: Request,
    next: Next,
) -> Response {
    let form = Form::of(&request);
    let changes_nothing = request.method().is_safe();
    let given_up = async {
        tokio::select! {
            () = tokio::time::sleep(REQUEST_TIMEOUT) => {}
            // Without a sender nobody cuts it off.
            Ok(_) = cut.wait_for(|cut| *cut) => {}
        }
    };
    tokio::select! {
        biased;
        response = next.run(request) => response,
        () = given_up => {
            let unknown = Refusal::outcome_not_known(None::<desk::AuditAction>);
            error_response::refuse_as(
                form, if changes_nothing { &Refusal::Unavailable } else { &unknown },
            )
        }
    }
}
