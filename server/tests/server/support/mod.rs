//! What the tests share.

mod client;
mod command;
mod world;

pub use client::{Answer, Request};
pub use command::{Ended, Latchkey};
pub use world::{World, origin, secret, world, world_with};
