//! A campus of any size, for trying out what a large store is like: people whose names collide,
//! their tokens, the audit of years. Nobody lives on it: it is in a demo's store, and the same each
//! time for the same seed and moment. Tests: `desk/tests/desk/campus.rs`.
//!
//! | file | what |
//! |---|---|
//! | [`plan`] | how large it is |
//! | [`draws`] | numbers that are the same each time |
//! | [`names`] | what people are called |
//! | [`people`] | who is there, and which tokens each has |
//! | [`history`] | what the audit tells of them |
//! | [`loading`] | all of it into an empty store |

mod draws;
mod history;
pub(crate) mod loading;
mod names;
mod people;
pub(crate) mod plan;
