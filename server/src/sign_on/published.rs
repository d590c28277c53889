//! What the provider says of itself: where its doors are, how it signs, and its keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, LogoutProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SignOnError;

/// How long what the provider says of itself is believed: keys change now and then.
const BELIEVED: Duration = Duration::from_secs(3600);

/// How soon it is asked again, whatever anybody sends here: where it did not answer, and where its keys seem to have changed.
const AGAIN: Duration = Duration::from_secs(10);

/// What it publishes, asked when it is needed.
#[derive(Debug)]
pub(super) struct Published {
    issuer: String,
    http: reqwest::Client,
    state: Mutex<State>,
    asking: tokio::sync::Mutex<()>,
}

/// What it said, and when it was asked.
#[derive(Debug, Default)]
struct State {
    good: Option<(Instant, Arc<Known>)>,
    tried: Option<(Instant, Option<SignOnError>)>,
}

/// What it says of itself.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) metadata: Metadata,
    pub(super) keys: JwkSet,
}

/// What it publishes, as far as it is of interest.
pub(super) type Metadata = ProviderMetadata<
    LogoutProviderMetadata<SaysIssuer>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Whether it says with each answer who answers (RFC 9207 §3).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct SaysIssuer {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for SaysIssuer {}

impl Known {
    /// Whether an answer that does not say whose it is cannot be its own.
    pub(super) fn says_its_issuer(&self) -> bool {
        self.metadata.additional_metadata().additional_metadata.authorization_response_iss_parameter_supported
    }
}

impl Published {
    /// Of the provider that calls itself so; asks nothing yet.
    pub(super) fn of(issuer: String, http: reqwest::Client) -> Self {
        Self { issuer, http, state: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// What it says of itself; asked anew after an hour, or where its keys seem to have changed.
    pub(super) async fn known(&self, anew: bool) -> Result<Arc<Known>, SignOnError> {
        if let Some(known) = self.believed().filter(|_| !anew) {
            return Ok(known);
        }
        // One question at a time: whoever waits takes the answer, too.
        let _asking = self.asking.lock().await;
        let lately = self.state().tried.as_ref().is_some_and(|(at, _)| at.elapsed() < AGAIN);
        match (self.believed(), lately) {
            (Some(known), true) => return Ok(known),
            (Some(known), false) if !anew => return Ok(known),
            (None, true) => {
                if let Some((_, Some(error))) = &self.state().tried {
                    return Err(error.clone());
                }
            }
            _ => {}
        }
        let asked = self.ask().await;
        let mut state = self.state();
        state.tried = Some((Instant::now(), asked.as_ref().err().cloned()));
        match asked {
            Ok(known) => {
                state.good = Some((Instant::now(), known.clone()));
                Ok(known)
            }
            Err(error) => {
                drop(state);
                // What was good a moment ago is still good.
                self.believed().ok_or(error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it said of itself, if that is not too long ago.
    fn believed(&self) -> Option<Arc<Known>> {
        self.state().good.as_ref().filter(|(at, _)| at.elapsed() < BELIEVED).map(|(_, known)| known.clone())
    }

    async fn ask(&self) -> Result<Arc<Known>, SignOnError> {
        let away = |error: &dyn std::error::Error| SignOnError::Away(with_causes(error));
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|error| away(&error))?;
        // It checks that the provider calls itself what the configuration calls it.
        let metadata = Metadata::discover_async(issuer, &self.http).await.map_err(|error| away(&error))?;
        let keys = self.http.get(metadata.jwks_uri().url().clone()).send().await.map_err(|error| away(&error))?;
        let keys = keys.bytes().await.map_err(|error| away(&error))?;
        let keys = keys_of(&keys).ok_or_else(|| SignOnError::Away("its keys cannot be read".to_owned()))?;
        Ok(Arc::new(Known { metadata, keys }))
    }
}

/// The keys that are understood: one of another kind among them does no harm.
fn keys_of(bytes: &[u8]) -> Option<JwkSet> {
    let whole: Value = serde_json::from_slice(bytes).ok()?;
    let keys = whole.get("keys")?.as_array()?.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
    Some(JwkSet { keys })
}

/// An error in its words and those of what caused it.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
