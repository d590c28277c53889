//! Synchronising with the directory: what would be done ([`plan`]), whether it may ([`guard`]), and
//! doing it ([`run`], [`apply`]).

pub(crate) mod apply;
pub(crate) mod guard;
pub(crate) mod lease;
pub(crate) mod limit;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod roster;
pub(crate) mod run;
pub(crate) mod stream;
pub(crate) mod synchronisation;
