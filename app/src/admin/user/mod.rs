//! Admin → Users → one person: who they are, their local password, tokens, sessions, history and
//! account.

mod access_control;
mod account;
pub(crate) mod api;
mod confirm;
mod history;
mod identity;
mod page;
mod sessions;
mod tokens;

pub use api::Seen;
