//! Commands while a server has the store: done by it, and to whoever typed them as ever.

mod at_once;
mod door;
mod other_users;
mod places;
mod same;
mod terminal;

use std::path::PathBuf;
use std::process::Child;

use testkit::program::{ANY_PORT, Serving};

use crate::support::Latchkey;

/// A server for real people on a store of its own.
fn serve(latchkey: &Latchkey) -> Serving {
    latchkey.serve_by(latchkey.command(&["serve", "--listen", ANY_PORT]))
}

/// Where it takes commands.
fn socket(latchkey: &Latchkey) -> PathBuf {
    latchkey.path("data/latchkey.sock")
}

/// A store with a campus in it, whose audit is longer than a pipe holds.
fn campus() -> Latchkey {
    let latchkey = Latchkey::new();
    let made = latchkey.run(&["seed", "--people", "30", "--audit-rows", "3000", "--seed", "5"]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    latchkey
}

/// The exit code of a child that ends; none: a signal ended it.
fn code(child: &mut Child) -> Option<i32> {
    child.wait().unwrap().code()
}
