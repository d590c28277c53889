//! The collector, as the exporter speaks to it: by this program's own client. The exporter has a
//! thread of its own, on which no request of ours could be made; each is made on the runtime, and
//! waited for there. That it is away is said once. Tests: `server/tests/server/traces.rs`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use crate::authorities;
use crate::config::{ConfigError, Traces};

/// The most bytes of an answer: a word on what it did not take.
const MAX_ANSWER: usize = 64 * 1024;

/// How spans are sent to the collector, and whether it is away.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    is_away: Arc<AtomicBool>,
}

impl Collector {
    /// Reads the certificate authorities, and asks nothing yet. It is made where a runtime is.
    pub(super) fn new(traces: &Traces, timeout: Duration) -> Result<Self, ConfigError> {
        let wrong = |what: String| ConfigError::senseless("traces.ca_file", what);
        // Of the environment's variables none changes where spans go, those for proxies neither.
        let mut http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .use_rustls_tls();
        if let Some(path) = &traces.ca_file {
            http = authorities::trusting_file(http, path).map_err(wrong)?;
        }
        let http = http.build().map_err(|error| wrong(format!("{error}.")))?;
        Ok(Self { http, runtime: Handle::current(), is_away: Arc::default() })
    }

    async fn post(self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = answered(&self.http, request).await;
        let why = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        match why {
            Some(why) => {
                if !self.is_away.swap(true, Relaxed) {
                    tracing::warn!(
                        why,
                        "traces do not reach the collector (traces.otlp); they are dropped",
                    );
                }
            }
            None => {
                if self.is_away.swap(false, Relaxed) {
                    tracing::info!("traces reach the collector again");
                }
            }
        }
        answer
    }
}

async fn answered(
    http: &reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let mut answer = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err("the answer is too long".into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response::builder().status(answer.status()).body(body.into())?)
}

impl HttpClient for Collector {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let posting = self.runtime.spawn(self.clone().post(request));
        Box::pin(async move { posting.await? })
    }
}
