//! **Auth Tokens**: one for each application, each revoked without disturbing the rest.

mod api;
mod card;
mod edit;
mod expiry;
mod fresh;
mod list;
mod make;
#[cfg(feature = "ssr")]
mod model;
mod page;
mod revoke;
mod snippets;
mod trial;

pub(crate) use api::Tokens;
#[cfg(feature = "ssr")]
pub(crate) use model::first_view;
pub(crate) use page::AuthTokensPage;
