//! `[traces]`: where traces of requests go. Tests: `config/tests/streams.rs`.

use std::path::PathBuf;

use confique::Config;
use serde::Serialize;
use url::Url;

use super::server::is_loopback;
use super::{filled, names_somebody};
use crate::config::ConfigError;

/// Where traces go.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct TracesSection {
    /// The collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318. Left out:
    /// there are none.
    #[config(env = "LATCHKEY_TRACES_OTLP")]
    pub otlp: Option<String>,

    /// Of how many requests there are traces, as a share of all. A request that a trusted proxy
    /// has begun a trace for (`traceparent`) follows the proxy's choice.
    #[config(env = "LATCHKEY_TRACES_RATIO", default = "10%")]
    pub ratio: String,

    /// PEM file with the authorities to trust with https://; left out: those that browsers trust.
    #[config(env = "LATCHKEY_TRACES_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Where traces go, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// Where spans are posted to.
    pub endpoint: Url,
    /// Of how many requests, from 0 to 1.
    pub ratio: f64,
    /// Whom to trust; none: those that browsers trust.
    pub ca_file: Option<PathBuf>,
}

impl TracesSection {
    /// Where they go; none: there are none.
    pub(in crate::config) fn collector(&self) -> Result<Option<Traces>, ConfigError> {
        let ratio = share(&self.ratio).ok_or_else(|| {
            ConfigError::senseless("traces.ratio", "write a share from 0% to 100%, such as 10%.")
        })?;
        let ca_file = self.ca_file.clone().filter(|path| !path.as_os_str().is_empty());
        let Some(otlp) = filled(self.otlp.clone()) else {
            if ca_file.is_some() {
                let what = "it is for traces.otlp, which is not set.";
                return Err(ConfigError::senseless("traces.ca_file", what));
            }
            return Ok(None);
        };
        let wrong = |what: &str| Err(ConfigError::senseless("traces.otlp", what));
        let is_site = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let Some(mut endpoint) = Url::parse(&otlp).ok().filter(is_site) else {
            return wrong("write it like http://127.0.0.1:4318.");
        };
        if names_somebody(&endpoint) || endpoint.query().is_some() {
            return wrong("leave out user name, password and what follows a ?.");
        }
        // As OTLP has it: the path is of traces, unless it is written out.
        let path = endpoint.path().trim_end_matches('/').to_owned();
        if !path.ends_with("v1/traces") {
            endpoint.set_path(&format!("{path}/v1/traces"));
        }
        Ok(Some(Traces { endpoint, ratio, ca_file }))
    }

    /// What is to be said of where they go.
    pub(in crate::config) fn hazard(&self) -> Option<&'static str> {
        let url = Url::parse(filled(self.otlp.clone())?.as_str()).ok()?;
        let is_readable = url.scheme() == "http" && !is_loopback(&url);
        is_readable.then_some(
            "traces.otlp is http:// to another machine: whoever is on the way reads what is asked \
             of Latchkey, and when. Use https://, or a collector on this machine.",
        )
    }
}

/// A share as it is written: `10%`.
fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}
