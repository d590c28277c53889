use std::collections::HashMap;

/// The SHA-256 of a token.
pub(super) type Id = [u8; 32];

/// A map of at most so many tokens. A new one takes the place of one that was not asked for since the hand last passed it
/// (the "second chance" or CLOCK rule): nearly as good as "least recently used", and a hit writes one bool.
#[derive(Debug)]
pub(super) struct ClockMap<V> {
    places: HashMap<Id, usize>,
    slots: Vec<Slot<V>>,
    hand: usize,
    most: usize,
}

#[derive(Debug)]
struct Slot<V> {
    id: Id,
    value: V,
    asked: bool,
}

impl<V: Clone> ClockMap<V> {
    /// An empty map of at most `most` tokens, at least one.
    pub(super) fn new(most: usize) -> Self {
        Self { places: HashMap::new(), slots: Vec::new(), hand: 0, most: most.max(1) }
    }

    pub(super) fn get(&mut self, id: &Id) -> Option<V> {
        let slot = &mut self.slots[*self.places.get(id)?];
        slot.asked = true;
        Some(slot.value.clone())
    }

    pub(super) fn put(&mut self, id: Id, value: V) {
        if let Some(place) = self.places.get(&id) {
            self.slots[*place].value = value;
        } else if self.slots.len() < self.most {
            self.places.insert(id, self.slots.len());
            self.slots.push(Slot { id, value, asked: false });
        } else {
            while std::mem::take(&mut self.slots[self.hand].asked) {
                self.hand = (self.hand + 1) % self.most;
            }
            let gone = std::mem::replace(&mut self.slots[self.hand], Slot { id, value, asked: false });
            self.places.remove(&gone.id);
            self.places.insert(id, self.hand);
            self.hand = (self.hand + 1) % self.most;
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.slots.clear();
        self.hand = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> Id {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&n.to_le_bytes());
        id
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_gives_back_what_it_holds() {
        let mut map = ClockMap::new(10);
        for n in 0..1000 {
            map.put(id(n), n);
            assert_eq!(map.get(&id(n)), Some(n), "the newest is there");
            assert!(map.slots.len() <= 10 && map.places.len() == map.slots.len());
        }
        let kept = (0..1000).filter(|n| map.get(&id(*n)).inspect(|value| assert_eq!(value, n)).is_some()).count();
        assert_eq!(kept, 10);
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood() {
        let mut map = ClockMap::new(10);
        map.put(id(0), 0);
        for n in 1..1000 {
            assert_eq!(map.get(&id(0)), Some(0), "after {n}");
            map.put(id(n), n);
        }
    }

    #[test]
    fn a_value_put_again_replaces_the_old_one() {
        let mut map = ClockMap::new(2);
        map.put(id(1), 1);
        map.put(id(1), 2);
        assert_eq!((map.get(&id(1)), map.slots.len()), (Some(2), 1));
        map.clear();
        assert_eq!(map.get(&id(1)), None);
    }
}
