//! **Auth Tokens**: one for each application, each revoked without disturbing the rest.

pub(crate) mod api;
mod card;
mod create;
mod edit;
pub(crate) mod expiry;
mod list;
mod page;
mod reveal;
mod revoke;
mod snippets;
mod test_token;

pub use api::Tokens;
