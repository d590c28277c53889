//! Who is logged in.

pub(crate) mod ending;
pub(crate) mod one_time_reveal;
pub(crate) mod renewal;
pub(crate) mod visitor;
