//! What is left to chance, the same for the same seed (`SplitMix64`). Which request meets which
//! other one is the machine's doing, and is not.

use std::time::{SystemTime, UNIX_EPOCH};

/// A sequence of numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// As `LATCHKEY_CRASH_SEED` says, or another one each time; it is printed.
    pub(super) fn seeded(test: &str) -> Self {
        let seed = match std::env::var("LATCHKEY_CRASH_SEED") {
            Ok(seed) => seed.parse().expect("LATCHKEY_CRASH_SEED is a number"),
            Err(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(1, |since| u64::from(since.subsec_nanos())),
        };
        eprintln!("crash: {test}: LATCHKEY_CRASH_SEED={seed}");
        Self(seed)
    }

    /// Another sequence, of this one's.
    pub(super) fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below that one, which is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap();
        usize::try_from(self.next() % limit).unwrap()
    }
}
