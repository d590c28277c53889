//! Numbers that look drawn and are the same each time: of each person and each row from where they
//! stand in the campus, so that none depends on another's. `SplitMix64` (Steele, Lea and Flood
//! 2014): the generators of libraries may draw otherwise in their next version. For nothing that is
//! to be secret.

/// What is drawn for one thing.
#[derive(Clone, Debug)]
pub(super) struct Draws(u64);

impl Draws {
    /// For the `n`th thing of a kind, in the campus of this seed.
    pub(super) fn of(seed: u64, kind: u64, n: u64) -> Self {
        let mut draws = Self(seed ^ kind.rotate_left(40) ^ n.rotate_left(20));
        draws.next();
        Self(draws.next() ^ n)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to `end`, which is not among them; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    /// So many times in a thousand.
    pub(super) fn per_mille(&mut self, many: u64) -> bool {
        self.below(1000) < many
    }

    /// One of a list, the first of it far more often than the last.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list, from 0 on"
    )]
    pub(super) fn common<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let (one, other) = (self.unit(), self.unit());
        let place = (one * other * list.len() as f64) as usize;
        list.get(place).copied()
    }

    /// From 0 to below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits, as many as it holds")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Sixteen bytes.
    pub(super) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.next().to_le_bytes());
        bytes
    }
}
