//! What the server alone has, and no browser loads: who asks ([`request_context`]), what a page is
//! told and sent as ([`mod@pages`]), what a server function does and answers. The server functions
//! themselves stand beside the pages that call them, since the browser has their other half.

mod answer;
pub mod audit;
pub(crate) mod auth_tokens;
mod file;
pub(crate) mod flash_cookie;
mod guides;
mod html;
mod layout_data;
pub(crate) mod login;
pub(crate) mod notices;
pub(crate) mod old_strings;
pub(crate) mod own;
pub mod pages;
pub mod request_context;
pub mod review;
mod sender;
mod standalone;
mod standing;
mod styleguide;
pub(crate) mod used_from;
pub(crate) mod user;
pub(crate) mod users;

pub use answer::{answer, with_status};
pub(crate) use guides::guides;
pub use html::escape;
pub(crate) use layout_data::layout_data;
pub use login::LOG_IN;
pub use notices::calendar_path;
pub use request_context::RequestContext;
pub use sender::{Sender, authorise, sender};
pub(crate) use sender::{SentForm, permit};
pub(crate) use standalone::help_words;
pub use standalone::{again_document, of_another_document, onward_document, standalone_document};
