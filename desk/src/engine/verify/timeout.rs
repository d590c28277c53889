//! How long verify waits for the store.

use std::time::Duration;

/// A store that has not answered after this long cannot be asked. Proxies give up after seconds,
/// too.
pub(crate) const VERIFY_TIMEOUT: Duration = Duration::from_secs(2);
