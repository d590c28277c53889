//! Connections under load. Nobody holds one for nothing, and nobody keeps the others out:
//!
//! - A request's head comes within [`Limits::head`]; a connection that nothing is asked on ends
//!   after [`Limits::idle`], one on which nothing moves after [`Limits::stalled`]. A head whose
//!   beginning came together with the request before it, and whose rest never comes, counts as
//!   nothing that is asked: those bytes are hyper's already.
//! - There are fewer connections than the process may have open files ([`open_files`]). Where there
//!   is no room for one more, those that wait for nothing of ours are closed to make some: the
//!   oldest of whoever has the most, trusted proxies' last. A page that only listens for events is
//!   one of these: it comes again by itself.
//! - No address has more than [`Limits::each`], and no IPv6 network more than half of all: from two
//!   thirds of that on the oldest of its own go that wait for nothing, and where that is not
//!   enough, what comes waits for a moment and is not taken. Trusted proxies may have all of them.
//! - The last of them are for `/auth/verify` and for whoever watches: on a connection beyond the
//!   general share nothing else is answered, so that pages and streams never keep applications out.
//!   Whoever asks for something else there waits a moment, while room is made: a request whose body
//!   does not come, and an answer that nobody takes, wait for nothing of ours either.
//!
//! HTTP/1.1 alone: nothing needs HTTP/2 in the clear, and each of its connections would carry
//! hundreds of requests.
//!
//! | file | what |
//! |---|---|
//! | [`mod@accept`] | takes connections, and ends them all in order |
//! | [`serve`] | one connection: hyper, and when it is told to end |
//! | [`host`] | which host a request is for, looked at before anything else |
//! | [`house`] | who is there, since when, doing what; and who goes when it is full |
//! | [`place`] | one connection's place in it |
//! | [`refused`] | what is counted of those that are not served |
//! | [`shares`] | how many each network has, of how many |
//! | [`stream`] | notes what moves on a connection |
//! | [`body`] | notes while a request does not come, and when an answer is over |
//! | [`open_files`] | how many there may be |
//!
//! Tests: in these files, and `server/tests/server/connections.rs`, `command_line/open_files.rs`.

mod accept;
mod body;
mod host;
mod house;
pub(crate) mod open_files;
mod place;
mod refused;
mod serve;
mod shares;
mod stream;

pub(crate) use accept::accept;
pub(crate) use house::House;
pub(crate) use refused::ConnectionFigures;

pub use crate::config::ConnectionLimits as Limits;
