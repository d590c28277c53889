//! The `latchkey` binary: configuration, routes, middleware, verify, machine API, live events and
//! command line.
//!
//! It holds no rule: who may do what is decided in `desk`, what people see is written in `app`. The
//! way in: [`mod@router`] is the table of routes and of what a request passes on its way; [`cli`]
//! the table of commands; [`config`] where every setting comes from.
#![recursion_limit = "256"]

mod api;
pub mod audit_stream;
mod authorities;
mod calendar;
#[expect(clippy::doc_markdown, reason = "people read these comments in --help and the reference")]
pub mod cli;
#[expect(clippy::doc_markdown, reason = "people read these comments in --help and the reference")]
pub mod config;
pub mod connections;
mod content_type;
mod directory;
mod figures;
mod health;
#[cfg(test)]
mod kept;
mod ldap_names;
mod leak_routes;
mod leaks;
mod listening;
mod live;
mod logging;
mod manifest;
pub mod metrics;
mod nearly_json;
mod notices;
mod oauth;
mod oidc;
mod oidc_routes;
mod quoted;
pub mod router;
mod scim;
pub mod serve;
pub mod site;
mod stuck;
mod supervision;
mod tls;
mod traces;
pub mod verify;
pub mod web;
