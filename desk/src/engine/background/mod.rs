//! What runs by itself: [`driver`] starts it, and starts it again.

pub(crate) mod cleanup;
pub(crate) mod driver;
