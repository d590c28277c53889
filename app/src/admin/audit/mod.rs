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
#[cfg(feature = "ssr")]
mod slips;
mod table;

pub use page::Audit;
#[cfg(feature = "ssr")]
pub use {
    download::{download, log_in_first},
    export::{Format, as_it_was, csv_cell, in_words},
};
