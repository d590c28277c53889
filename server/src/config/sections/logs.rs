//! `[log]`: what is logged, and in which form.

use clap::ValueEnum;
use confique::Config;
use serde::{Deserialize, Serialize};

use super::lenient::word;
use crate::config::ConfigError;

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// The keys of `[log]`, as they are written.
#[derive(Clone, Config, Debug, Serialize)]
#[config(layer_attr(derive(Debug)))]
pub struct Log {
    /// What to log: a level (error, warn, info, debug) or a filter such as "warn,server=debug".
    #[config(env = "LATCHKEY_LOG", default = "info")]
    pub filter: String,

    /// "text" for people, "json" for machines.
    #[config(env = "LATCHKEY_LOG_FORMAT", default = "text", deserialize_with = word)]
    pub format: LogFormat,
}

impl Log {
    pub(in crate::config) fn check(&self) -> Result<(), ConfigError> {
        if tracing_subscriber::EnvFilter::try_new(&self.filter).is_err() {
            let what = "not a filter: write a level (error, warn, info, debug) or one such as \
                warn,server=debug.";
            return Err(ConfigError::senseless("log.filter", what));
        }
        Ok(())
    }
}
