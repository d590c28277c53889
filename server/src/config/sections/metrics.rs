//! `[metrics]`: figures for Prometheus.

use std::net::SocketAddr;

use confique::Config;
use serde::Serialize;

use super::filled;
use super::listen::parse_address;
use crate::config::ConfigError;

/// Figures for Prometheus, at an address of their own.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Metrics {
    /// Address and port at which Prometheus reads the path /metrics, such as 127.0.0.1:9464.
    /// Nothing else is answered there, and whoever reaches it reads it without a password: they are
    /// counts and times, without anybody's name. Left out, there is none.
    #[config(env = "LATCHKEY_METRICS_LISTEN")]
    pub listen: Option<String>,
}

impl Metrics {
    /// Where to listen; none: nowhere.
    pub(in crate::config) fn address(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let read = |text: String| {
            parse_address(&text)
                .map_err(|what| ConfigError::senseless("metrics.listen", what + "."))
        };
        filled(self.listen.clone()).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(listen: Option<&str>) -> Result<Option<String>, String> {
        let metrics = Metrics { listen: listen.map(str::to_owned) };
        let address = metrics.address().map_err(|error| error.to_string())?;
        Ok(address.map(|address| address.to_string()))
    }

    #[test]
    fn where_figures_are_read_is_an_address_or_nowhere() {
        assert_eq!((address(None), address(Some(" "))), (Ok(None), Ok(None)));
        for (text, read) in [
            ("127.0.0.1:9464", "127.0.0.1:9464"),
            ("localhost:9464", "127.0.0.1:9464"),
            ("[::1]:9464", "[::1]:9464"),
        ] {
            assert_eq!(address(Some(text)), Ok(Some(read.to_owned())));
        }
        let error = address(Some("9464")).expect_err("no address");
        assert!(
            error.starts_with("metrics.listen: ") && error.contains("write one like 127.0.0.1"),
            "{error}"
        );
    }
}
