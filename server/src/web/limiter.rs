//! How often something may be done, by whatever key: governor's arithmetic (GCRA) over a bounded
//! memory. By network: an address and, of IPv6, the networks that hold it
//! ([`desk::nested_networks`]). Tests: here.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use desk::nested_networks;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{NotUntil, Quota, RateLimiter};
use ipnet::IpNet;

/// The most keys that one limiter remembers, some 100 bytes each. Who can bring more of them in a
/// minute has as many allowances anyway.
pub(crate) const MAX_KEYS: usize = 100_000;

type Inner<K, C> = RateLimiter<K, Remembered<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// So many within a minute for each key, at once or one by one; then one for each part of a minute.
pub(crate) struct Limiter<K, C: Clock = MonotonicClock>
where
    K: Hash + Eq + Clone,
{
    /// None: there is no limit.
    inner: Option<Inner<K, C>>,
    clock: C,
    /// How often somebody was to wait.
    refused: AtomicU64,
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Limiter<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("limited", &self.inner.is_some()).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Limiter<K, C> {
    /// So many in a minute, 0: no limit; remembers at most `keys`.
    pub(crate) fn with_clock(most: u32, keys: usize, clock: &C) -> Self {
        Self::within(Quota::per_minute, most, keys, clock)
    }

    /// The same within another time.
    fn within(time: fn(NonZeroU32) -> Quota, most: u32, keys: usize, clock: &C) -> Self {
        let inner = NonZeroU32::new(most)
            .map(|most| RateLimiter::new(time(most), Remembered::new(keys), clock.clone()));
        Self { inner, clock: clock.clone(), refused: AtomicU64::new(0) }
    }

    /// Takes one, or says how many seconds to wait for the next.
    ///
    /// # Errors
    /// The seconds.
    pub(crate) fn take(&self, key: &K) -> Result<(), u32> {
        let Some(limiter) = &self.inner else { return Ok(()) };
        limiter.check_key(key).map_err(|until| {
            self.refused.fetch_add(1, Relaxed);
            self.seconds(&until)
        })
    }

    /// How often somebody was to wait.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Rounded up, so that whoever waits for them is let through.
    fn seconds(&self, until: &NotUntil<C::Instant>) -> u32 {
        let left = until.wait_time_from(self.clock.now());
        u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
    }
}

/// When each key is as good as new. Bounded: where it is full, the half is forgotten that will be
/// as new the soonest anyway, so that a flood of new keys never forgets one that has spent all it
/// had.
struct Remembered<K> {
    most: usize,
    new_at: Mutex<HashMap<K, Nanos>>,
}

impl<K: Hash + Eq + Clone> Remembered<K> {
    fn new(most: usize) -> Self {
        Self { most, new_at: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone> governor::state::keyed::ShrinkableKeyedStateStore<K> for Remembered<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.new_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, time| *time >= drop_below);
    }

    fn len(&self) -> usize {
        self.new_at.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Hash + Eq + Clone> StateStore for Remembered<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, judge: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut new_at = self.new_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = new_at.get_mut(key) {
            let (verdict, next) = judge(Some(*known))?;
            *known = next;
            return Ok(verdict);
        }
        let (verdict, next) = judge(None)?;
        if new_at.len() >= self.most {
            forget_half(&mut new_at);
        }
        new_at.insert(key.clone(), next);
        Ok(verdict)
    }
}

fn forget_half<K: Hash + Eq>(new_at: &mut HashMap<K, Nanos>) {
    let mut times: Vec<Nanos> = new_at.values().copied().collect();
    let half = times.len() / 2;
    let (sooner, middle, _) = times.select_nth_unstable(half);
    let middle = *middle;
    // Of those that are all alike as many as it takes.
    let mut alike = half.saturating_sub(sooner.iter().filter(|time| **time < middle).count());
    new_at.retain(|_, time| {
        if *time == middle && alike > 0 {
            alike -= 1;
            return false;
        }
        *time >= middle
    });
}

/// A limit by address: an IPv4 address, or IPv6 networks within each other, the wider with more.
pub(crate) struct NetworkLimiter<C: Clock = MonotonicClock> {
    most: u32,
    /// By how many times the allowance.
    levels: [(u32, Limiter<IpNet, C>); 3],
}

impl<C: Clock> fmt::Debug for NetworkLimiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkLimiter").field("most", &self.most).finish_non_exhaustive()
    }
}

impl NetworkLimiter {
    /// So many in a minute for an address; 0: no limit.
    pub(crate) fn per_minute(most: u32) -> Self {
        Self::within(Quota::per_minute, most, MAX_KEYS, &MonotonicClock)
    }

    /// The same in an hour.
    pub(crate) fn per_hour(most: u32) -> Self {
        Self::within(Quota::per_hour, most, MAX_KEYS, &MonotonicClock)
    }
}

