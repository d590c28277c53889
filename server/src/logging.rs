//! The log, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// The store's own chatter, unless the filter asks for it: statements with what is in them, and at every orderly stop
/// warnings that its tasks were stopped. What it fails to do for us, `desk` logs.
const QUIET: &str = "surrealdb=warn,surrealdb::method::live=off,surrealdb_core::kvs::tasks=off,surrealdb_datastore::tr=off";

/// What commands log: what goes wrong inside the desk. All else they say in their own words.
pub(crate) const FOR_COMMANDS: &str = "error,surrealdb=off";

/// Starts to log what passes `filter`. A second start in one process changes nothing.
pub(crate) fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}
