//! Logged in as … → Settings.

mod about_me;
mod activity;
mod auth_tokens;
mod notice;
mod sessions;
mod tabs;

pub use about_me::AboutMePage;
pub use activity::ActivityPage;
pub use auth_tokens::AuthTokensPage;
pub(crate) use notice::WhyNot;
pub use sessions::SessionsPage;
pub(crate) use tabs::Tabs;
