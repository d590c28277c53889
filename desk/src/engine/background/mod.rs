//! What runs by itself: [`driver`] starts it, and starts it again.
//!
//! | file | what |
//! |---|---|
//! | [`driver`] | starts each task, starts it again, and ends it with the desk |
//! | [`cleanup`] | takes out, hourly, what is over |

pub(crate) mod cleanup;
pub(crate) mod driver;
