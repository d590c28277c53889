//! Whether a presented token is good now (DESIGN.md 5): from the cache, else from the store.

pub(crate) mod answer;
pub(crate) mod cache;
pub(crate) mod cached_token;
pub(crate) mod clock_map;
pub(crate) mod judge;
pub(crate) mod noted;
pub(crate) mod principal;
pub(crate) mod timeout;
pub(crate) mod usage;
pub(crate) mod verdict;
