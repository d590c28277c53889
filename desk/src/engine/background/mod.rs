//! What runs by itself: [`driver`] starts it, and starts it again.
//!
//! | file | what |
//! |---|---|
//! | [`driver`] | starts each task, starts it again, and ends it with the desk |
//! | [`store_keeper`] | looks at the store's disk, and takes up a store that takes no changes |
//! | [`backups`] | makes backups regularly |
//! | [`cleanup`] | takes out, hourly, what is over |
//! | [`retention`] | removes rows of the audit that are older than they are kept |
//! | [`reckoning`] | what time it is for whatever is deleted for good |
//! | [`terms`] | makes anew what people are found by, where an earlier version made it |

pub(crate) mod backups;
pub(crate) mod cleanup;
pub(crate) mod driver;
pub(crate) mod reckoning;
pub(crate) mod retention;
pub(crate) mod store_keeper;
pub(crate) mod terms;
