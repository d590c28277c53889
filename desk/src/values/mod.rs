//! The values that people type and programs name, each parsed once into a type that can only hold a good one.

mod access;
mod actor;
mod description;
mod expires;
mod grace_period;
mod ids;
mod netid;
mod networks;
mod role;

pub use access::Access;
pub use actor::{Actor, Source};
pub use description::{DESCRIPTION_MAX, Description};
pub use expires::Expires;
pub use grace_period::GracePeriod;
pub use ids::{ClientName, SessionId, TokenId};
pub use netid::NetId;
pub use networks::{NETWORKS_MAX, Networks};
pub use role::Role;
