//! **About Me**: who one is, and one's own local password.

mod access_control;
mod api;
mod change;
mod page;

pub use page::AboutMe;
