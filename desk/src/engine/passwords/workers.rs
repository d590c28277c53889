//! Threads of their own for what keeps a core busy, at a lower priority than everything else:
//! whoever checks a token does not wait for whoever guesses a password, also where there are as few
//! cores as threads. Tests: with [`super::pool`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use tokio::sync::oneshot;

/// By how much nicer than the rest of the program they are (`nice(2)`, on Linux of one thread). At
/// the same priority, with two cores, the slowest hundredth of verify took 7 ms longer while a
/// flood of log-ins was hashed.
const NICER: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped.
#[derive(Debug)]
pub(crate) struct Workers(mpsc::Sender<Job>);

impl Workers {
    /// Starts so many.
    pub(crate) fn new(threads: usize) -> Self {
        let (jobs, receiver) = mpsc::channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let receiver = receiver.clone();
            thread::spawn(move || {
                // Where the system does not allow it they are as the others.
                let _ = rustix_process::process::nice(NICER);
                loop {
                    let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match job {
                        Ok(job) => job(),
                        Err(mpsc::RecvError) => return,
                    }
                }
            });
        }
        Self(jobs)
    }

    /// Begins the work on one of them, for whoever does not wait for it. A panic in it is its own.
    pub(crate) fn start(&self, work: impl FnOnce() + Send + 'static) {
        let job = Box::new(move || drop(catch_unwind(AssertUnwindSafe(work))));
        // The threads are there as long as this is.
        let _ = self.0.send(job);
    }

    /// Does the work on one of them, and lets go of `held` when it is done, whether somebody waits
    /// for it or not. None where it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        held: impl Send + 'static,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, result) = oneshot::channel();
        let job = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(work));
            drop(held);
            if let Ok(done) = done {
                // Whoever has asked may be gone.
                let _ = tell.send(done);
            }
        });
        self.0.send(job).ok()?;
        result.await.ok()
    }
}
