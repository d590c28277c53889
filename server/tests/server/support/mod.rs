//! What the tests share.

mod client;
mod command;
mod world;

pub(crate) use client::{Answer, Request};
pub(crate) use command::{Ended, Latchkey};
pub(crate) use world::{World, origin, real_world, secret, world, world_configured, world_with};
