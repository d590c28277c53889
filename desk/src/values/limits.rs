//! How long and how many, for what people type: said in refusals too.

/// The longest description, in Unicode characters. RT's column holds 255.
pub const DESCRIPTION_MAX: usize = 255;

/// The most networks one token may name.
pub const NETWORKS_MAX: usize = 32;

/// The longest NetID.
pub const NETID_MAX: usize = 64;

/// From how many networks it is kept that a token was used: the least recently used is forgotten.
pub const NETWORKS_KEPT: usize = 64;
