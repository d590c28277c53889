//! A bounded number of threads for what takes long, and a bounded number of those who wait for one.
//! Tests: here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use tokio::sync::Semaphore;

use crate::Refusal;
use crate::engine::passwords::workers::Workers;

/// A bounded number of threads for what takes long. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    threads: Arc<Semaphore>,
    workers: Arc<Workers>,
    /// Who waits here waits for one of these first.
    before: Option<Arc<Semaphore>>,
    waiting: Arc<AtomicUsize>,
    most: usize,
    /// How many of them are of which network.
    by: Arc<Mutex<HashMap<IpNet, usize>>>,
    /// How many threads there are.
    size: usize,
    /// How many were turned away.
    refused: Arc<AtomicU64>,
}

/// While half of the places are taken, a network has at most one in so many of all.
const SHARE: usize = 8;

impl Pool {
    /// With so many threads; of those who are there at once, waiting or not, at most `most`.
    pub(crate) fn new(threads: usize, most: usize) -> Self {
        let workers = Arc::new(Workers::new(threads));
        Self {
            threads: Arc::new(Semaphore::new(threads)),
            workers,
            before: None,
            waiting: Arc::default(),
            most,
            by: Arc::default(),
            size: threads,
            refused: Arc::default(),
        }
    }

    /// Another queue for the same threads: of those in it at most as many as there are threads
    /// stand before whoever waits in this one.
    pub(crate) fn behind(&self, most: usize) -> Self {
        let before = Some(Arc::new(Semaphore::new(self.threads.available_permits())));
        Self {
            threads: self.threads.clone(),
            workers: self.workers.clone(),
            before,
            waiting: Arc::default(),
            most,
            by: Arc::default(),
            size: self.size,
            refused: Arc::default(),
        }
    }

    /// Does the work on one of the threads. Who goes away while waiting has not begun it.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.run_for(None, work).await
    }

    /// As [`Pool::run`], for somebody of that network: while half of the places are taken, those
    /// who have their share of them are turned away, so that no network keeps the others out.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while too many wait.
    pub(crate) async fn run_for<T: Send + 'static>(
        &self,
        network: Option<IpNet>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let Some(_place) = self.place(network) else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::TooManyAttempts { seconds: 3 });
        };
        let before = match &self.before {
            Some(before) => {
                Some(before.clone().acquire_owned().await.map_err(|_| Refusal::Unavailable)?)
            }
            None => None,
        };
        let thread =
            self.threads.clone().acquire_owned().await.map_err(|_| Refusal::Unavailable)?;
        self.workers.run((thread, before), work).await.ok_or(Refusal::Unavailable)
    }

    fn place(&self, network: Option<IpNet>) -> Option<Place> {
        // Counted before it is judged: what is dropped is taken off again.
        let place = Place { waiting: self.waiting.clone(), by: self.by.clone(), network };
        let there = self.waiting.fetch_add(1, Ordering::AcqRel);
        let of_theirs = network.map_or(0, |network| {
            let mut by = self.by.lock().unwrap_or_else(PoisonError::into_inner);
            let of_theirs = by.entry(network).or_default();
            *of_theirs += 1;
            *of_theirs
        });
        let has_room = there < self.most / 2 || of_theirs <= (self.most / SHARE).max(1);
        (there < self.most && has_room).then_some(place)
    }

    /// Keeps all of its threads busy until that is dropped.
    #[cfg(test)]
    pub(crate) async fn held(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(self.threads.available_permits()).expect("a few");
        self.threads.clone().acquire_many_owned(all).await.expect("open")
    }

    /// How many threads there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How many of them are at work.
    pub(crate) fn running(&self) -> usize {
        self.size.saturating_sub(self.threads.available_permits())
    }

    /// How many were turned away.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many are there at once, waiting or not.
    pub(crate) fn there(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

/// A place in the queue, given back when dropped, also when the waiting request is gone.
struct Place {
    waiting: Arc<AtomicUsize>,
    by: Arc<Mutex<HashMap<IpNet, usize>>>,
    network: Option<IpNet>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        if let Some(network) = self.network {
            let mut by = self.by.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(of_theirs) = by.get_mut(&network) {
                *of_theirs -= 1;
                if *of_theirs == 0 {
                    by.remove(&network);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_in_the_queue_behind_holds_up_nobody_before_it() {
        let pool = Pool::new(1, 4);
        let behind = pool.behind(4);
        // One of them is at work, and the rest of the flood waits behind.
        let at_work = behind.before.clone().expect("a queue").acquire_owned().await.expect("open");
        let mut flood: Vec<_> = (0..4).map(|_| Box::pin(behind.run(|| ()))).collect();
        for one in &mut flood {
            assert!(futures::poll!(one.as_mut()).is_pending());
        }
        assert_eq!(behind.run(|| ()).await, Err(Refusal::TooManyAttempts { seconds: 3 }));
        assert_eq!(pool.run(|| 7).await, Ok(7), "before them all");
        drop(at_work);
        for one in flood {
            assert_eq!(one.await, Ok(()));
        }
    }

    #[tokio::test]
    async fn a_panic_takes_no_thread_and_no_place_away() {
        let pool = Pool::new(1, 1);
        for _ in 0..3 {
            assert_eq!(
                pool.run(|| -> u8 { panic!("of this work alone") }).await,
                Err(Refusal::Unavailable)
            );
        }
        assert_eq!((pool.run(|| 7).await, pool.there()), (Ok(7), 0));
    }

    #[tokio::test]
    async fn its_threads_give_way_to_the_others() {
        let nice = || rustix_process::process::nice(0).ok();
        let theirs = Pool::new(1, 1).run(nice).await.expect("done");
        assert!(theirs > nice(), "{theirs:?}");
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let pool = Pool::new(1, 2);
        let held: Vec<_> = (0..2).map(|_| pool.place(None).expect("a place")).collect();
        assert_eq!(pool.run(|| ()).await, Err(Refusal::TooManyAttempts { seconds: 3 }));
        assert_eq!((pool.size(), pool.running(), pool.refused()), (1, 0, 1));
        drop(held);
        let busy = pool.held().await;
        assert_eq!(pool.running(), 1);
        drop(busy);
        assert_eq!(pool.run(|| 7).await, Ok(7));
        assert_eq!(pool.there(), 0);
    }

    #[test]
    fn no_network_takes_all_the_places() {
        let pool = Pool::new(1, 16);
        let of = |network: &str| pool.place(Some(network.parse::<IpNet>().expect("a network")));
        let flood: Vec<_> = (0..100).map_while(|_| of("203.0.113.0/24")).collect();
        assert_eq!(flood.len(), 8, "half of them, while nobody else wants any");
        let others: Vec<_> = (0..8)
            .map(|n| of(&format!("198.51.{}.0/24", n / 2)).expect("a share for each"))
            .collect();
        assert!(of("192.0.2.0/24").is_none(), "full");
        assert_eq!(pool.there(), 16, "whoever was turned away is not there");
        drop((flood, others));
        assert_eq!((pool.there(), pool.by.lock().expect("not poisoned").len()), (0, 0));
    }
}
