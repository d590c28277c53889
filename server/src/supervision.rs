//! What systemd is told (`Type=notify`): that there is somebody to send people to, how it is, and
//! that it goes on. Where nothing supervises the program, nothing is done.
//!
//! It is ready when `/readyz` would say so for the first time; while a store keeps it waiting,
//! systemd is asked for more time, since starting again mends no store. The watchdog is told
//! (`WatchdogSec=`) by a task of the runtime that serves people, after two more of its tasks have
//! had their turn and the store was asked and has answered, or was given up in the time that it has
//! for that. A store that is merely away is therefore no reason to be killed: this process serves
//! people again once it is back, and the next one would have forgotten what verify knows. One that
//! is not given up, or workers that take nothing up any more, are stuck, and only a restart helps.
//!
//! Tests: here, `server/tests/server/listening/supervised.rs`, and with a store that is away
//! `server/tests/server/store_away.rs`.

use std::time::Duration;

use desk::{Desk, Driver};
use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;

/// How often it is looked at before it is ready, and from then on.
const BEFORE: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// So much more time is asked for each time, in microseconds.
const MORE_TIME: u32 = 30_000_000;

/// Tells it for as long as this is there.
#[derive(Debug, Default)]
pub(crate) struct Supervisor(Driver);

/// Begins to tell whoever supervises the program; `shown` is where it listens.
pub(crate) fn begin(desk: &Desk, shown: String) -> Supervisor {
    let supervisor = Supervisor::default();
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return supervisor;
    }
    let its = desk.clone();
    supervisor.0.run("telling systemd how it is", move || tell(its.clone(), shown.clone()));
    if let Some(within) = sd_notify::watchdog_enabled() {
        let its = desk.clone();
        supervisor.0.run("the watchdog", move || keep_away(its.clone(), within));
    }
    supervisor
}

impl Supervisor {
    /// It stops.
    pub(crate) fn stopping(&self) {
        self.0.stop();
        notify(&[NotifyState::Stopping, NotifyState::Status("Stopping.")]);
    }
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told how it is");
    }
}

async fn tell(desk: Desk, shown: String) {
    let serving = format!("Serving at {shown}.");
    let (mut was_ready, mut before) = (false, None);
    loop {
        let is_ready = desk.ready().await;
        if is_ready && !was_ready {
            was_ready = true;
            notify(&[NotifyState::Ready]);
        }
        if before.replace(is_ready) != Some(is_ready) {
            let away = "The store does not answer: nobody is let in until it does.";
            notify(&[NotifyState::Status(if is_ready { &serving } else { away })]);
        }
        if !was_ready {
            notify(&[NotifyState::ExtendTimeoutUsec(MORE_TIME)]);
        }
        tokio::time::sleep(if was_ready { LOOK_EVERY } else { BEFORE }).await;
    }
}

/// Keeps the watchdog away, which comes when it was not told for so long.
async fn keep_away(desk: Desk, within: Duration) {
    let mut turns = tokio::time::interval(within / 4);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let probed = desk.clone();
        let asking = async move {
            // Whatever it answers.
            let _ = probed.ready().await;
        };
        if goes_on(asking, within / 2).await {
            notify(&[NotifyState::Watchdog]);
        } else {
            tracing::error!(
                "nothing goes on in this process, and systemd is not told that it does"
            );
        }
    }
}

/// Whether tasks have their turn, and this is over in time.
async fn goes_on(asking: impl Future<Output = ()> + Send + 'static, within: Duration) -> bool {
    let turn = tokio::spawn(async move { tokio::spawn(asking).await });
    matches!(tokio::time::timeout(within, turn).await, Ok(Ok(Ok(()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_stuck_or_has_failed_does_not_go_on() {
        let (soon, late) = (Duration::from_millis(10), Duration::from_mins(1));
        assert!(goes_on(async {}, late).await);
        assert!(!goes_on(std::future::pending(), soon).await);
        assert!(!goes_on(async { panic!("planted") }, late).await);
    }
}
