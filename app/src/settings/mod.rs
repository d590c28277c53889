//! Logged in as … → Settings.

pub(crate) mod about_me;
pub(crate) mod activity;
pub(crate) mod auth_tokens;
pub(crate) mod notices;
pub(crate) mod sessions;
mod tabs;

pub(crate) use tabs::Tabs;
