//! What of all spans is sent, and that nobody waits where nothing can be.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// A collector that takes nothing until it is let.
#[derive(Clone, Debug, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar, Mutex<Vec<u8>>)>);

impl Gate {
    fn open(&self) {
        let (is_open, opened, _) = &*self.0;
        *is_open.lock().expect("whole") = true;
        opened.notify_all();
    }

    /// How often this is in what came.
    fn count(&self, name: &str) -> usize {
        let heard = self.0.2.lock().expect("whole");
        heard.windows(name.len()).filter(|bytes| *bytes == name.as_bytes()).count()
    }
}

impl HttpClient for Gate {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let (is_open, opened, heard) = &*self.0;
        // The thread is the exporter's own.
        let guard = is_open.lock().expect("whole");
        drop(opened.wait_while(guard, |is_open| !*is_open).expect("whole"));
        heard.lock().expect("whole").extend_from_slice(request.body());
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}

/// What a collector gets of what is done meanwhile, where there are traces of this share.
fn traced(ratio: f64, work: impl FnOnce(&Gate)) -> Gate {
    let gate = Gate::default();
    let endpoint = "http://127.0.0.1:4318/v1/traces".parse().expect("an address");
    let traces = Traces { endpoint, ratio, ca_file: None };
    let exporter = Exporter::new(gate.clone(), &traces, "main").expect("an exporter");
    let subscriber = Registry::default().with(exporter.layer());
    tracing::subscriber::with_default(subscriber, || work(&gate));
    gate.open();
    exporter.provider.shutdown().expect("ended");
    gate
}

fn request(name: &str) -> tracing::Span {
    tracing::info_span!(target: desk::SPANS, "request", otel.name = name, otel.kind = "server")
}

#[test]
fn a_request_and_what_is_done_for_it_are_sent_and_what_is_done_by_itself_is_not() {
    let gate = traced(1.0, |_| {
        request("GET /login").in_scope(|| {
            tracing::info_span!(target: desk::SPANS, "of a request").in_scope(|| {
                tracing::info!("a line of the log");
                tracing::info_span!("of somebody else").in_scope(|| {});
            });
        });
        tracing::info_span!(target: desk::SPANS, "by itself", otel.kind = "client").in_scope(|| {});
    });
    for (name, times) in [
        ("GET /login", 1),
        ("of a request", 1),
        ("by itself", 0),
        ("a line of the log", 0),
        ("of somebody else", 0),
    ] {
        assert_eq!(gate.count(name), times, "{name}");
    }
}

#[test]
fn of_a_share_of_none_none_is_sent() {
    assert_eq!(traced(0.0, |_| request("GET /login").in_scope(|| {})).count("GET /login"), 0);
}

#[test]
fn a_collector_that_takes_nothing_delays_nobody_and_what_waits_is_bounded() {
    const MANY: usize = 20_000;
    let gate = traced(1.0, |gate| {
        // Each of them ends, although nothing is taken.
        for _ in 0..MANY {
            request("GET /login").in_scope(|| {});
        }
        assert_eq!(gate.count("GET /login"), 0);
    });
    let sent = gate.count("GET /login");
    assert!(sent > 0 && sent <= MAX_WAITING + MAX_BATCH, "{sent}");
}
