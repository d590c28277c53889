//! Counts that many threads add to. Each thread has a row of its own, or shares it with few, so
//! that a count on verify's way is an addition to memory that no other core holds. Tests: here.

use std::array;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// How many rows there are.
const ROWS: usize = 8;

/// The next thread's row.
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static ROW: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The row of this thread.
fn row() -> usize {
    ROW.with(|row| {
        if row.get() == usize::MAX {
            row.set(NEXT.fetch_add(1, Relaxed) % ROWS);
        }
        row.get()
    })
}

/// What one thread adds to. As wide as two lines of a core's cache: they are fetched in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Row<const N: usize>([AtomicU64; N]);

/// So many counts. They only grow.
#[derive(Debug)]
pub struct Counters<const N: usize>([Row<N>; ROWS]);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self(array::from_fn(|_| Row(array::from_fn(|_| AtomicU64::new(0)))))
    }
}

impl<const N: usize> Counters<N> {
    /// One more at this place; beyond them nothing.
    pub fn add(&self, at: usize) {
        self.add_many(at, 1);
    }

    /// So many more.
    pub fn add_many(&self, at: usize, many: u64) {
        if let Some(count) = self.0.get(row()).and_then(|row| row.0.get(at)) {
            count.fetch_add(many, Relaxed);
        }
    }

    /// The count at this place.
    #[must_use]
    pub fn get(&self, at: usize) -> u64 {
        let counts = self.0.iter().filter_map(|row| row.0.get(at));
        counts.fold(0, |sum, count| sum.wrapping_add(count.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_many_threads_add_is_all_there_each_at_its_place() {
        let counters = Arc::new(Counters::<3>::default());
        let adding: Vec<_> = (0..20)
            .map(|_| {
                let counters = counters.clone();
                std::thread::spawn(move || {
                    for _ in 0..1000 {
                        counters.add(0);
                        counters.add_many(2, 5);
                    }
                })
            })
            .collect();
        for thread in adding {
            thread.join().expect("no panic");
        }
        counters.add(3);
        assert_eq!([0, 1, 2, 3].map(|at| counters.get(at)), [20_000, 0, 100_000, 0]);
    }
}
