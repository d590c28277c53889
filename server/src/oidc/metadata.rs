//! What a provider says of itself (OpenID Connect Discovery 1.0 §3), taken leniently where nothing
//! is decided by it: a list may be one text, a truth a text, and a door that Latchkey does not need
//! may be empty or missing.

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use url::Url;

use super::OidcError;
use super::claims::{shown, texts, yes};
use crate::nearly_json;

/// By key pairs: with a secret that both sides know, whoever has Latchkey's could make anybody's ID
/// token.
const ASYMMETRIC: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// Where a provider's doors are, and how it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    /// Where browsers are sent.
    pub(super) authorization: Url,
    /// Where a code is given for tokens.
    pub(super) token: Url,
    /// Where its keys are.
    pub(super) keys: Url,
    /// Where it says more of people; none: nowhere.
    pub(super) user_info: Option<Url>,
    /// Where people log out; none: nowhere.
    pub(super) end_session: Option<Url>,
    /// It takes the client's secret in the form only.
    pub(super) secret_in_form: bool,
    /// It says with each answer who answers (RFC 9207 §3): one that does not say so cannot be its
    /// own.
    pub(super) says_its_issuer: bool,
    /// How it signs.
    pub(super) algorithms: Vec<Algorithm>,
}

impl Metadata {
    /// Reads what the provider called `issuer` publishes.
    pub(super) fn read(bytes: &[u8], issuer: &str) -> Result<Self, OidcError> {
        let wrong = |what: String| OidcError::Misconfigured(what);
        let Ok(Value::Object(whole)) = nearly_json::read(bytes) else {
            return Err(wrong(
                "what it publishes of itself is no JSON object: is oidc.issuer right?".to_owned(),
            ));
        };
        let calls_itself = whole.get("issuer").unwrap_or(&Value::Null);
        if calls_itself.as_str() != Some(issuer) {
            let template = calls_itself.as_str().is_some_and(|text| text.contains("{tenantid}"));
            let also = if template {
                " (with Entra ID: the tenant’s own, with its id in place of common or \
                    organizations)"
            } else {
                ""
            };
            return Err(wrong(format!(
                "it calls itself {}: write oidc.issuer just so{also}",
                shown(calls_itself)
            )));
        }
        let needed = |name: &str| {
            let there = whole.get(name).unwrap_or(&Value::Null);
            door(there).ok_or_else(|| {
                wrong(format!("its {name} is {}, which is no address", shown(there)))
            })
        };
        let methods = list(&whole, "token_endpoint_auth_methods_supported");
        let takes = |method: &str| methods.iter().any(|one| one == method);
        Ok(Self {
            authorization: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: needed("jwks_uri")?,
            user_info: spare(&whole, "userinfo_endpoint"),
            end_session: spare(&whole, "end_session_endpoint"),
            secret_in_form: takes("client_secret_post") && !takes("client_secret_basic"),
            says_its_issuer: whole
                .get("authorization_response_iss_parameter_supported")
                .is_some_and(yes),
            algorithms: algorithms(&whole)?,
        })
    }
}

fn list(whole: &Map<String, Value>, name: &str) -> Vec<String> {
    let given = texts(whole.get(name));
    // One text with several words in it, as `scope` has them.
    given
        .iter()
        .flat_map(|text| text.split([' ', ',']))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn door(value: &Value) -> Option<Url> {
    let url = Url::parse(value.as_str()?.trim()).ok()?;
    matches!(url.scheme(), "https" | "http").then_some(url)
}

/// A door that may be missing, or empty.
fn spare(whole: &Map<String, Value>, name: &str) -> Option<Url> {
    let given = whole.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))?;
    let found = door(given);
    if found.is_none() {
        tracing::warn!(
            value = %shown(given), "the OpenID provider’s {name} is no address, and is left out",
        );
    }
    found
}

