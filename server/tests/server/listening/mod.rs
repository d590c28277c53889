//! Where the program listens beside an address of its own, and what it says to who supervises it.

mod socket;
mod supervised;
mod upgrade;
