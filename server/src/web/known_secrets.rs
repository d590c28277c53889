//! What was good when it was last looked at: it is let through to be looked at again, whoever else
//! guesses from the same address. It says nothing of whether it still is. Of each its SHA-256 is
//! kept, and no more of them than a bound. Tests: here, and `server/tests/server/calendar.rs`.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

/// The most that are remembered, some 50 bytes each.
const MAX_SECRETS: usize = 50_000;

type Hash = [u8; SHA256_OUTPUT_LEN];

/// Secrets that were good.
#[derive(Debug)]
pub(crate) struct KnownSecrets {
    most: usize,
    hashes: Mutex<HashSet<Hash>>,
}

impl Default for KnownSecrets {
    fn default() -> Self {
        Self { most: MAX_SECRETS, hashes: Mutex::default() }
    }
}

impl KnownSecrets {
    /// Whether it was good when it was last looked at.
    pub(crate) fn has(&self, secret: &str) -> bool {
        self.hashes().contains(&hash(secret))
    }

    /// It is good.
    pub(crate) fn add(&self, secret: &str) {
        let mut hashes = self.hashes();
        if hashes.len() >= self.most {
            // Each comes again when it is looked at. They are good ones alone, which nobody makes
            // up, so that this is for a very large campus.
            hashes.clear();
        }
        hashes.insert(hash(secret));
    }

    /// It is good no more.
    pub(crate) fn forget(&self, secret: &str) {
        self.hashes().remove(&hash(secret));
    }

    fn hashes(&self) -> MutexGuard<'_, HashSet<Hash>> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(secret: &str) -> Hash {
    let mut hash = [0; SHA256_OUTPUT_LEN];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_good_is_known_until_it_is_not_and_there_are_never_too_many() {
        let known = KnownSecrets { most: 3, ..KnownSecrets::default() };
        assert!(!known.has("a"));
        known.add("a");
        assert!(known.has("a") && !known.has("A"));
        known.forget("a");
        assert!(!known.has("a"));
        for number in 0..100 {
            known.add(&number.to_string());
            assert!(known.has(&number.to_string()) && known.hashes().len() <= 3);
        }
    }
}
