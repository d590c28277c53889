//! The values that people type and programs name, each parsed once into a type that can only hold a
//! good one.

mod access;
mod account_state;
mod actor;
mod description;
mod email_address;
mod expires;
mod form_key;
mod grace_period;
mod helper;
mod holder;
mod ids;
mod invisible;
mod limits;
mod name_parts;
mod netid;
mod networks;
mod plain_line;
mod role;

pub use access::Access;
pub use account_state::AccountState;
pub use actor::{Actor, Source};
pub use description::Description;
pub use email_address::is_email_address;
pub use expires::Expires;
pub use form_key::FormKey;
pub use grace_period::GracePeriod;
pub use helper::Helper;
pub use holder::{FormerHolder, Holder, ProviderSubject};
pub use ids::{ClientName, NoticeId, SessionId, TokenId};
pub use invisible::is_invisible;
pub use limits::{DESCRIPTION_MAX, NETID_MAX, NETWORKS_KEPT, NETWORKS_MAX};
pub use name_parts::NameParts;
pub use netid::NetId;
pub use networks::Networks;
pub use plain_line::plain_line;
pub use role::{Role, UnknownRole};
