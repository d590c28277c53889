//! What time it is for the desk.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Moment;

/// What time the desk believes it is. A test's clock stands still until the test moves it, so that
/// no test sleeps.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// A test's: milliseconds since 1970.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at the machine's present time.
    #[must_use]
    pub fn standing() -> Self {
        Self::Set(Arc::new(AtomicI64::new(Self::System.now().0)))
    }

    /// Moves a standing clock; the machine's is left alone.
    pub fn advance(&self, seconds: i64) {
        if let Self::Set(ms) = self {
            ms.fetch_add(seconds * 1000, Ordering::SeqCst);
        }
    }

    /// The machine's time in milliseconds, or where a standing clock was set.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Set(ms) => Moment(ms.load(Ordering::SeqCst)),
        }
    }
}
