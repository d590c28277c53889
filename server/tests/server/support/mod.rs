//! What the tests share.

mod client;
mod command;
pub(crate) mod http2;
mod provider;
mod secure;
mod whole;
mod world;

pub(crate) use client::{Answer, Request, session};
pub(crate) use command::Latchkey;
pub(crate) use provider::{Provider, altered};
pub(crate) use secure::{Certificate, secure_world};
pub(crate) use testkit::program::Ended;
pub(crate) use testkit::{origin, secret};
pub(crate) use whole::{assert_whole_json, assert_whole_lines};
pub(crate) use world::{World, person, real_world, session_of, world, world_as, world_with};
