//! What the tests share.

mod client;
mod command;
mod provider;
mod world;

pub(crate) use client::{Answer, Request};
pub(crate) use command::{Ended, Latchkey};
pub(crate) use provider::{Provider, altered};
pub(crate) use world::{World, origin, real_world, secret, world, world_as, world_with};
