//! Places for bodies that are kept until they are whole, before it shows who has sent them: so many
//! in all, and of them a few for each address, or network of IPv6, so that no stranger takes them
//! all. Tests: here, and `server/tests/server/leaks/github.rs`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk::nested_networks;
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// All places, and what each address or network has of them.
#[derive(Debug)]
pub(super) struct Places {
    all: Semaphore,
    each: usize,
    /// Of whoever has one, or waits for one.
    shares: Mutex<BTreeMap<IpNet, Arc<Semaphore>>>,
}

/// One of them, as long as it is kept.
#[derive(Debug)]
pub(super) struct Place<'a> {
    _of_all: SemaphorePermit<'a>,
    _of_share: OwnedSemaphorePermit,
}

impl Places {
    /// So many in all, and so many for each.
    pub(super) const fn new(all: usize, each: usize) -> Self {
        Self { all: Semaphore::const_new(all), each, shares: Mutex::new(BTreeMap::new()) }
    }

    /// A place for a body from this address; none: none becomes free within this time.
    pub(super) async fn take(&self, address: IpAddr, within: Duration) -> Option<Place<'_>> {
        let share = self.share(address);
        let taking = async {
            // Of all no more are waited for than there are of this share.
            let of_share = share.acquire_owned().await.ok()?;
            Some(Place { _of_all: self.all.acquire().await.ok()?, _of_share: of_share })
        };
        timeout(within, taking).await.ok()?
    }

    fn share(&self, address: IpAddr) -> Arc<Semaphore> {
        // Whoever has a wide network of IPv6 has all that is within it.
        let network = nested_networks(address).last();
        let network = network.map_or_else(|| IpNet::from(address), |(network, _)| network);
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.retain(|_, share| Arc::strong_count(share) > 1);
        shares.entry(network).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken<'a>(places: &'a Places, address: &str) -> Option<Place<'a>> {
        places.take(address.parse().expect("an address"), Duration::ZERO).await
    }

    #[tokio::test]
    async fn nobody_has_more_than_a_share_and_it_comes_back() {
        let places = Places::new(5, 2);
        let mut held = Vec::new();
        for address in ["192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8:0:1::1"] {
            held.push(taken(&places, address).await.expect("free"));
        }
        for address in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8:0:ff00::1"] {
            assert!(taken(&places, address).await.is_none(), "{address}");
        }
        held.push(taken(&places, "198.51.100.1").await.expect("another has its own"));
        assert!(taken(&places, "203.0.113.1").await.is_none(), "there are no more");
        drop(held);
        for address in ["192.0.2.1", "2001:db8::1", "203.0.113.1"] {
            assert!(taken(&places, address).await.is_some(), "{address}");
        }
        assert_eq!(
            places.shares.lock().expect("not poisoned").len(),
            1,
            "the last is forgotten next"
        );
    }
}
