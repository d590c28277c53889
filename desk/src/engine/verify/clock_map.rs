//! A map of bounded size.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The SHA-256 of a token.
pub(crate) type Id = [u8; 32];

/// A map of at most so many tokens. A new one takes the place of one that was not asked for since
/// the hand last passed it (the "second chance" or CLOCK rule): nearly as good as "least recently
/// used", and a hit writes one bool.
#[derive(Debug)]
pub(crate) struct ClockMap<V> {
    held: HashMap<Id, Arc<V>>,
    ring: Vec<Id>,
    hand: usize,
    most: usize,
}

/// What can be held: it carries the mark that it was asked for, so that a hit looks at no further
/// place of memory.
pub(crate) trait Held {
    fn asked(&self) -> &AtomicBool;
}

impl<V: Held> ClockMap<V> {
    /// An empty map of at most `most` tokens, at least one.
    pub(crate) fn new(most: usize) -> Self {
        Self { held: HashMap::new(), ring: Vec::new(), hand: 0, most: most.max(1) }
    }

    pub(crate) fn get(&self, id: &Id) -> Option<Arc<V>> {
        let value = self.held.get(id)?;
        value.asked().store(true, Relaxed);
        Some(value.clone())
    }

    /// Whether it is held, without asking for it.
    pub(crate) fn has(&self, id: &Id) -> bool {
        self.held.contains_key(id)
    }

    pub(crate) fn put(&mut self, id: Id, value: Arc<V>) {
        if self.held.insert(id, value).is_some() {
            return;
        }
        if self.ring.len() < self.most {
            self.ring.push(id);
            return;
        }
        // At most once round: whoever was asked for is spared once.
        while self
            .held
            .get(&self.ring[self.hand])
            .is_some_and(|held| held.asked().swap(false, Relaxed))
        {
            self.hand = (self.hand + 1) % self.most;
        }
        let gone = std::mem::replace(&mut self.ring[self.hand], id);
        self.held.remove(&gone);
        self.hand = (self.hand + 1) % self.most;
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.ring.clear();
        self.hand = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Number(u32, AtomicBool);

    impl Held for Number {
        fn asked(&self) -> &AtomicBool {
            &self.1
        }
    }

    fn id(n: u32) -> Id {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_le_bytes());
        id
    }

    fn put(map: &mut ClockMap<Number>, key: u32, value: u32) {
        map.put(id(key), Arc::new(Number(value, AtomicBool::new(false))));
    }

    fn get(map: &ClockMap<Number>, key: u32) -> Option<u32> {
        map.get(&id(key)).map(|number| number.0)
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_gives_back_what_it_holds() {
        let mut map = ClockMap::new(10);
        for n in 0..1000 {
            put(&mut map, n, n);
            assert_eq!(get(&map, n), Some(n), "the newest is there");
            assert!(map.held.len() <= 10 && map.ring.len() == map.held.len());
        }
        let kept = (0..1000)
            .filter(|n| get(&map, *n).inspect(|value| assert_eq!(value, n)).is_some())
            .count();
        assert_eq!(kept, 10);
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood() {
        let mut map = ClockMap::new(10);
        put(&mut map, 0, 0);
        for n in 1..1000 {
            assert_eq!(get(&map, 0), Some(0), "after {n}");
            put(&mut map, n, n);
        }
    }

    #[test]
    fn a_value_put_again_replaces_the_old_one() {
        let mut map = ClockMap::new(2);
        put(&mut map, 1, 1);
        put(&mut map, 1, 2);
        assert_eq!((get(&map, 1), map.ring.len()), (Some(2), 1));
        map.clear();
        assert_eq!(get(&map, 1), None);
    }
}
