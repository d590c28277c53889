//! `/leaks`: who has found tokens where strangers can read them.

mod anybody;
mod github;
