//! Latchkey's pages: one folder a view, each with its components and its server functions.
//!
//! A server function extracts, calls the desk and maps the error; the rules live in `desk`. A page
//! is rendered whole on the server, works without JavaScript, and comes to life once its WASM is
//! there.
//!
//! The way in: [`settings`] and [`admin`] list the pages, `page` is what a page is,
//! `page_context` what each of them knows while it is open, [`layout`] what is around it, [`forms`]
//! how a form is sent and answered with and without script, [`components`] the fields and lists
//! that pages share, `client` how the browser calls the server. [`server`] is what the server alone
//! has: who asks, what a page is told, what a server function does. Only a page's `PageRoute`
//! stands beside its page.
#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "`#[component]` and `#[server]` write `pub` items into private modules"
)]

#[cfg(not(erase_components))]
compile_error!(
    "compile with --cfg=erase_components, as .cargo/config.toml says: is RUSTFLAGS set in your \
        environment? Then add it there, or unset it"
);

pub mod admin;
pub mod api_error;
mod client;
pub mod components;
mod days;
pub mod errors;
pub mod flash;
pub mod forms;
pub mod help;
pub mod layout;
pub mod live;
mod login;
mod notice;
mod page;
mod page_context;
mod page_set;
pub mod pages;
pub mod paths;
#[cfg(feature = "ssr")]
pub mod server;
pub mod settings;
pub mod wire;

pub use api_error::ApiError;
pub use client::PAGE_VERSION;
