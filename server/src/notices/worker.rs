//! What runs by itself: the notices that are due, each handed over and noted before the next. A
//! node that is killed in between has sent one that is not noted: it comes once more, when its
//! lease in the store is over. No request waits for any of it. Tests: `tools/test-mail`.

use std::sync::Arc;
use std::time::Duration;

use desk::{Channel, Desk, Notice};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::mail::{Line, Mailer};
use super::status::NoticesStatus;
use super::undelivered::{Retry, Undelivered};
use super::webhook::Receiver;

/// Notices that are taken up at once. Another node takes those up that are not noted in time.
const BATCH: usize = 20;

/// How long a batch is gone on with: with its last mail less than the store's lease of five
/// minutes.
const TURN: Duration = Duration::from_mins(2);

/// How often it is looked whether some are due.
const EVERY: Duration = Duration::from_secs(2);

/// After which a side that is away is tried again; each notice has a time of its own besides.
const AWAY: Duration = Duration::from_secs(10);

/// How often the queue is counted.
const COUNT_EVERY: Duration = Duration::from_secs(20);

/// How often it is tried to note what was sent, a second apart: the store may be away.
const NOTE_TRIES: u32 = 30;

/// By what notices go.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Mail(Mailer),
    Webhook(Receiver),
}

/// The same while it is used.
#[derive(Debug)]
enum Open {
    Mail(Box<Line>),
    Webhook(Box<Receiver>),
}

impl Way {
    pub(super) const fn channel(&self) -> Channel {
        match self {
            Self::Mail(_) => Channel::Mail,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    fn open(&self) -> Open {
        match self {
            Self::Mail(mailer) => Open::Mail(Box::new(mailer.line())),
            Self::Webhook(receiver) => Open::Webhook(Box::new(receiver.clone())),
        }
    }
}

impl Open {
    async fn deliver(&mut self, notice: &Notice) -> Result<(), Undelivered> {
        match self {
            Self::Mail(line) => line.deliver(notice).await,
            Self::Webhook(receiver) => receiver.deliver(notice).await,
        }
    }

    async fn rest(&mut self) {
        match self {
            Self::Mail(line) => line.rest().await,
            Self::Webhook(_) => {}
        }
    }
}

/// What sends by one way.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) desk: Desk,
    pub(super) way: Way,
    pub(super) status: Arc<NoticesStatus>,
    /// Held while one is handed over and noted: whoever stops waits for it.
    pub(super) under_way: Arc<Mutex<()>>,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Worker {
    /// Sends until the server stops.
    pub(super) async fn run(mut self) {
        let mut counted: Option<Instant> = None;
        while !*self.stopping.borrow() {
            if counted.is_none_or(|at| at.elapsed() >= COUNT_EVERY) {
                counted = Some(Instant::now());
                if let Ok(queue) = self.desk.notices_waiting().await {
                    self.status.set_queue(&queue);
                }
            }
            let wait = self.round().await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = self.stopping.wait_for(|stops| *stops) => {}
            }
        }
        // It would be started again.
        std::future::pending::<()>().await;
    }

    /// Those that are due; answers how long to wait for the next.
    async fn round(&self) -> Duration {
        // What is wrong with the store it says itself.
        let channel = self.way.channel();
        let Ok(due) = self.desk.notices_due(channel, BATCH).await else { return EVERY };
        if due.is_empty() {
            return EVERY;
        }
        let is_full = due.len() >= BATCH;
        let (started, mut open) = (Instant::now(), self.way.open());
        let mut away: Option<Undelivered> = None;
        for notice in &due {
            // What is left is taken up again when its lease is over.
            if *self.stopping.borrow() || started.elapsed() >= TURN {
                break;
            }
            let _under_way = self.under_way.lock().await;
            let delivered = match &away {
                // It takes none now: it is asked for these no more.
                Some(why) => Err(why.clone()),
                None => open.deliver(notice).await,
            };
            match delivered {
                Ok(()) => self.sent(notice).await,
                Err(why) => {
                    self.failed(notice, &why).await;
                    if why.retry == Retry::AllLater {
                        away = Some(why);
                    }
                }
            }
        }
        open.rest().await;
        match away {
            Some(_) => AWAY,
            None if is_full => Duration::ZERO,
            None => EVERY,
        }
    }

    async fn sent(&self, notice: &Notice) {
        let channel = self.way.channel();
        self.status.note_sent(channel);
        if self.status.set_away(channel, false) {
            tracing::info!(by = channel.code(), "notices are taken again, and what waited is sent");
        }
        for _ in 0..NOTE_TRIES {
            if self.desk.notice_sent(notice, channel).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        tracing::warn!(
            by = channel.code(),
            notice = notice.id.short(),
            "a notice was sent, and the store could not note it: it may be sent once more",
        );
    }

    async fn failed(&self, notice: &Notice, why: &Undelivered) {
        let (channel, reason) = (self.way.channel(), why.why.as_str());
        self.status.note_failed(channel);
        let for_good = why.retry == Retry::Never;
        if why.retry == Retry::AllLater {
            if self.status.set_away(channel, true) {
                tracing::warn!(
                    by = channel.code(),
                    reason,
                    "notices are not taken: they wait, and are tried again",
                );
            }
        } else {
            // Whom it was for the desk says, where it is given up.
            tracing::warn!(
                by = channel.code(),
                notice = notice.id.short(),
                kind = notice.kind.code(),
                reason,
                for_good,
                "a notice was not taken",
            );
        }
        // Not noted, it is tried again when its lease is over.
        let _ = self.desk.notice_failed(notice, channel, reason, for_good).await;
    }
}
