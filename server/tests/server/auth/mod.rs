//! What stands below `/auth`.

mod strangers;
mod verify;
