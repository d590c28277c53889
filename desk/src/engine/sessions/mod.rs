//! Who is logged in.

pub(crate) mod one_time_reveal;
pub(crate) mod visitor;
