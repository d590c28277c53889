//! Where the program listens beside an address of its own, and what it says to who supervises it.

mod socket;
pub(crate) mod supervised;
mod upgrade;
