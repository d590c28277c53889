//! The pages as the server has them: for whom each of them is, what it is told, and
//! the document that it is sent as.

mod destination;
mod document;
mod route;
mod serve;

pub use destination::destination;
pub use route::paths;
pub(crate) use route::{Answer, Entry, Guard, Loaded, PageRoute, found};
pub use serve::{let_in, not_found, refused, serve, signs_in_from_proxy};
