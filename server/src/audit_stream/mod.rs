//! The audit as it happens to elsewhere: a file, a syslog receiver, this machine's syslog. The desk
//! says which rows come next ([`desk::AuditStream`]); here they are written in the target's form
//! and handed over. A row counts as sent once the target has it, and comes again until then.
//!
//! | file | what |
//! |---|---|
//! | [`streamer`] | what runs by itself: the next rows, and waiting where the target is away |
//! | [`target`] | where they go |
//! | [`message`] | a row as a syslog message |
//! | [`network`] | to a receiver, by TCP or TLS, until it has acknowledged |
//! | [`mod@file`] | to the end of a file |
//! | [`ending`] | its end when the server stops: the last rows are sent first |
//! | [`status`] | how far behind it is, for whoever watches |
//!
//! Tests: `tests.rs` and `network_tests.rs` beside this, with a receiver that refuses, is slow,
//! goes away in the middle of a message; `desk/tests/desk/streaming.rs`; with the real rsyslog
//! `tools/test-syslog`.

mod ending;
mod file;
mod message;
mod network;
#[cfg(test)]
mod network_tests;
mod status;
mod streamer;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use desk::{Desk, Driver};

use crate::config::{AuditStreamTo, ConfigError, Configuration};

use ending::Ending;
pub(crate) use ending::Streaming;
pub use status::{StreamSnapshot, StreamStatus};
use streamer::{Pace, stream_regularly};
pub(crate) use target::Target;

/// Where the configuration has the audit go; none: nowhere.
///
/// # Errors
/// [`ConfigError::Senseless`] where a file that it names cannot be used.
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Target>, ConfigError> {
    configuration.audit_stream.as_ref().map(Target::of).transpose()
}

/// Starts to send to it.
pub(crate) fn start(
    desk: &Desk,
    to: &AuditStreamTo,
    target: Target,
    status: Arc<StreamStatus>,
) -> Streaming {
    let stream = desk.audit_stream(&to.name, to.from_start);
    let (driver, ending) = (Driver::default(), Ending::default());
    let its_ending = ending.clone();
    driver.run("streaming the audit", move || {
        let (status, ending) = (status.clone(), its_ending.clone());
        stream_regularly(stream.clone(), target.clone(), status, (Pace::default(), ending))
    });
    Streaming { driver, ending }
}
