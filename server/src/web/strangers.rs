//! What strangers make up (tokens that are nobody's, clients' secrets that are wrong), counted by
//! who sends it: each new one makes the desk ask its store. Whoever has sent too many is asked for
//! no more for a while, and nor is anybody who sends them while all together send too many; whoever
//! has sent none lately is not held up by the others. What the desk knows passes by
//! ([`desk::StrangerGate`]).
//!
//! It is looked at before the store is asked, and counted when the store has not known it
//! ([`super::spending`]). Tests: here, and `server/tests/server/auth/strangers.rs`.

use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use desk::{LogLimiter, StrangerGate, nested_networks};
use ipnet::IpNet;

use super::spending::{Spending, Spent};

/// The most networks remembered, some 60 bytes each.
const MAX_NETWORKS: usize = 100_000;

/// One line a second of who is held up.
static HELD_UP: LogLimiter = LogLimiter::new(1);

/// How many there may be in a minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// From one address.
    pub(crate) each: u32,
    /// From all together.
    pub(crate) all: u32,
}

/// Who has sent how many.
pub(crate) struct Strangers {
    what: &'static str,
    allowance: Allowance,
    sent: Mutex<Sent>,
    /// How often somebody was to wait.
    refused: AtomicU64,
}

struct Sent {
    all: Spent,
    by: Spending<IpNet>,
}

impl fmt::Debug for Strangers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strangers")
            .field("what", &self.what)
            .field("allowance", &self.allowance)
            .finish_non_exhaustive()
    }
}

/// Somebody has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct HeldUp {
    seconds: u32,
    /// For what all have sent, and not for what came from there alone.
    by_all: bool,
}

/// The gate for one question.
#[derive(Debug)]
pub(crate) struct Gate<'a> {
    strangers: &'a Strangers,
    address: IpAddr,
}

impl StrangerGate for Gate<'_> {
    fn may_ask(&self) -> Result<(), u32> {
        let admitted = self.strangers.may_ask(self.address, Instant::now());
        admitted.map_err(|held| self.strangers.says(self.address, held))
    }

    fn was_unknown(&self) {
        self.strangers.count(self.address, Instant::now());
    }
}

impl Strangers {
    /// `what` they send, for the log.
    pub(crate) fn new(what: &'static str, allowance: Allowance) -> Self {
        let sent = Sent { all: Spent::default(), by: Spending::new(MAX_NETWORKS) };
        Self { what, allowance, sent: Mutex::new(sent), refused: AtomicU64::new(0) }
    }

