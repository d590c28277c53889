//! Tokens that a provider has signed: ID tokens, log-out tokens, signed user info. What is decided
//! by them is looked at here, and strictly: by whose key, from whom, to whom, until when. Tests:
//! `server/tests/server/people/sign_on`.
//!
//! Of the two libraries that read such tokens it is `jsonwebtoken` alone that looks at signatures:
//! SurrealDB has it compiled already. What `openidconnect` has of the kind is not called; of it are
//! the address that a log-in begins with and what proves that its end is ours (PKCE).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::verify;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::OidcError;
use super::auth_time::NO_LONGER_SECONDS;
use super::claims::{Claims, shown, whole};
use super::discovery::Discovered;
use super::provider::now_ms;
use crate::nearly_json;

/// How far the two clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// The most keys that are tried, of those that a token's name fits.
const KEYS: usize = 16;

/// The token's claims, if a key of the provider's has signed it; none: no key that is known has.
pub(super) fn by_its_key(known: &Discovered, token: &str) -> Result<Option<Claims>, OidcError> {
    if token.split('.').count() == 5 {
        return Err(OidcError::Misconfigured(
            "it is encrypted: let the provider sign and not encrypt it".to_owned(),
        ));
    }
    let header = header(token)?;
    let algorithm = algorithm(known, &header)?;
    let name = header.exact("kid");
    let Some((message, signature)) = token.rsplit_once('.') else { return Ok(None) };
    let named = known.keys.keys.iter().filter(|key| match (&name, &key.common.key_id) {
        (Some(wanted), Some(name)) => wanted == name,
        _ => true,
    });
    for key in named.take(KEYS) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        if key.family() != algorithm.family() {
            continue;
        }
        if verify(signature, message.as_bytes(), &key, algorithm).unwrap_or(false) {
            return payload(message).map(Some);
        }
    }
    Ok(None)
}

/// What a token says of how it is signed. Nothing of it is believed before the signature is good,
/// and of whatever else stands there nothing is needed, in whatever way it is written.
fn header(token: &str) -> Result<Claims, OidcError> {
    let unreadable =
        || OidcError::Refused("it is no signed token: its header cannot be read".to_owned());
    let (header, _) = token.split_once('.').ok_or_else(unreadable)?;
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| unreadable())?;
    nearly_json::read(&bytes).map(Claims).map_err(|_| unreadable())
}

/// How it is signed, if that is by a key pair and as the provider says that it does.
fn algorithm(known: &Discovered, header: &Claims) -> Result<Algorithm, OidcError> {
    let written = header.get("alg").unwrap_or(&Value::Null);
    let Some(algorithm) = written.as_str().and_then(|name| name.parse::<Algorithm>().ok()) else {
        return Err(OidcError::Refused(format!(
            "alg in its header is {}: it must be signed by a key pair, such as RS256",
            shown(written)
        )));
    };
    if matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        // By a key of its own, never by one that both know.
        let what = format!(
            "it is signed with a shared key ({algorithm:?}): let the provider sign by a key pair, \
                such as RS256"
        );
        return Err(OidcError::Misconfigured(what));
    }
    // What must be understood, whatever it is (RFC 7515 §4.1.11), is not.
    if let Some(critical) = header.get("crit") {
        return Err(OidcError::Refused(format!(
            "crit in its header is {}: let the provider leave it out",
            shown(critical)
        )));
    }
    if !known.metadata.algorithms.contains(&algorithm) {
        return Err(OidcError::Refused(format!(
            "it is signed in a way that the provider does not name ({algorithm:?})"
        )));
    }
    Ok(algorithm)
}

/// The claims of what was signed. Whatever they are, they are looked at by us alone, in words of
/// our own: a library that reads those it knows for itself refuses the whole for one that is
/// written oddly, and does not say which.
fn payload(message: &str) -> Result<Claims, OidcError> {
    let unreadable = || OidcError::Refused("its claims cannot be read".to_owned());
    let (_, payload) = message.split_once('.').ok_or_else(unreadable)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| unreadable())?;
    nearly_json::read(&bytes).map(Claims).map_err(|_| unreadable())
}

/// Whether it comes from `issuer`, is meant for `client` and is not over.
pub(crate) fn is_meant(
    claims: &Claims,
    issuer: &str,
    client: &str,
    must_end: bool,
) -> Result<(), OidcError> {
    let there = |name: &str| claims.get(name).unwrap_or(&Value::Null);
    let wrong = |name: &str, why: &str| {
        Err(OidcError::Refused(format!("its claim {name} is {}: {why}", shown(there(name)))))
    };
    if there("iss").as_str() != Some(issuer) {
        return wrong("iss", "another issuer than oidc.issuer");
    }
    let (ours, others) = match there("aud") {
        Value::String(one) => (one == client, false),
        Value::Array(all) => (
            all.iter().any(|one| one.as_str() == Some(client)),
            all.iter().any(|one| one.as_str() != Some(client)),
        ),
        _ => (false, false),
    };
    if !ours {
        return wrong("aud", "it is for another client than oidc.client_id");
    }
    // Of several, the one whom it was given to is named (OpenID Connect Core §2).
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(client) => {
            return wrong("azp", "it was given to another client than oidc.client_id");
        }
        None if others => {
            return wrong(
                "aud",
                "it is for others too, and no azp says that it was given to this client",
            );
        }
        _ => {}
    }
    let now = now_ms() / 1000;
    if claims.seconds("nbf").is_some_and(|begin| begin.saturating_sub(LEEWAY) > now) {
        return wrong("nbf", "it is not good yet (do both clocks agree?)");
    }
    match there("exp") {
        Value::Number(number) => match whole(number) {
            Some(end) if end >= NO_LONGER_SECONDS => {
                wrong("exp", "it must be a number of seconds, and no milliseconds")
            }
            Some(end) if end.saturating_add(LEEWAY) >= now => Ok(()),
            _ => wrong("exp", "it is over (do both clocks agree?)"),
        },
        Value::Null if !must_end => Ok(()),
        _ => wrong("exp", "it must be a number of seconds"),
    }
}