impl<C: Clock + Clone> NetworkLimiter<C> {
    fn within(time: fn(NonZeroU32) -> Quota, most: u32, keys: usize, clock: &C) -> Self {
        let level =
            |times: u32| (times, Limiter::within(time, most.saturating_mul(times), keys, clock));
        Self { most, levels: [level(1), level(4), level(16)] }
    }

    /// Takes one for the address and every network that holds it, or says how many seconds to wait.
    ///
    /// # Errors
    /// The seconds.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), u32> {
        // The narrowest first: one that has nothing left takes nothing of its neighbours'.
        for (network, times) in nested_networks(address) {
            let level = self.levels.iter().find(|(level, _)| *level == times);
            level.map_or(Ok(()), |(_, limiter)| limiter.take(&network))?;
        }
        Ok(())
    }

    /// How often somebody was to wait: each refusal is one level's.
    pub(crate) fn refused(&self) -> u64 {
        self.levels.iter().map(|(_, limiter)| limiter.refused()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn by_network(
        most: u32,
        keys: usize,
    ) -> (NetworkLimiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (NetworkLimiter::within(Quota::per_minute, most, keys, &clock), clock)
    }

    #[test]
    fn an_hours_allowance_comes_back_within_the_hour() {
        let clock = FakeRelativeClock::default();
        let limiter = NetworkLimiter::within(Quota::per_hour, 60, 10, &clock);
        let take = || limiter.take(address("192.0.2.1"));
        assert!((0..60).all(|_| take().is_ok()));
        assert_eq!(take(), Err(60));
        clock.advance(Duration::from_mins(1));
        assert_eq!((take(), take()), (Ok(()), Err(60)));
    }

    #[test]
    fn what_is_spent_comes_back_one_by_one() {
        let (limiter, clock) = by_network(3, 10);
        let take = || limiter.take(address("192.0.2.1"));
        assert_eq!([take(), take(), take()], [Ok(()); 3]);
        assert_eq!(take(), Err(20));
        clock.advance(Duration::from_millis(19_500));
        assert_eq!(take(), Err(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!((take(), take()), (Ok(()), Err(20)));
        assert_eq!(limiter.refused(), 3);
        assert_eq!(limiter.take(address("192.0.2.2")), Ok(()), "another address has its own");
    }

    #[test]
    fn all_of_an_ipv6_network_share_one_and_so_do_the_networks_of_a_wider_one() {
        let (limiter, _) = by_network(2, 10_000);
        let taken = |networks: &mut dyn Iterator<Item = String>| {
            networks.filter(|network| limiter.take(address(network)).is_ok()).count()
        };
        // Within one /64, within one /56, within one /48.
        assert_eq!(taken(&mut (0..50).map(|n| format!("2001:db8:1:1::{n:x}"))), 2);
        assert_eq!(taken(&mut (2..50).map(|n| format!("2001:db8:1:{n:x}::1"))), 6);
        assert_eq!(taken(&mut (1..200).map(|n| format!("2001:db8:1:{n:x}00::1"))), 24);
        assert_eq!(limiter.take(address("2001:db8:2::1")), Ok(()), "another has its own");
    }

    #[test]
    fn a_network_that_has_nothing_left_takes_nothing_of_its_neighbours() {
        let (limiter, _) = by_network(1, 100);
        for n in 0..100 {
            assert_eq!(limiter.take(address("2001:db8::1")).is_ok(), n == 0);
        }
        assert_eq!(limiter.take(address("2001:db8:0:1::1")), Ok(()));
    }

    #[test]
    fn a_flood_of_new_addresses_forgets_nobody_who_has_spent_all() {
        let (limiter, clock) = by_network(60, 1000);
        let spent = address("203.0.113.5");
        assert!((0..60).all(|_| limiter.take(spent).is_ok()));
        for n in 0..50_400_u32 {
            assert_eq!(limiter.take(IpAddr::V4(Ipv4Addr::from(n))), Ok(()));
            if n % 1000 == 0 {
                clock.advance(Duration::from_millis(10));
            }
        }
        assert!(limiter.take(spent).is_err());
    }

    #[test]
    fn memory_is_bounded_and_never_emptied() {
        let limiter = Limiter::with_clock(1, 100, &FakeRelativeClock::default());
        let len = || limiter.inner.as_ref().map_or(0, governor::RateLimiter::len);
        for n in 0..10_000 {
            assert_eq!(limiter.take(&n), Ok(()));
            assert!(len() <= 100 && (n < 50 || len() >= 50), "{n}: {}", len());
        }
    }

    #[test]
    fn zero_is_no_limit() {
        let limiter = NetworkLimiter::per_minute(0);
        assert!((0..1000).all(|_| limiter.take(address("192.0.2.1")).is_ok()));
    }
}
