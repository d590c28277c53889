//! How much one session asks for: what it posts, and what is refused, which costs more. So nobody
//! who is logged in, however little they may, keeps the store busy while others wait to revoke a
//! token. Pages that are read cost nothing, but who has spent what they may waits with everything.
//! Tests: below, and `server/tests/server/people/session_pace.rs`.
//!
//! What is counted is the session that goes on, and nothing else: a made-up cookie is nobody's, and
//! who carries one that a neighbour has planted shares nothing with others who carry the same. A
//! session is known by its cookie as it is sent; it gets a new one by giving the local password,
//! which takes longer than it gains.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use app::server::request_context::RequestContext;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use http::{Method, StatusCode};

use super::spending::Spending;
use super::{AppState, error_response};

/// What a refusal costs beside the request itself: the rules were asked, and the audit counts it.
const REFUSAL_COSTS: u32 = 4;

/// The most sessions remembered, some 50 bytes each.
const MAX_SESSIONS: usize = 100_000;

/// What sessions have asked for.
pub(crate) struct SessionPace {
    per_minute: u32,
    spent: Mutex<Spending<[u8; 16]>>,
    /// How often a session was to wait.
    refused: AtomicU64,
}

impl fmt::Debug for SessionPace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionPace").field("per_minute", &self.per_minute).finish_non_exhaustive()
    }
}

impl SessionPace {
    /// So much in a minute; 0: no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        let spent = Mutex::new(Spending::new(MAX_SESSIONS));
        Self { per_minute, spent, refused: AtomicU64::new(0) }
    }

    /// How often a session was to wait.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Spends so much, or says how many seconds to wait.
    fn take(&self, session: [u8; 16], many: u32, now: Instant) -> Result<(), u32> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.of(&session).look(self.per_minute, now)?;
        if many > 0 {
            spent.spend(session, many, self.per_minute, now);
        }
        Ok(())
    }
}

/// Answers 429 to a session that has spent what it may. Of several cookies the context has told by
/// now which one counts.
pub(crate) async fn limit(
    State(state): State<AppState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
    next: Next,
) -> Response {
    let Some(cookie) = &context.cookie else { return next.run(request).await };
    let session = desk::short_hash(cookie.expose());
    let take = |many: u32| state.session_pace.take(session, many, Instant::now());
    // Whether it is a session at all costs a question to the desk, which is asked once a request:
    // whatever is posted asks it as well.
    // Whose page it was is no matter: the header that says so is the client's to choose.
    let is_one =
        async || matches!(context.visitor().await, Ok(_) | Err(Refusal::PageOfAnother { .. }));
    let mut taken = take(0);
    if taken.is_ok() && *request.method() == Method::POST && is_one().await {
        taken = take(1);
    }
    if let Err(seconds) = taken {
        state.session_pace.refused.fetch_add(1, Relaxed);
        return error_response::refuse(&request, &Refusal::SessionTooFast { seconds });
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN && is_one().await {
        // It may have been the last that it may: then there is nothing left to take.
        let _ = take(REFUSAL_COSTS);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_read_costs_nothing_until_all_is_spent() {
        let (pace, now) = (SessionPace::new(3), Instant::now());
        assert!((0..100).all(|_| pace.take([1; 16], 0, now).is_ok()));
        assert!((0..3).all(|_| pace.take([1; 16], 1, now).is_ok()));
        assert_eq!((pace.take([1; 16], 0, now), pace.take([1; 16], 1, now)), (Err(20), Err(20)));
        assert_eq!(pace.take([2; 16], 1, now), Ok(()), "another session");
        assert!((0..100).all(|_| SessionPace::new(0).take([1; 16], 4, now).is_ok()), "no limit");
    }
}
