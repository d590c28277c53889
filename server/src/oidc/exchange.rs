//! A code is given for tokens (RFC 6749 §4.1.3). Of the answer only what is needed is looked at:
//! `expires_in`, `scope` and `token_type` are written in many ways and decide nothing here.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::claims::{Claims, printable};
use super::discovery::{Discovered, body, with_causes};
use super::provider::{OidcError, Provider, answered_no};
use crate::nearly_json;

/// What a code is given for.
pub(super) struct Tokens {
    /// Who it is, signed.
    pub(super) id_token: String,
    /// What opens the user info; none: nothing does.
    pub(super) access_token: Option<String>,
}

impl Provider {
    /// The tokens for this code.
    pub(super) async fn exchange(
        &self,
        known: &Discovered,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, OidcError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", verifier),
        ];
        let client = self.settings.client_id.as_str();
        let mut request = self
            .http
            .post(known.metadata.token.clone())
            .header(http::header::ACCEPT, "application/json");
        match &self.settings.client_secret {
            Some(secret) if known.metadata.secret_in_form => {
                form.extend([("client_id", client), ("client_secret", secret.expose())]);
            }
            // Escaped before they are joined (RFC 6749 §2.3.1).
            Some(secret) => {
                request = request.basic_auth(escaped(client), Some(escaped(secret.expose())));
            }
            None => form.push(("client_id", client)),
        }
        let answer = request
            .form(&form)
            .send()
            .await
            .map_err(|error| OidcError::Away(with_causes(&error)))?;
        let status = answer.status();
        let bytes = body(answer).await?;
        let message = nearly_json::read(&bytes).map(Claims);
        let error = message.as_ref().ok().and_then(|message| message.text("error"));
        if let Some(error) = error {
            let why = message
                .as_ref()
                .ok()
                .and_then(|message| message.text("error_description"))
                .unwrap_or_default();
            return Err(refused(&error, &why));
        }
        if status == http::StatusCode::UNAUTHORIZED {
            return Err(refused("invalid_client", ""));
        }
        if status.is_server_error() {
            return Err(OidcError::Away(format!("its token endpoint answers {status}")));
        }
        let message = message.map_err(|_| {
            OidcError::Refused(format!("the token endpoint’s answer cannot be read ({status})"))
        })?;
        let token = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing = || {
            OidcError::Refused(format!(
                "there is no ID token in its answer ({status}), only: {}",
                message.names()
            ))
        };
        Ok(Tokens {
            id_token: token("id_token").ok_or_else(missing)?,
            access_token: token("access_token"),
        })
    }
}

fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Why there are no tokens. A wrong secret is nobody's but ours.
fn refused(error: &str, description: &str) -> OidcError {
    if matches!(error, "invalid_client" | "unauthorized_client") {
        let message = format!("{} {}", printable(error), printable(description));
        return OidcError::Misconfigured(format!(
            "it refuses oidc.client_id or its secret, oidc.client_secret: {}",
            message.trim_end()
        ));
    }
    answered_no(error, description).of("the code")
}
