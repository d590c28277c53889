//! What stands below `/auth`.

mod old_strings;
mod strangers;
mod verify;
