//! What the provider says of itself: where its doors are, how it signs, and its keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde_json::{Map, Value};
use url::Url;

use super::OidcError;
use super::claims::{printable, texts};
use super::metadata::Metadata;
use crate::nearly_json;

/// The most bytes of an answer that are read.
const ANSWER: usize = 1024 * 1024;

/// How long what the provider says of itself is believed: keys change now and then.
const BELIEVED: Duration = Duration::from_hours(1);

/// How soon it is asked again, whatever anybody sends here: where it did not answer, and where its
/// keys seem to have changed.
const AGAIN: Duration = Duration::from_secs(10);

/// What it publishes, asked when it is needed.
#[derive(Debug)]
pub(super) struct Discovery {
    issuer: String,
    http: reqwest::Client,
    state: Mutex<State>,
    asking: tokio::sync::Mutex<()>,
}

/// What it said, and when it was asked.
#[derive(Debug, Default)]
struct State {
    good: Option<(Instant, Arc<Discovered>)>,
    tried: Option<(Instant, Option<OidcError>)>,
}

/// What it says of itself.
#[derive(Debug)]
pub(super) struct Discovered {
    pub(super) metadata: Metadata,
    pub(super) keys: JwkSet,
}

impl Discovery {
    /// Of the provider that calls itself so; asks nothing yet.
    pub(super) fn of(issuer: String, http: reqwest::Client) -> Self {
        Self { issuer, http, state: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// What it says of itself; asked anew after an hour, or where its keys seem to have changed.
    pub(super) async fn known(&self, anew: bool) -> Result<Arc<Discovered>, OidcError> {
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
        let fetched = self.ask().await;
        let mut state = self.state();
        state.tried = Some((Instant::now(), fetched.as_ref().err().cloned()));
        match fetched {
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
    fn believed(&self) -> Option<Arc<Discovered>> {
        self.state()
            .good
            .as_ref()
            .filter(|(at, _)| at.elapsed() < BELIEVED)
            .map(|(_, known)| known.clone())
    }

    async fn ask(&self) -> Result<Arc<Discovered>, OidcError> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let url = Url::parse(&url)
            .map_err(|error| OidcError::Misconfigured(format!("oidc.issuer: {error}")))?;
        let metadata = Metadata::read(&self.read(&url).await?, &self.issuer)?;
        let keys = keys_of(&self.read(&metadata.keys).await?);
        if keys.keys.is_empty() {
            let what = format!(
                "at {} there is no key that it could sign ID tokens with: let it sign by a key \
                    pair, such as RS256 or ES256",
                metadata.keys
            );
            return Err(OidcError::Misconfigured(what));
        }
        Ok(Arc::new(Discovered { metadata, keys }))
    }

    /// What is at an address of the provider's.
    async fn read(&self, url: &Url) -> Result<Vec<u8>, OidcError> {
        let answer = self
            .http
            .get(url.clone())
            .send()
            .await
            .map_err(|error| OidcError::Away(with_causes(&error)))?;
        let status = answer.status();
        if status.is_redirection() {
            let to = answer
                .headers()
                .get(http::header::LOCATION)
                .and_then(|to| to.to_str().ok())
                .unwrap_or("another address");
            let what = format!(
                "{url} leads on to {}: write oidc.issuer as the provider calls itself there",
                printable(to)
            );
            return Err(OidcError::Misconfigured(what));
        }
        if status.is_client_error() && status != http::StatusCode::TOO_MANY_REQUESTS {
            return Err(OidcError::Misconfigured(format!(
                "at {url} there is nothing ({status}): is oidc.issuer right?"
            )));
        }
        if !status.is_success() {
            return Err(OidcError::Away(format!("{url} answers {status}")));
        }
        body(answer).await
    }
}

/// The body of an answer, if it is not too large.
pub(super) async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, OidcError> {
    let mut body = Vec::new();
    while let Some(more) =
        answer.chunk().await.map_err(|error| OidcError::Away(with_causes(&error)))?
    {
        body.extend(more);
        if body.len() > ANSWER {
            return Err(OidcError::Away(format!("{} answers without end", answer.url().path())));
        }
    }
    Ok(body)
}

/// The keys that are understood and sign: one of another kind among them does no harm, nor does
/// what is said of a key beside it.
fn keys_of(bytes: &[u8]) -> JwkSet {
    let whole: Value = nearly_json::read(bytes).unwrap_or_default();
    let listed = whole.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    JwkSet { keys: listed.iter().filter_map(key_of).collect() }
}

/// The algorithms that sign (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2) by a key pair.
const SIGNING: [&str; 11] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
];

fn key_of(given: &Value) -> Option<Jwk> {
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let says = |name: &str, wanted: fn(&str) -> bool| {
        given.get(name).is_none_or(|value| {
            value.is_null() || texts(Some(value)).iter().any(|value| wanted(value))
        })
    };
    let signs = says("use", |purpose| purpose == "sig")
        && says("key_ops", |operation| operation == "verify")
        && says("alg", |name| SIGNING.contains(&name));
    if !signs || !matches!(text("kty"), Some("RSA" | "EC" | "OKP")) {
        return None;
    }
    let size = match text("crv") {
        Some("P-256") => 32,
        Some("P-384") => 48,
        Some("P-521") => 66,
        _ => 0,
    };
    let needed = ["kty", "n", "e", "crv", "x", "y"].into_iter().filter_map(|name| {
        let written = given.get(name)?;
        let number = match name {
            "n" | "e" => written.as_str().and_then(|text| number(text, 0)),
            "x" | "y" if size > 0 => written.as_str().and_then(|text| number(text, size)),
            _ => None,
        };
        Some((name.to_owned(), number.map_or_else(|| written.clone(), Value::from)))
    });
    let mut key: Map<String, Value> = needed.collect();
    match given.get("kid") {
        Some(Value::String(name)) => _ = key.insert("kid".to_owned(), Value::from(name.as_str())),
        Some(Value::Number(name)) => {
            _ = key.insert("kid".to_owned(), Value::from(name.to_string()));
        }
        _ => {}
    }
    let key: Jwk = serde_json::from_value(Value::Object(key)).ok()?;
    DecodingKey::from_jwk(&key).is_ok().then_some(key)
}

/// A number of a key as the standard writes it (RFC 7518 §2, §6.2.1.2): by base64url, without what
/// fills up its end, and of just so many bytes; 0: of no more than it needs. Some write it by
/// base64, or as their language holds it, with a zero byte before it. None: it is no number.
fn number(written: &str, size: usize) -> Option<String> {
    let url_safe: String = written
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    let bytes = URL_SAFE_NO_PAD.decode(url_safe.trim_end_matches('=')).ok()?;
    let digits = bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
    let missing = size.saturating_sub(digits.len());
    Some(URL_SAFE_NO_PAD.encode([vec![0; missing], digits].concat()))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_sign_are_found_among_others_and_by_any_name() {
        let rsa = |more: Value| {
            let mut key = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
            key.as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("an object").clone());
            key
        };
        let set = json!({"keys": [
            rsa(json!({
                "kid": "one", "use": "sig", "alg": "RS256", "x5c": "one text", "x5t": 7,
                "key_ops": "verify",
            })),
            rsa(json!({"kid": 2})),
            rsa(json!({"use": "enc"})),
            rsa(json!({"use": ["enc"]})),
            rsa(json!({"key_ops": ["encrypt"]})),
            rsa(json!({"alg": "RSA-OAEP"})),
            rsa(json!({"kty": "oct", "k": "AQAB"})),
            rsa(json!({"kty": "AKP"})),
            {"kty": "EC", "crv": "P-256K", "x": "AQAB", "y": "AQAB"},
            7,
        ]});
        let names: Vec<_> = keys_of(&serde_json::to_vec(&set).expect("JSON"))
            .keys
            .into_iter()
            .map(|key| key.common.key_id)
            .collect();
        assert_eq!(names, [Some("one".to_owned()), Some("2".to_owned())]);
    }

    #[test]
    fn a_keys_numbers_are_read_in_each_way_of_writing() {
        for (written, size, plain) in [
            ("AQAB", 0, Some("AQAB")),
            ("AAEAAQ", 0, Some("AQAB")),
            ("AAAAAQAB", 0, Some("AQAB")),
            ("AQAB\n", 0, Some("AQAB")),
            ("-_8", 0, Some("-_8")),
            ("-_8=", 0, Some("-_8")),
            ("+/8=", 0, Some("-_8")),
            ("AQAB", 4, Some("AAEAAQ")),
            ("AAEAAQ", 3, Some("AQAB")),
            ("", 0, Some("")),
            ("A", 0, None),
            ("A:QAB", 0, None),
        ] {
            assert_eq!(number(written, size).as_deref(), plain, "{written}");
        }
        let set = |key: Value| serde_json::to_vec(&json!({ "keys": [key] })).expect("JSON");
        let good = json!({"kty": "RSA", "n": "+/8=", "e": "AAEAAQ"});
        assert_eq!(keys_of(&set(good)).keys.len(), 1);
        // What verifies nothing is not counted.
        let bad = json!({"kty": "RSA", "n": "A:QAB", "e": "AQAB"});
        assert!(keys_of(&set(bad)).keys.is_empty());
    }

    #[test]
    fn where_there_are_none_there_are_none() {
        for text in ["{}", "{\"keys\":[]}", "{\"keys\":{}}", "[]", "<html>", ""] {
            assert!(keys_of(text.as_bytes()).keys.is_empty(), "{text}");
        }
    }
}
