//! The `latchkey` binary: configuration, routes, middleware, verify, machine API, live events and command line.
//!
//! It holds no rule: who may do what is decided in `desk`, what people see is written in `app`. The way in:
//! [`http::router`] is the table of routes and of what a request passes on its way; [`cli`] the table of commands;
//! [`config`] where every setting comes from.
#![recursion_limit = "256"]

mod api;
pub mod cli;
pub mod config;
pub mod connections;
mod content_type;
mod directory;
mod health;
pub mod http;
#[cfg(test)]
mod kept;
mod live;
mod logging;
mod oauth;
mod quoted;
mod scim;
pub mod serve;
mod sign_on;
pub mod site;
pub mod verify;
