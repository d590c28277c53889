//! Why a notice was not delivered, and what becomes of it.

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The other side takes nothing now: this one and the others later.
    Away,
    /// It takes this one later.
    Later,
    /// It never takes this one.
    ForGood,
}

/// Why it was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undelivered {
    /// For the log: nothing of what the other side wrote, which may name whom it is for.
    pub(crate) why: String,
    /// For a terminal: all that it said.
    pub(crate) said: String,
    pub(crate) fault: Fault,
}

impl Undelivered {
    pub(super) fn away(why: impl Into<String>) -> Self {
        Self::new(why.into(), Fault::Away)
    }

    pub(super) fn later(why: impl Into<String>) -> Self {
        Self::new(why.into(), Fault::Later)
    }

    pub(super) fn for_good(why: impl Into<String>) -> Self {
        Self::new(why.into(), Fault::ForGood)
    }

    fn new(why: String, fault: Fault) -> Self {
        Self { said: why.clone(), why, fault }
    }
}
