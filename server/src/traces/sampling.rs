//! Of which requests there are traces: of a share, and where a trusted proxy has begun one, as it
//! has chosen. What the desk does by itself has none. Tests: `tests.rs`.

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// Of this share of all requests, from 0 to 1.
pub(super) fn of(ratio: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Requests(Sampler::TraceIdRatioBased(ratio))))
}

/// Of what has no span around it, requests alone.
#[derive(Clone, Debug)]
struct Requests(Sampler);

impl ShouldSample for Requests {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        span_kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if *span_kind == SpanKind::Server {
            let Self(share) = self;
            return share.should_sample(
                parent_context,
                trace_id,
                name,
                span_kind,
                attributes,
                links,
            );
        }
        SamplingResult {
            decision: SamplingDecision::Drop,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}
