//! Who may: the gates that make permits ([`permit`]) by the rules ([`crate::rules`]).

pub(crate) mod authorise;
pub(crate) mod console;
pub(crate) mod permit;
