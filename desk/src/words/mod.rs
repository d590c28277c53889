//! The words people type, each parsed once into a type that can only hold a good one.

mod access;
mod description;
mod expires;
mod netid;
mod networks;
mod overlap;
mod role;

pub use access::Access;
pub use description::{DESCRIPTION_MAX, Description};
pub use expires::Expires;
pub use netid::NetId;
pub use networks::{NETWORKS_MAX, Networks};
pub use overlap::Overlap;
pub use role::Role;
