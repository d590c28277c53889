//! The one driver of what runs by itself: it starts each task, starts it again where it ends or
//! panics, and ends all of them with the desk.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::engine::lock::lock;

/// How long to wait before a task that ended is started again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What runs by itself: the desk's, and each of whoever serves it. It ends when this is dropped.
#[derive(Debug, Default)]
pub struct Driver {
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Driver {
    /// Runs what `make` makes until [`Driver::stop`], and again whenever it ends or panics. `name`
    /// is for the log.
    pub fn run<F>(&self, name: &'static str, make: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let task = tokio::spawn(async move {
            loop {
                // In a task of its own, so that a panic ends that one alone; and it ends with this
                // one.
                let mut running = tokio::task::JoinSet::new();
                running.spawn(make());
                match running.join_next().await {
                    Some(Err(error)) if error.is_panic() => {
                        tracing::error!(task = name, "failed; starting it again");
                    }
                    _ => tracing::warn!(task = name, "ended; starting it again"),
                }
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        });
        lock(&self.tasks).push(task.abort_handle());
    }

    /// Ends all of it.
    pub fn stop(&self) {
        lock(&self.tasks).drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_panics_or_ends_is_started_again_and_a_stop_ends_it() {
        let started = Arc::new(AtomicUsize::new(0));
        let (tell, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let driver = Driver::default();
        let counted = started.clone();
        driver.run("a test", move || {
            let (round, tell) = (counted.fetch_add(1, Ordering::SeqCst), tell.clone());
            async move {
                tell.send(round).expect("somebody listens");
                assert!(round > 0, "the first one panics");
                if round > 1 {
                    std::future::pending::<()>().await;
                }
            }
        });
        for round in 0..3 {
            assert_eq!(receiver.recv().await, Some(round));
        }
        driver.stop();
        assert_eq!(receiver.recv().await, None, "it is gone, and its end of the channel with it");
        assert_eq!(started.load(Ordering::SeqCst), 3);
    }
}
