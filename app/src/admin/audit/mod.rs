//! Admin → Audit: what happened at the desk, to whom and by whom.

mod api;
mod chain;
#[cfg(feature = "ssr")]
mod download;
#[cfg(feature = "ssr")]
mod export;
mod filters;
mod page;
mod rows;
mod table;

pub(crate) use api::Listed;
pub(crate) use page::AuditPage;
#[cfg(feature = "ssr")]
pub(crate) use {
    api::{list, verify},
    filters::read,
};
#[cfg(feature = "ssr")]
pub use {
    download::download,
    export::{Format, as_it_was, csv_cell, in_words},
};
