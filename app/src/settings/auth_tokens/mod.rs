//! **Auth Tokens**: one for each application, each revoked without disturbing the rest.

mod api;
mod card;
mod create;
mod edit;
mod expiry;
mod fresh;
mod list;
#[cfg(feature = "ssr")]
mod model;
mod page;
mod revoke;
mod snippets;

pub use page::AuthTokensPage;
