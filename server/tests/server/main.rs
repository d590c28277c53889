//! The real server, started in process on a port of its own, and the real binary: what they answer.
//!
//! The folders mirror the addresses: `auth/verify`, `api`, `oauth` (`/oauth2`), `scim`, `people`
//! for pages, forms and server functions; `leaks`; `command_line` for the commands; and `crash` for
//! what a kill, a disk and a changed byte do to the store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod audit_stream;
mod auth;
mod calendar;
mod command_line;
mod connections;
mod crash;
mod health;
mod leaks;
mod listening;
mod metrics;
mod named_host;
mod oauth;
mod people;
mod request_ids;
mod routes;
mod scim;
mod stopping;
mod store_away;
mod support;
mod tls;
mod traces;
mod whole_answers;
