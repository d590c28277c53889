//! All figures at one moment, as text: in Prometheus's own format, or as OpenMetrics where that is
//! asked for. Tests: here, and `server/tests/server/metrics.rs`.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, header};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text, text};
use prometheus_client::registry::Registry;

use super::writer::Writer;
use super::{of_desk, of_doors, process};
use crate::connections::House;
use crate::web::AppState;

/// What OpenMetrics is asked for by.
const OPEN_METRICS: &str = "application/openmetrics-text";

/// And what it is answered as.
const OPEN_METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where figures come from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(super) state: AppState,
    pub(super) house: House,
    /// How often the directory is synchronised with; none: not at all.
    pub(super) sync_every: Option<Duration>,
}

impl Source {
    pub(crate) fn new(state: AppState, house: House, sync_every: Option<Duration>) -> Self {
        Self { state, house, sync_every }
    }

    /// All of it, and as what it is sent. Looks at the disk: on a thread that may wait.
    ///
    /// # Errors
    /// Where it cannot be written, which is a fault of these sources.
    pub(super) fn scrape(self, headers: &HeaderMap) -> Result<(String, &'static str), fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self));
        let mut written = String::new();
        if wants_open_metrics(headers) {
            text::encode(&mut written, &registry)?;
            return Ok((written, OPEN_METRICS_TYPE));
        }
        prometheus_text::encode(&mut written, &registry)?;
        Ok((written, prometheus_text::CONTENT_TYPE))
    }
}

/// Prometheus lists what it reads, the best first; whoever looks by hand asks for nothing.
fn wants_open_metrics(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::ACCEPT).iter();
    lines.any(|line| line.to_str().is_ok_and(|line| line.contains(OPEN_METRICS)))
}

impl Collector for Source {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut writer = Writer::new(encoder);
        let desk = &self.state.desk;
        of_desk::write(&mut writer, &desk.figures(), self.sync_every)?;
        of_desk::write_backup(&mut writer, desk.last_backup().as_ref(), desk.backs_up_every())?;
        of_doors::write(&mut writer, &self.state, &self.house.figures())?;
        process::write(&mut writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_metrics_is_for_whoever_asks_for_it() {
        let asks = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, http::HeaderValue::from_static(accept));
            wants_open_metrics(&headers)
        };
        assert!(asks("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));
        assert!(!asks("text/plain") && !asks("*/*") && !wants_open_metrics(&HeaderMap::new()));
    }
}
