//! What runs by itself: the next rows to the target, again and again; where it does not take them,
//! again after a while, from where it was. Nobody's request waits for any of it. Tests: `tests.rs`.

use std::sync::Arc;
use std::time::Duration;

use desk::{AuditStream, StreamPart};

use super::ending::Ending;
use super::status::StreamStatus;
use super::target::Target;

/// Rows that are sent at once. Where a target does not take so many in time, half as many are
/// tried, and twice as many where it does.
const MAX_BATCH: usize = 500;

/// How often it is looked whether there is something, and how long to wait for a target that is
/// away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) every: Duration,
    /// Twice as long each time.
    pub(super) longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { every: Duration::from_secs(1), longest: Duration::from_mins(1) }
    }
}

/// How a round went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Rows were sent, and there are more.
    More,
    /// There is nothing more, or it is another node's turn.
    Nothing,
    /// The store or the target does not answer.
    Failed,
}

/// Sends until the desk is gone. Where the end is wanted, it sends what there is, and then nothing
/// more.
pub(super) async fn stream_regularly(
    stream: AuditStream,
    target: Target,
    status: Arc<StreamStatus>,
    (pace, ending): (Pace, Ending),
) {
    let mut streamer = Streamer { stream, target, status, batch: MAX_BATCH };
    let mut wait = pace.every;
    loop {
        // What is written after it is known is looked for no more.
        let is_last = ending.is_wanted();
        wait = match streamer.round().await {
            Round::More => {
                // Others have a turn in between.
                tokio::task::yield_now().await;
                continue;
            }
            Round::Nothing | Round::Failed if is_last => break,
            Round::Nothing => pace.every,
            Round::Failed => (wait * 2).min(pace.longest),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = ending.wanted() => {}
        }
    }
    ending.end();
    // It would be started again.
    std::future::pending::<()>().await;
}

struct Streamer {
    stream: AuditStream,
    target: Target,
    status: Arc<StreamStatus>,
    batch: usize,
}

impl Streamer {
    async fn round(&mut self) -> Round {
        // What is wrong with the store it says itself.
        let Ok(part) = self.stream.next(self.batch).await else { return Round::Failed };
        self.status.set_behind(part.behind);
        if !part.moves() {
            return Round::Nothing;
        }
        if let Err(error) = self.target.deliver(&part.rows).await {
            self.batch = (part.rows.len() / 2).max(1);
            if self.status.note_failure() {
                tracing::warn!(
                    to = %self.target, rows = part.behind, %error,
                    "the audit’s stream does not reach its target: rows wait, and are sent when it \
                     does",
                );
            }
            return Round::Failed;
        }
        self.batch = (self.batch * 2).min(MAX_BATCH);
        if self.status.note_reached() {
            tracing::info!(
                to = %self.target, rows = part.behind,
                "the audit’s stream reaches its target again, and sends what has waited",
            );
        }
        if self.stream.sent(&part).await.is_err() {
            return Round::Failed;
        }
        self.tell(&part)
    }

    /// Counts what was sent, and says what could not be.
    fn tell(&self, part: &StreamPart) -> Round {
        for node in &part.set_back {
            tracing::warn!(
                %node,
                "the audit of this node is not the one that was streamed: the store is an older \
                    copy. All of its rows are sent again",
            );
        }
        if part.missing > 0 {
            tracing::error!(
                rows = part.missing,
                "rows of the audit were gone from the store before they could be streamed. See \
                    `latchkey audit verify`",
            );
        }
        let sent = u64::try_from(part.rows.len()).unwrap_or(u64::MAX);
        self.status.note_sent(sent, part.missing);
        let behind = part.behind.saturating_sub(sent).saturating_sub(part.missing);
        self.status.set_behind(behind);
        if behind > 0 { Round::More } else { Round::Nothing }
    }
}
