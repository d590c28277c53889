//! GitHub's public keys, fetched where they are needed, and whether one of them signed a report:
//! ECDSA on P-256 with SHA-256 over the body as it came. Tests: here, `known_keys.rs`, and
//! `server/tests/server/leaks/github.rs`.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::ACCEPT;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use url::Url;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::known_keys::{Keys, KnownKeys, Step};
use crate::config::ConfigError;

/// How long GitHub may take to answer: it waits itself for what it has sent.
const KEYS_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of its answer: a key takes some three hundred.
const MAX_ANSWER: usize = 64 * 1024;

/// Its interface refuses whoever does not say so.
const AGENT: &str = concat!("latchkey/", env!("CARGO_PKG_VERSION"));

/// The keys by which GitHub signs its reports, and where they are asked for.
pub(crate) struct GitHubKeys {
    address: Url,
    http: reqwest::Client,
    known: Mutex<KnownKeys>,
    asking: tokio::sync::Mutex<()>,
}

impl fmt::Debug for GitHubKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHubKeys")
            .field("address", &self.address.as_str())
            .finish_non_exhaustive()
    }
}

/// GitHub's keys cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeysAway;

impl GitHubKeys {
    /// At this address; asks nothing yet.
    pub(crate) fn at(address: Url) -> Result<Self, ConfigError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(KEYS_TIMEOUT)
            .user_agent(AGENT)
            .use_rustls_tls()
            .build()
            .map_err(|error| ConfigError::senseless("leaks.github_keys", format!("{error}.")))?;
        Ok(Self { address, http, known: Mutex::default(), asking: tokio::sync::Mutex::default() })
    }

    /// The key of this name; none: GitHub has no such key.
    ///
    /// # Errors
    /// GitHub does not say which keys it has.
    pub(crate) async fn key(&self, name: &str) -> Result<Option<Vec<u8>>, KeysAway> {
        let step = self.known().step(name, Instant::now());
        if step != Step::Ask {
            return key_of(step);
        }
        // One question at a time: whoever waits takes the answer, too.
        let _asking = self.asking.lock().await;
        let step = self.known().step(name, Instant::now());
        if step != Step::Ask {
            return key_of(step);
        }
        self.known().begin(Instant::now());
        match self.ask().await {
            Ok(keys) => {
                let key = keys.get(name).cloned();
                self.known().put(keys, Instant::now());
                Ok(key)
            }
            Err(why) => {
                tracing::warn!(
                    address = self.address.as_str(),
                    why,
                    "GitHub's public keys could not be fetched (leaks.github_keys)",
                );
                key_of(self.known().at_worst(name, Instant::now()))
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, KnownKeys> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self) -> Result<Keys, String> {
        let request = self.http.get(self.address.clone()).header(ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(|error| error.to_string())?;
        if !answer.status().is_success() {
            return Err(format!("it answers {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| error.to_string())? {
            if body.len() + piece.len() > MAX_ANSWER {
                return Err("its answer is too long".to_owned());
            }
            body.extend_from_slice(&piece);
        }
        read(&body).ok_or_else(|| "there is no key in its answer".to_owned())
    }
}

fn key_of(step: Step) -> Result<Option<Vec<u8>>, KeysAway> {
    match step {
        Step::Known(key) => Ok(Some(key)),
        Step::Unknown => Ok(None),
        Step::Ask | Step::Wait => Err(KeysAway),
    }
}

/// Whether whoever has this key has signed just this body.
pub(crate) fn is_signed(key: &[u8], body: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(body, signature).is_ok()
}

/// What GitHub publishes.
#[derive(Deserialize)]
struct KeyList {
    public_keys: Vec<ListedKey>,
}

#[derive(Deserialize)]
struct ListedKey {
    key_identifier: String,
    key: String,
}

/// The keys that can be used; none: there are none.
fn read(body: &[u8]) -> Option<Keys> {
    let list: KeyList = serde_json::from_slice(body).ok()?;
    let keys: Keys = list
        .public_keys
        .into_iter()
        .filter_map(|listed| Some((listed.key_identifier, point(&listed.key)?)))
        .collect();
    (!keys.is_empty()).then_some(keys)
}

/// The point of a public key in PEM; none where it is of another kind.
fn point(pem: &str) -> Option<Vec<u8>> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (rest, key) = SubjectPublicKeyInfo::from_der(&der).ok()?;
    let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
    let is_p256 = rest.is_empty()
        && key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY
        && curve == OID_EC_P256;
    is_p256.then(|| key.subject_public_key.data.to_vec())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// The examples of GitHub's documentation of its partner programme, the one of today and the
    /// one before: the key's name, the key, the body, the signature.
    const EXAMPLES: [(&str, &str, &str, &str); 2] = [
        (
            "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c",
            "-----BEGIN PUBLIC KEY-----\n\
             MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\n\
             AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n\
             -----END PUBLIC KEY-----\n",
            "[{\"source\":\"commit\",\"token\":\"some_token\",\"type\":\"some_type\",\
             \"url\":\"https://example.com/base-repo-url/\"}]",
            "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji4\
             10VQV4xg==",
        ),
        (
            "f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d",
            "-----BEGIN PUBLIC KEY-----\n\
             MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n\
             HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==\n\
             -----END PUBLIC KEY-----\n",
            "[{\"token\":\"some_token\",\"type\":\"some_type\",\"url\":\"some_url\",\
             \"source\":\"some_source\"}]",
            "MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T\
             9GGJo6WJY=",
        ),
    ];

    fn published(keys: &[(&str, &str)]) -> Vec<u8> {
        let keys: Vec<_> = keys
            .iter()
            .map(|(name, key)| serde_json::json!({ "key_identifier": name, "key": key }))
            .collect();
        serde_json::json!({ "public_keys": keys }).to_string().into_bytes()
    }

    #[test]
    fn githubs_own_examples_are_signed_and_with_any_byte_changed_they_are_not() {
        let keys = read(&published(&EXAMPLES.map(|(name, key, ..)| (name, key)))).expect("keys");
        for (name, _, body, signature) in EXAMPLES {
            let signature = STANDARD.decode(signature).expect("base64");
            let key = &keys[name];
            assert!(is_signed(key, body.as_bytes(), &signature), "{name}");
            let changed = |bytes: &[u8], at: usize| {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= 1;
                bytes
            };
            for at in 0..body.len() {
                let other = changed(body.as_bytes(), at);
                assert!(!is_signed(key, &other, &signature), "{name}: byte {at} of the body");
            }
            for at in 0..signature.len() {
                let other = changed(&signature, at);
                assert!(!is_signed(key, body.as_bytes(), &other), "{name}: byte {at} of it");
            }
            for at in 0..key.len() {
                let other = changed(key, at);
                assert!(!is_signed(&other, body.as_bytes(), &signature), "{name}: key {at}");
            }
            let longer = format!("{body} ");
            assert!(!is_signed(key, longer.as_bytes(), &signature), "{name}: one more");
            assert!(!is_signed(key, body.as_bytes(), b""), "{name}: none");
        }
        let [first, second] = EXAMPLES.map(|(name, ..)| &keys[name]);
        let signature = STANDARD.decode(EXAMPLES[0].3).expect("base64");
        assert!(!is_signed(second, EXAMPLES[0].2.as_bytes(), &signature), "another key");
        assert_ne!(first, second);
    }

    #[test]
    fn a_key_of_another_kind_is_none_and_does_no_harm() {
        // As `openssl genpkey -algorithm ed25519` and `openssl ecparam -name secp384r1` write them.
        let ed25519 = "-----BEGIN PUBLIC KEY-----\n\
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
            -----END PUBLIC KEY-----\n";
        let (name, key, ..) = EXAMPLES[0];
        let list = published(&[("ed25519", ed25519), ("none", "some text"), (name, key)]);
        let keys = read(&list).expect("one");
        assert_eq!(keys.keys().collect::<Vec<_>>(), [name]);
        for body in ["", "{}", "[]", "{\"public_keys\":[]}", "<html>"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        assert_eq!(read(&published(&[("ed25519", ed25519)])), None);
    }
}
