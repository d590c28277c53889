//! Figures for Prometheus, at an address of their own (`metrics.listen`): what the desk, the doors
//! and the process count, read when somebody asks for it and kept nowhere.
//!
//! | file | what |
//! |---|---|
//! | [`listener`] | answers `/metrics`, and nothing else |
//! | [`scrape`] | all of it, at one moment, as text |
//! | [`of_desk`] | what the desk counts |
//! | [`of_doors`] | what the doors count: requests, verdicts, connections |
//! | [`process`] | what the system says of the process |
//! | [`writer`] | a metric with its samples |
//!
//! Every label is one of a list that is in the sources, or the node's own name: no NetID, address
//! or token is one, and nothing that is sent makes a series of its own. Tests: in these files,
//! `server/tests/server/metrics.rs`, and with a real Prometheus `tools/test-metrics`. What each
//! means to whoever watches: `docs/operations/metrics.md`.

mod listener;
mod of_desk;
mod of_doors;
mod process;
mod scrape;
mod writer;

pub(crate) use listener::serve;
pub(crate) use scrape::Source;