    /// The gate for a question from this address.
    pub(crate) fn gate(&self, address: IpAddr) -> Gate<'_> {
        Gate { strangers: self, address }
    }

    /// Counts one before it is looked at, so that many at once are no way around it; or says how
    /// many seconds to wait.
    ///
    /// # Errors
    /// The seconds.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), u32> {
        let now = Instant::now();
        let mut sent = self.sent();
        self.look(&sent, address, now).map_err(|held| self.says(address, held))?;
        self.note(&mut sent, address, now);
        Ok(())
    }

    /// Counts one of somebody who is known, and waits for nobody: who is not has the less.
    pub(crate) fn count_known(&self) {
        let mut sent = self.sent();
        sent.all = sent.all.and(1, self.allowance.all, Instant::now());
    }

    /// That one let somebody in.
    pub(crate) fn give_back_known(&self) {
        let mut sent = self.sent();
        sent.all = sent.all.less_one(self.allowance.all, Instant::now());
    }

    /// How often somebody was to wait.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// In the log, and counted; answers the seconds.
    fn says(&self, address: IpAddr, held: HeldUp) -> u32 {
        self.refused.fetch_add(1, Relaxed);
        if let Some(left_out) = HELD_UP.may_speak() {
            let of = if held.by_all {
                "of all addresses together: who has sent some lately waits"
            } else {
                "of one address or network: it waits"
            };
            tracing::warn!(%address, left_out, "too many {}, {of}", self.what);
        }
        held.seconds
    }

    /// What was counted first was a stranger's no longer when it was looked at.
    pub(crate) fn give_back(&self, address: IpAddr) {
        let (now, mut sent) = (Instant::now(), self.sent());
        for (network, times) in nested_networks(address) {
            sent.by.give_back(&network, self.allowance.each.saturating_mul(times), now);
        }
        sent.all = sent.all.less_one(self.allowance.all, now);
    }

    fn sent(&self) -> MutexGuard<'_, Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_ask(&self, address: IpAddr, now: Instant) -> Result<(), HeldUp> {
        self.look(&self.sent(), address, now)
    }

    fn look(&self, sent: &Sent, address: IpAddr, now: Instant) -> Result<(), HeldUp> {
        let held = |by_all: bool| move |seconds: u32| HeldUp { seconds, by_all };
        let mut has_sent = false;
        for (network, times) in nested_networks(address) {
            let of_network = sent.by.of(&network);
            has_sent |= of_network.is_any(now);
            let each = self.allowance.each.saturating_mul(times);
            of_network.look(each, now).map_err(held(false))?;
        }
        if has_sent { sent.all.look(self.allowance.all, now).map_err(held(true)) } else { Ok(()) }
    }

    fn count(&self, address: IpAddr, now: Instant) {
        self.note(&mut self.sent(), address, now);
    }

    fn note(&self, sent: &mut Sent, address: IpAddr, now: Instant) {
        for (network, times) in nested_networks(address) {
            sent.by.spend(network, 1, self.allowance.each.saturating_mul(times), now);
        }
        sent.all = sent.all.and(1, self.allowance.all, now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::web::spending::MINUTE;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn strangers(each: u32, all: u32) -> Strangers {
        Strangers::new("tokens", Allowance { each, all })
    }

    /// Sends so many unknown ones; answers how many of them the store was asked about.
    fn admitted(strangers: &Strangers, from: &str, many: u32, now: Instant) -> u32 {
        (0..many)
            .map(|_| {
                u32::from(
                    strangers
                        .may_ask(address(from), now)
                        .map(|()| strangers.count(address(from), now))
                        .is_ok(),
                )
            })
            .sum()
    }

    #[test]
    fn whoever_has_sent_too_many_waits_and_the_others_do_not() {
        let (strangers, now) = (strangers(60, 1000), Instant::now());
        assert_eq!(admitted(&strangers, "203.0.113.5", 100, now), 60);
        let alone = HeldUp { seconds: 1, by_all: false };
        assert_eq!(strangers.may_ask(address("203.0.113.5"), now), Err(alone));
        assert_eq!(strangers.may_ask(address("203.0.113.6"), now), Ok(()));
        assert_eq!(admitted(&strangers, "203.0.113.5", 100, now + Duration::from_secs(10)), 10);
    }

    #[test]
    fn what_is_known_costs_nothing() {
        let (strangers, now) = (strangers(1, 1), Instant::now());
        assert!((0..100).all(|_| strangers.may_ask(address("203.0.113.5"), now).is_ok()));
    }

    #[test]
    fn when_all_together_send_too_many_only_those_who_send_them_wait() {
        let (strangers, now) = (strangers(60, 50), Instant::now());
        for n in 0..50 {
            assert_eq!(admitted(&strangers, &format!("203.0.113.{n}"), 1, now), 1);
        }
        let held = strangers.may_ask(address("203.0.113.7"), now).expect_err("they wait");
        assert!(held.by_all, "the log blames no address for what all have sent");
        assert_eq!(strangers.may_ask(address("198.51.100.1"), now), Ok(()), "has sent none");
        assert_eq!(strangers.may_ask(address("203.0.113.7"), now + MINUTE), Ok(()));
    }

    #[test]
    fn whoever_is_known_counts_with_all_and_waits_for_nobody() {
        let strangers = strangers(60, 50);
        strangers.take(address("203.0.113.7")).expect("the first");
        (0..200).for_each(|_| strangers.count_known());
        assert!(strangers.take(address("203.0.113.7")).is_err());
        (0..50).for_each(|_| strangers.give_back_known());
        assert_eq!(strangers.take(address("203.0.113.7")), Ok(()));
    }

    #[test]
    fn ipv6_networks_within_each_other_have_four_times_as_much_each() {
        let (strangers, now) = (strangers(10, 1_000_000), Instant::now());
        let of_64: u32 =
            (0..20).map(|n| admitted(&strangers, &format!("2001:db8:1:1::{n:x}"), 5, now)).sum();
        let of_56: u32 =
            (0..64).map(|n| admitted(&strangers, &format!("2001:db8:1:{n:x}::1"), 5, now)).sum();
        let of_48: u32 =
            (0..256).map(|n| admitted(&strangers, &format!("2001:db8:1:{n:x}00::1"), 5, now)).sum();
        assert_eq!((of_64, of_64 + of_56, of_64 + of_56 + of_48), (10, 40, 160));
        assert_eq!(strangers.may_ask(address("2001:db8:2::1"), now), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_a_flood_of_addresses_forgets_nobody_who_waits() {
        let (strangers, now) = (strangers(60, u32::MAX), Instant::now());
        admitted(&strangers, "203.0.113.5", 60, now);
        for n in 0..250_000_u32 {
            strangers.count(IpAddr::V4(n.into()), now);
        }
        assert!(strangers.sent.lock().expect("not poisoned").by.len() <= MAX_NETWORKS);
        assert!(strangers.may_ask(address("203.0.113.5"), now).is_err());
    }
}
