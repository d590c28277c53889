//! What the tests share: `testkit`'s, by the names that they have here.

pub(crate) use testkit::forms::{
    disabled, get, new_token, password_change, privileged, request, role, token_edit,
};
pub(crate) use testkit::{
    StoreFolder, World, empty_world, empty_world_with, origin, reopen, secret, try_reopen, world,
    world_with,
};