/// How it signs, as far as that is believed. One that does not say is believed by any key of its
/// own.
fn algorithms(whole: &Map<String, Value>) -> Result<Vec<Algorithm>, OidcError> {
    let named = list(whole, "id_token_signing_alg_values_supported");
    let known = |name: &str| {
        ASYMMETRIC.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    };
    let understood: Vec<Algorithm> = named.iter().filter_map(|name| known(name)).collect();
    match (named.is_empty(), understood.is_empty()) {
        (true, _) => Ok(ASYMMETRIC.iter().map(|(_, algorithm)| *algorithm).collect()),
        (false, false) => Ok(understood),
        (false, true) => Err(OidcError::Misconfigured(format!(
            "it signs ID tokens by {} only, and none of these is believed: let it sign by a key \
                pair, such as RS256 or ES256",
            shown(&Value::from(named))
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://login.example.edu";

    fn whole() -> Map<String, Value> {
        let Value::Object(whole) = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.edu/authorize",
            "token_endpoint": "https://login.example.edu/token",
            "userinfo_endpoint": "https://login.example.edu/me",
            "jwks_uri": "https://login.example.edu/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }) else {
            unreachable!()
        };
        whole
    }

    fn with(name: &str, value: Value) -> Result<Metadata, OidcError> {
        let mut whole = whole();
        whole.insert(name.to_owned(), value);
        Metadata::read(&serde_json::to_vec(&whole).expect("JSON"), ISSUER)
    }

    #[test]
    fn what_is_not_needed_may_be_anything() {
        let right = with("x", Value::Null).expect("read");
        for (name, value) in [
            ("service_documentation", json!("")),
            ("registration_endpoint", json!("")),
            ("end_session_endpoint", json!("")),
            ("end_session_endpoint", json!(null)),
            ("op_policy_uri", json!("no address")),
            ("op_tos_uri", json!(7)),
            ("claims_parameter_supported", json!("true")),
            ("request_parameter_supported", json!("true")),
            ("scopes_supported", json!("openid")),
            ("claims_supported", json!("sub name")),
            ("response_types_supported", json!("code")),
            ("subject_types_supported", json!("public")),
            ("token_endpoint_auth_methods_supported", json!("client_secret_basic")),
            ("id_token_signing_alg_values_supported", json!("RS256")),
            ("id_token_signing_alg_values_supported", json!(["none", "HS256", "RS256", "RSA9000"])),
            ("authorization_response_iss_parameter_supported", json!("false")),
            ("display_values_supported", json!({"odd": true})),
            ("http_logout_supported", json!(true)),
        ] {
            assert_eq!(with(name, value.clone()).as_ref(), Ok(&right), "{name} {value}");
        }
        for value in [json!(""), json!(null), json!("no address"), json!("javascript:alert(1)")] {
            assert_eq!(
                with("userinfo_endpoint", value.clone()).expect("read").user_info,
                None,
                "{value}"
            );
        }
    }

    #[test]
    fn what_decides_something_is_understood_in_each_form() {
        for value in [
            json!(["client_secret_post"]),
            json!("client_secret_post"),
            json!("client_secret_post none"),
        ] {
            assert!(
                with("token_endpoint_auth_methods_supported", value).expect("read").secret_in_form
            );
        }
        for value in [json!(["client_secret_post", "client_secret_basic"]), json!([]), json!(null)]
        {
            assert!(
                !with("token_endpoint_auth_methods_supported", value).expect("read").secret_in_form
            );
        }
        for (value, says) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("no"), false),
        ] {
            assert_eq!(
                with("authorization_response_iss_parameter_supported", value)
                    .expect("read")
                    .says_its_issuer,
                says
            );
        }
        assert_eq!(
            with("id_token_signing_alg_values_supported", json!([]))
                .expect("read")
                .algorithms
                .len(),
            ASYMMETRIC.len()
        );
    }

    #[test]
    fn what_is_needed_and_wrong_is_named() {
        for (name, value, words) in [
            (
                "issuer",
                json!("https://login.example.edu/"),
                "it calls itself \"https://login.example.edu/\": write oidc.issuer just so",
            ),
            ("issuer", json!("https://login.microsoftonline.com/{tenantid}/v2.0"), "Entra ID"),
            ("issuer", json!(7), "it calls itself 7"),
            ("authorization_endpoint", json!(""), "its authorization_endpoint is \"\""),
            ("token_endpoint", json!(null), "its token_endpoint is null"),
            ("jwks_uri", json!(["x"]), "its jwks_uri is [\"x\"]"),
            ("id_token_signing_alg_values_supported", json!(["HS256", "none"]), "RS256"),
        ] {
            let Err(OidcError::Misconfigured(what)) = with(name, value.clone()) else {
                panic!("{name} {value}")
            };
            assert!(what.contains(words), "{what}");
        }
        assert!(matches!(Metadata::read(b"<html>", ISSUER), Err(OidcError::Misconfigured(_))));
    }
}
