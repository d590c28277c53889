//! Traces of requests for a collector, by OpenTelemetry's protocol over HTTP: one more listener
//! beside the log, there only where the configuration names a collector. What a request's span
//! tells is in [`crate::web::request_span`]; the desk's own spans are of [`desk::SPANS`].
//!
//! Spans wait in a queue of a bounded length, from which a thread of its own sends; where the
//! collector is away or slow they are dropped, and no request waits. Tests: `tests.rs` beside this,
//! `server/tests/server/traces.rs`.

mod collector;
mod sampling;
#[cfg(test)]
mod tests;

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::config::{ConfigError, Configuration, Traces};
use collector::Collector;

/// Spans that wait to be sent; beyond that they are dropped.
const MAX_WAITING: usize = 2048;

/// Spans that are sent at once.
const MAX_BATCH: usize = 512;

/// What one span may hold: more than any of ours has.
const MAX_ATTRIBUTES: u32 = 16;

/// How often what waits is sent.
const EVERY: Duration = Duration::from_secs(2);

/// How long the collector may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a stop waits for what was not sent yet.
const END_TIMEOUT: Duration = Duration::from_millis(500);

/// Sends spans, until it is ended.
#[derive(Debug)]
pub(crate) struct Exporter {
    provider: SdkTracerProvider,
}

/// What sends, where there is a collector. It is called where a runtime is.
///
/// # Errors
/// [`ConfigError::Senseless`].
pub(crate) fn of(configuration: &Configuration) -> Result<Option<Exporter>, ConfigError> {
    let Some(traces) = &configuration.traces else { return Ok(None) };
    let collector = Collector::new(traces, TIMEOUT)?;
    Exporter::new(collector, traces, &configuration.desk.node).map(Some)
}

/// Reads what the configuration names, and sends nothing.
///
/// # Errors
/// As [`of`].
pub(crate) fn check(configuration: &Configuration) -> Result<(), ConfigError> {
    let traces = configuration.traces.as_ref();
    traces.map_or(Ok(()), |traces| Collector::new(traces, TIMEOUT).map(drop))
}

impl Exporter {
    fn new(
        client: impl HttpClient + 'static,
        traces: &Traces,
        node: &str,
    ) -> Result<Self, ConfigError> {
        // All of it is said here, so that no variable of the environment changes it.
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(traces.endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(TIMEOUT)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(client)
            .build()
            .map_err(|error| ConfigError::senseless("traces.otlp", format!("{error}.")))?;
        let waiting = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_WAITING)
            .with_max_export_batch_size(MAX_BATCH)
            .with_scheduled_delay(EVERY)
            .build();
        let resource = Resource::builder_empty().with_service_name("latchkey").with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", node.to_owned()),
        ]);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(
                BatchSpanProcessor::builder(exporter).with_batch_config(waiting).build(),
            )
            .with_sampler(sampling::of(traces.ratio))
            .with_max_attributes_per_span(MAX_ATTRIBUTES)
            .with_max_events_per_span(0)
            .with_resource(resource.build())
            .build();
        Ok(Self { provider })
    }

    /// What listens for spans, and for nothing else: no line of the log is among them.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup> + Send + Sync,
    {
        tracing_opentelemetry::layer::<S>()
            .with_tracer(self.provider.tracer("latchkey"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(is_for_traces).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what waits, within a moment, and ends.
    pub(crate) async fn end(self) {
        // It waits on the thread that it is called on.
        let ending =
            tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(END_TIMEOUT));
        if !matches!(ending.await, Ok(Ok(()))) {
            tracing::info!("the last traces could not be sent");
        }
    }
}

/// Whether traces tell of it.
fn is_for_traces(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == desk::SPANS
}
