//! The end of the stream when the server stops: what is written by then is sent first, where the
//! target takes it in time. Tests: `tests.rs`, `server/tests/server/audit_stream.rs`.

use std::time::Duration;

use desk::Driver;
use tokio::sync::watch;

/// How long a stop waits for it. What is not sent by then is what the next start sends first.
const LAST_ROWS: Duration = Duration::from_millis(700);

/// What is known of it on both sides. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(watch::Sender<Stage>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Going,
    /// Nothing more is written: what there is, is the last.
    Wanted,
    /// There is nothing more to send, or the target does not take it.
    Over,
}

impl Ending {
    fn reach(&self, stage: Stage) {
        self.0.send_replace(stage);
    }

    async fn until(&self, stage: Stage) {
        // The sender is here: it does not go.
        let _ = self.0.subscribe().wait_for(|now| *now >= stage).await;
    }

    /// Whether what there is now is the last.
    pub(super) fn is_wanted(&self) -> bool {
        *self.0.borrow() >= Stage::Wanted
    }

    /// Waits until it is.
    pub(super) async fn wanted(&self) {
        self.until(Stage::Wanted).await;
    }

    /// There is no more to do.
    pub(super) fn end(&self) {
        self.reach(Stage::Over);
    }

    /// Has the last rows sent, and waits until that is over.
    pub(super) async fn come(&self) {
        self.reach(Stage::Wanted);
        self.until(Stage::Over).await;
    }
}

/// A stream that goes on by itself.
#[derive(Debug)]
pub(crate) struct Streaming {
    pub(super) driver: Driver,
    pub(super) ending: Ending,
}

impl Streaming {
    /// Sends what is written, and ends. To be called when nothing more is written.
    pub(crate) async fn end(self) {
        if tokio::time::timeout(LAST_ROWS, self.ending.come()).await.is_err() {
            tracing::warn!(
                "the audit’s stream has not sent its last rows in time: the next start sends them",
            );
        }
        self.driver.stop();
    }
}
