//! The real server, started in process on a port of its own, and the real binary: what they answer.
//!
//! The folders mirror the addresses: `auth/verify`, `api`, `oauth` (`/oauth2`), `scim`, `people`
//! for pages, forms and server functions; and `command_line` for the commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod auth;
mod command_line;
mod connections;
mod health;
mod listening;
mod named_host;
mod oauth;
mod people;
mod routes;
mod scim;
mod stopping;
mod store_away;
mod support;
mod tls;
mod whole_answers;
