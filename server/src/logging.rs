//! The log, on standard error. Tests: here.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::LogFormat;

/// The store's own chatter, unless the filter asks for it: statements with what is in them, and at
/// every orderly stop warnings that its tasks were stopped. What it fails to do for us, `desk`
/// logs.
const QUIET: &str = "surrealdb=warn,surrealdb::method::live=off,surrealdb_core::kvs::tasks=off,surrealdb_datastore::tr=off";

/// What commands log: what goes wrong inside the desk. All else they say in their own words.
pub(crate) const FOR_COMMANDS: &str = "error,surrealdb=off";

/// What carries other people's secrets: heads of requests with tokens and cookies, passwords on
/// their way to a directory. Below `info` these would say what they carry, and so they are not
/// heard, whatever the filter says.
const CARRIERS: [&str; 20] = [
    "async_tungstenite",
    "axum",
    "axum_core",
    "h2",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "ldap3",
    "lber",
    "oauth2",
    "openidconnect",
    "reqwest",
    "rustls",
    "tokio_rustls",
    "tokio_tungstenite",
    "tokio_util",
    "tower",
    "tower_http",
    "tungstenite",
    "want",
];

/// Starts to log what passes `filter`. A second start in one process changes nothing.
pub(crate) fn start(filter: &str, format: LogFormat) {
    let _ = subscriber(filter, format, std::io::stderr().is_terminal(), std::io::stderr).try_init();
}

fn subscriber<W>(
    filter: &str,
    format: LogFormat,
    colours: bool,
    writer: W,
) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::try_new(format!("{QUIET},{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let layer = tracing_subscriber::fmt::layer::<Registry>().with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // Outermost, so that it is asked for every event.
    Registry::default().with(layer.with_filter(filter).with_filter(filter_fn(is_heard)))
}

/// Whether it may be heard at all.
fn is_heard(metadata: &Metadata<'_>) -> bool {
    may_be_heard(metadata.target(), *metadata.level())
}

fn may_be_heard(target: &str, level: Level) -> bool {
    let from = target.split("::").next().unwrap_or(target);
    level <= Level::INFO || !CARRIERS.contains(&from)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("whole").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn said_with(filter: &str, format: LogFormat) -> String {
        let said = Said::default();
        let writer = said.clone();
        tracing::subscriber::with_default(
            subscriber(filter, format, false, move || writer.clone()),
            || {
                tracing::trace!(target: "hyper::proto::h1", "authorization: token one");
                tracing::debug!(target: "h2", "authorization: token two");
                tracing::debug!(target: "reqwest::connect", "secret three");
                tracing::trace!(target: "rustls::client", "secret four");
                tracing::trace!(target: "tungstenite::protocol", "secret five");
                tracing::debug!(target: "ldap3::protocol", "password six");
                tracing::info!(target: "hyper::server", "heard seven");
                tracing::debug!(target: "hyperion", "heard eight");
                tracing::debug!(target: "server::http", "heard nine");
            },
        );
        String::from_utf8(said.0.lock().expect("whole").clone()).expect("text")
    }

    #[test]
    fn what_carries_secrets_says_nothing_of_them_whatever_the_filter_says() {
        for filter in [
            "trace",
            "hyper=trace,h2=trace,reqwest=trace,rustls=trace,tungstenite=trace,ldap3=trace,trace",
            "hyper::proto=trace,debug",
        ] {
            for format in [LogFormat::Text, LogFormat::Json] {
                let said = said_with(filter, format);
                for secret in ["one", "two", "three", "four", "five", "six"] {
                    assert!(!said.contains(secret), "{filter}: {said}");
                }
                assert!(said.contains("seven") && said.contains("nine"), "{filter}: {said}");
            }
        }
        assert!(said_with("debug", LogFormat::Text).contains("eight"), "another of a like name");
    }

    #[test]
    fn the_filter_is_followed() {
        assert!(!said_with("info", LogFormat::Text).contains("nine"));
        assert!(!said_with("warn", LogFormat::Text).contains("seven"));
    }
}
