//! What stands below `/auth`.

mod verify;
