//! Tokens that a provider has signed: ID tokens, log-out tokens, signed user info. What is decided by them is looked at here, and
//! strictly: by whose key, from whom, to whom, until when. Tests: `server/tests/server/people/sign_on`.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use super::SignOnError;
use super::claims::{Claims, said, whole};
use super::provider::now_ms;
use super::published::Known;

/// How far the two clocks may differ, in seconds.
const LEEWAY: i64 = 60;

/// The most keys that are tried, of those that a token's name fits.
const KEYS: usize = 16;

/// The token's claims, if a key of the provider's has signed it; none: no key that is known has.
pub(super) fn by_its_key(known: &Known, token: &str) -> Result<Option<Claims>, SignOnError> {
    if token.split('.').count() == 5 {
        return Err(SignOnError::Misconfigured("it is encrypted: let the provider sign and not encrypt it".to_owned()));
    }
    let header = decode_header(token).map_err(|_| SignOnError::Refused("it is not signed, or cannot be read".to_owned()))?;
    if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        // By a key of its own, never by one that both know.
        let what = format!("it is signed with a shared key ({:?}): let the provider sign by a key pair, such as RS256", header.alg);
        return Err(SignOnError::Misconfigured(what));
    }
    if !known.metadata.algorithms.contains(&header.alg) || header.crit.is_some() {
        return Err(SignOnError::Refused(format!("it is signed in a way that the provider does not name ({:?})", header.alg)));
    }
    let mut validation = Validation::new(header.alg);
    // What it says is looked at below, in words of our own.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    let named = known.keys.keys.iter().filter(|key| match (&header.kid, &key.common.key_id) {
        (Some(wanted), Some(name)) => wanted == name,
        _ => true,
    });
    for key in named.take(KEYS) {
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        if key.family() != header.alg.family() {
            continue;
        }
        match decode(token, &key, &validation) {
            Ok(token) => return Ok(Some(Claims(token.claims))),
            Err(error) => match error.kind() {
                ErrorKind::Json(_) | ErrorKind::Base64(_) | ErrorKind::Utf8(_) => {
                    return Err(SignOnError::Refused("its claims cannot be read".to_owned()));
                }
                _ => {}
            },
        }
    }
    Ok(None)
}

/// Whether it comes from `issuer`, is meant for `client` and is not over.
pub(super) fn is_meant(claims: &Claims, issuer: &str, client: &str, must_end: bool) -> Result<(), SignOnError> {
    let there = |name: &str| claims.get(name).unwrap_or(&Value::Null);
    let wrong = |name: &str, why: &str| Err(SignOnError::Refused(format!("its claim {name} is {}: {why}", said(there(name)))));
    if there("iss").as_str() != Some(issuer) {
        return wrong("iss", "another issuer than oidc.issuer");
    }
    let (ours, others) = match there("aud") {
        Value::String(one) => (one == client, false),
        Value::Array(all) => (all.iter().any(|one| one.as_str() == Some(client)), all.iter().any(|one| one.as_str() != Some(client))),
        _ => (false, false),
    };
    if !ours {
        return wrong("aud", "it is for another client than oidc.client_id");
    }
    // Of several, the one whom it was given to is named (OpenID Connect Core §2).
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(client) => return wrong("azp", "it was given to another client than oidc.client_id"),
        None if others => return wrong("aud", "it is for others too, and no azp says that it was given to this client"),
        _ => {}
    }
    match there("exp") {
        Value::Number(number) => match whole(number) {
            Some(end) if end.saturating_add(LEEWAY) >= now_ms() / 1000 => Ok(()),
            _ => wrong("exp", "it is over (do both clocks agree?)"),
        },
        Value::Null if !must_end => Ok(()),
        _ => wrong("exp", "it must be a number of seconds"),
    }
}
