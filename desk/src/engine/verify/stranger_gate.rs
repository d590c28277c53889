//! Whether the store may be asked about what nobody here has heard of. Well-formed tokens can be
//! made by anybody, each a new one, and each would be two readings of the store. Whoever listens
//! for applications knows who sends them and counts: it has a gate for each question. What is known
//! here passes by it. Tests: `desk/tests/desk/strangers.rs`.

use std::fmt;

/// Whether the store may be asked about what nobody here has heard of, on behalf of whoever asks.
pub trait StrangerGate: fmt::Debug + Send + Sync {
    /// Whether it may be asked; if not, how many seconds to wait.
    ///
    /// # Errors
    /// The seconds.
    fn may_ask(&self) -> Result<(), u32>;

    /// The store was asked, and does not know it. What was dear to look at counts so for as many as
    /// it was as dear as.
    fn was_unknown(&self);
}

/// Lets everything through: for who has the store in hand, and for tests.
#[derive(Clone, Copy, Debug)]
pub struct OpenGate;

impl StrangerGate for OpenGate {
    fn may_ask(&self) -> Result<(), u32> {
        Ok(())
    }

    fn was_unknown(&self) {}
}
