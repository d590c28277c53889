//! Log-in attempts per address: a token bucket each, so that a guesser on many accounts gets nowhere fast. Per account,
//! the desk itself slows down.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use desk::Refusal;
use http::Method;

use super::{Caller, Shared, refuse};

/// The door that is guarded.
const LOG_IN: &str = "/fn/log_in";

/// The most addresses remembered. Beyond it the fullest buckets, which say nothing, are forgotten.
const MOST: usize = 50_000;

/// Counts log-ins, and refuses those beyond the limit with the seconds to wait.
pub(super) async fn guard(State(shared): State<Shared>, Extension(caller): Extension<Caller>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST
        && request.uri().path() == LOG_IN
        && let Err(seconds) = shared.log_ins.take(caller.address, Instant::now())
    {
        tracing::warn!(address = %caller.address, "too many log-in attempts from one address");
        return refuse::refuse(&request, &Refusal::TooManyAttempts { seconds });
    }
    next.run(request).await
}

/// One bucket an address, filled again by the minute.
#[derive(Debug)]
pub(crate) struct Buckets {
    per_minute: u32,
    by_address: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    seen: Instant,
}

impl Buckets {
    /// Buckets of this many attempts, filled again within a minute; 0: no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, by_address: Mutex::default() }
    }

    /// Takes one attempt, or says how many seconds to wait for the next.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), u32> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let most = f64::from(self.per_minute);
        let per_second = most / 60.0;
        let filled = |bucket: &Bucket| (bucket.left + now.saturating_duration_since(bucket.seen).as_secs_f64() * per_second).min(most);
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if by_address.len() >= MOST {
            by_address.retain(|_, bucket| now.saturating_duration_since(bucket.seen) < Duration::from_secs(60));
            if by_address.len() >= MOST {
                by_address.clear();
            }
        }
        let bucket = by_address.entry(network_of(address)).or_insert(Bucket { left: most, seen: now });
        let left = filled(bucket);
        let taken = left >= 1.0;
        *bucket = Bucket { left: if taken { left - 1.0 } else { left }, seen: now };
        if taken { Ok(()) } else { Err(whole_seconds((1.0 - left) / per_second)) }
    }
}

/// An IPv6 subscriber has a /64 at least, and could take every address in it.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & (u128::MAX << 64))),
        v4 => v4,
    }
}

fn whole_seconds(seconds: f64) -> u32 {
    u32::try_from(Duration::from_secs_f64(seconds).as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_bucket_runs_dry_and_fills_again() {
        let (buckets, start) = (Buckets::new(3), Instant::now());
        let taken = |seconds| buckets.take(address("192.0.2.1"), start + Duration::from_secs(seconds));
        assert_eq!([taken(0), taken(0), taken(0)], [Ok(()); 3]);
        assert_eq!(taken(0), Err(21));
        assert_eq!(taken(25), Ok(()));
        assert_eq!(buckets.take(address("192.0.2.2"), start), Ok(()), "another address has its own");
    }

    #[test]
    fn all_of_an_ipv6_network_share_one() {
        let (buckets, now) = (Buckets::new(1), Instant::now());
        assert_eq!(buckets.take(address("2001:db8:0:1::1"), now), Ok(()));
        assert!(buckets.take(address("2001:db8:0:1:ffff::2"), now).is_err());
        assert_eq!(buckets.take(address("2001:db8:0:2::1"), now), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let (buckets, now) = (Buckets::new(1), Instant::now());
        for n in 0..=u32::try_from(MOST).expect("fits") {
            let _ = buckets.take(IpAddr::V4(n.into()), now);
        }
        assert!(buckets.by_address.lock().expect("not poisoned").len() <= MOST);
    }

    #[test]
    fn zero_is_no_limit() {
        let (buckets, now) = (Buckets::new(0), Instant::now());
        assert!((0..1000).all(|_| buckets.take(address("192.0.2.1"), now).is_ok()));
    }
}
