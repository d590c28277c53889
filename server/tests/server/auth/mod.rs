//! What stands below `/auth`.

mod ends;
mod old_strings;
mod strangers;
mod verify;
