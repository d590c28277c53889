//! **Auth Tokens**: one for each application, each revoked without disturbing the rest.

mod api;
mod card;
mod create;
mod edit;
mod expiry;
#[cfg(feature = "ssr")]
mod functions;
mod list;
mod page;
mod reveal;
mod revoke;
mod snippets;
mod test_token;

pub use api::Tokens;
