//! Why a notice was not delivered, and what becomes of it.

/// When it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The other side takes nothing now: this one and the others later.
    AllLater,
    /// It takes this one later.
    Later,
    /// It never takes this one.
    Never,
}

/// Why it was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undelivered {
    /// For the log: nothing of what the other side wrote, which may name whom it is for.
    pub(crate) why: String,
    /// For a terminal: all that it said.
    pub(crate) message: String,
    pub(crate) retry: Retry,
}

impl Undelivered {
    pub(super) fn away(why: impl Into<String>) -> Self {
        Self::new(why.into(), Retry::AllLater)
    }

    pub(super) fn later(why: impl Into<String>) -> Self {
        Self::new(why.into(), Retry::Later)
    }

    pub(super) fn for_good(why: impl Into<String>) -> Self {
        Self::new(why.into(), Retry::Never)
    }

    fn new(why: String, retry: Retry) -> Self {
        Self { message: why.clone(), why, retry }
    }
}
