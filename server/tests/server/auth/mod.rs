//! What stands below `/auth`.

mod ends;
mod strangers;
mod verify;
