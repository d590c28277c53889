//! The log, on standard error: what of it is heard. How a line is written is in
//! [`mod@format`]. Tests: here.

mod format;

use std::io::IsTerminal as _;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::LogFormat;
use crate::traces::Exporter;

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

/// Starts to log what passes `filter`, and to trace where there is a collector. A second start in
/// one process changes nothing.
pub(crate) fn start(filter: &str, format: LogFormat, traces: Option<&Exporter>) {
    let log = subscriber(filter, format, std::io::stderr().is_terminal(), std::io::stderr);
    let _ = match traces {
        None => log.try_init(),
        Some(traces) => log.with(traces.layer()).try_init(),
    };
}

fn subscriber<W>(
    filter: &str,
    format: LogFormat,
    colours: bool,
    writer: W,
) -> impl Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::try_new(format!("{QUIET},{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let layer = tracing_subscriber::fmt::layer::<Registry>();
    let layer = layer.with_writer(writer).fmt_fields(format::AsText);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        LogFormat::Json => layer.with_ansi(false).event_format(format::AsJson).boxed(),
    };
    // Outermost, so that it is asked for every event.
    Registry::default().with(layer.with_filter(filter).with_filter(filter_fn(is_heard)))
}

/// Whether it may be heard at all.
fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.target() != desk::SPANS && may_be_heard(metadata.target(), *metadata.level())
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
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("whole").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// The log of what is said meanwhile.
    fn log_of(filter: &str, format: LogFormat, say: impl FnOnce()) -> String {
        let logged = Captured::default();
        let writer = logged.clone();
        let subscriber = subscriber(filter, format, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, say);
        String::from_utf8(logged.0.lock().expect("whole").clone()).expect("text")
    }

    fn logged_with(filter: &str, format: LogFormat) -> String {
        log_of(filter, format, || {
            tracing::trace!(target: "hyper::proto::h1", "authorization: token one");
            tracing::debug!(target: "h2", "authorization: token two");
            tracing::debug!(target: "reqwest::connect", "secret three");
            tracing::trace!(target: "rustls::client", "secret four");
            tracing::trace!(target: "tungstenite::protocol", "secret five");
            tracing::debug!(target: "ldap3::protocol", "password six");
            tracing::info!(target: "hyper::server", "heard seven");
            tracing::debug!(target: "hyperion", "heard eight");
            tracing::debug!(target: "server::http", "heard nine");
        })
    }

    #[test]
    fn what_carries_secrets_says_nothing_of_them_whatever_the_filter_says() {
        for filter in [
            "trace",
            "hyper=trace,h2=trace,reqwest=trace,rustls=trace,tungstenite=trace,ldap3=trace,trace",
            "hyper::proto=trace,debug",
        ] {
            for format in [LogFormat::Text, LogFormat::Json] {
                let logged = logged_with(filter, format);
                for secret in ["one", "two", "three", "four", "five", "six"] {
                    assert!(!logged.contains(secret), "{filter}: {logged}");
                }
                assert!(logged.contains("seven") && logged.contains("nine"), "{filter}: {logged}");
            }
        }
        assert!(logged_with("debug", LogFormat::Text).contains("eight"), "another of a like name");
    }

    #[test]
    fn spans_that_are_for_traces_are_on_no_line() {
        let log = log_of("trace", LogFormat::Json, || {
            let _within = tracing::info_span!(target: desk::SPANS, "request", a = 1).entered();
            tracing::info!(target: "t", "a line");
        });
        assert!(log.contains("a line") && !log.contains("spans"), "{log}");
    }

    #[test]
    fn the_filter_is_followed() {
        assert!(!logged_with("info", LogFormat::Text).contains("nine"));
        assert!(!logged_with("warn", LogFormat::Text).contains("seven"));
    }

    /// A newline, ESC, NUL, an order that turns what is read around, an eight-bit CSI.
    const STEERING: [char; 5] = ['\n', '\u{1b}', '\0', '\u{202e}', '\u{9b}'];

    #[test]
    fn no_value_makes_a_line_of_its_own_or_steers_a_terminal_in_either_format() {
        let evil = "x\u{202e}evil\u{9b}31m\u{1b}[31m\0\n2026-01-01T00:00:00Z ERROR forged";
        let error = std::io::Error::other(evil);
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = log_of("info", format, || {
                tracing::warn!(target: "t", path = evil, "a text");
                tracing::warn!(target: "t", path = %evil, "as it is displayed");
                tracing::warn!(target: "t", path = ?Some(evil), "as it is debugged");
                let error: &dyn std::error::Error = &error;
                tracing::warn!(target: "t", error, "an error");
                tracing::warn!(target: "t", "{evil}");
                let _inside = tracing::info_span!(target: "t", "within", path = %evil).entered();
                tracing::warn!(target: "t", "in a span");
            });
            let lines: Vec<&str> = log.split_inclusive('\n').collect();
            assert_eq!(lines.len(), 6, "{log}");
            for line in lines {
                let line = line.strip_suffix('\n').expect("a whole line");
                assert!(!line.contains(STEERING), "{line}");
                assert!(line.contains("u{202e}evil") && line.contains("u{9b}31m"), "{line}");
                if format == LogFormat::Json {
                    let read: serde_json::Value = serde_json::from_str(line).expect(line);
                    assert!(!read.to_string().contains(STEERING) && read["level"] == "WARN");
                }
            }
        }
    }

    #[test]
    fn a_line_as_text_and_as_json() {
        let say = || {
            tracing::info!(
                target: "t", path = "/a \"b\"", status = 200_u16, ms = 7_u64, good = true,
                who = %"tia", "request"
            );
        };
        let text = log_of("info", LogFormat::Text, say);
        let expected =
            "  INFO t: request path=\"/a \\\"b\\\"\" status=200 ms=7 good=true who=tia\n";
        assert!(text.ends_with(expected), "{text}");
        let json = log_of("info", LogFormat::Json, say);
        let (time, rest) = json.split_once("Z\",").expect("a time");
        assert!(time.starts_with("{\"timestamp\":\"20"), "{json}");
        assert_eq!(
            rest,
            "\"level\":\"INFO\",\"message\":\"request\",\"path\":\"/a \\\"b\\\"\",\
             \"status\":200,\"ms\":7,\"good\":true,\"who\":\"tia\",\"target\":\"t\"}\n"
        );
    }

    #[test]
    fn no_value_is_long() {
        let long = "x".repeat(100_000);
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = log_of("info", format, || {
                tracing::info!(text = long, shown = %long, "{long}");
            });
            assert!(log.len() < 3 * 2100 + 200 && log.contains("xxx…"), "{}", log.len());
        }
    }
}
