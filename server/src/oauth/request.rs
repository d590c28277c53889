//! Reads what a client asks, and who it is: each field once, the client proved before the token is
//! looked at. Tests: below, and `server/tests/server/oauth/`.
//!
//! Ours, and not axum's `Form`: a field without a value has to count as left out before repeated
//! ones are an error, refusals are OAuth's own, and `Form` takes no media type in capitals.

use std::borrow::Cow;
use std::net::IpAddr;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use desk::{Client, LogLimiter, Origin, Refusal, Secret};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use url::form_urlencoded;

use super::response;
use crate::web::{
    AppState, Authorization, Caller, is_form, is_sent_by_another_site, parse_address,
};

/// The largest form: a token, a name and a secret are a few hundred bytes.
const MAX_FORM_BYTES: usize = 8 * 1024;

/// The longest that is taken for a token, in characters: any kind that there is is shorter.
const MAX_TOKEN: usize = 4096;

/// Anybody may make some up.
static WRONG: LogLimiter = LogLimiter::new(5);

/// The form of both doors.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the description of a form that is read field by field, so that repeated ones are seen"
)]
pub(crate) struct TokenForm {
    /// The token.
    #[schema(min_length = 1, max_length = 4096)]
    token: String,
    /// What it is; there is one kind, so that it changes nothing.
    #[schema(value_type = String, required = false)]
    token_type_hint: Option<String>,
    /// The address that presented it to the client. A token bound to networks is active only with
    /// an address within them; what is no address counts as left out.
    #[schema(value_type = String, required = false)]
    client_ip: Option<String>,
}

/// A registered client's question about a token.
pub(super) struct TokenRequest {
    pub(super) client: Client,
    pub(super) token: Secret,
    pub(super) address: Option<IpAddr>,
    pub(super) origin: Origin,
}

/// What was sent, once each; a field that comes twice is an error (RFC 6749 §3.1).
#[derive(Default)]
struct Fields {
    token: Option<Secret>,
    client_ip: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    hint: Option<String>,
}

/// Reads the form and proves the client, or answers why not.
pub(super) async fn read(
    state: &AppState,
    caller: Caller,
    request: Request,
) -> Result<TokenRequest, Response> {
    let (parts, body) = request.into_parts();
    if is_sent_by_another_site(&parts.headers) {
        return Err(response::invalid_request("Ask from a program, and not from a web page."));
    }
    if !is_form(&parts.headers) {
        return Err(response::invalid_request(
            "Send the fields as application/x-www-form-urlencoded.",
        ));
    }
    let Ok(body) = to_bytes(body, MAX_FORM_BYTES).await else {
        return Err(response::invalid_request("Send at most 8 KiB."));
    };
    let fields = parse(&body).ok_or_else(|| response::invalid_request("Send each field once."))?;
    let (name, secret) = credential(&parts.headers, &fields)?;
    let client = prove(state, caller, &name, &secret).await?;
    let token =
        fields.token.ok_or_else(|| response::invalid_request("The field token is missing."))?;
    if token.expose().chars().count() > MAX_TOKEN {
        return Err(response::invalid_request("The field token is longer than any token."));
    }
    // What cannot be read is no address, as everywhere: what is bound to networks is not active
    // then.
    let address = fields.client_ip.as_deref().and_then(|text| parse_address(text.trim()));
    Ok(TokenRequest { client, token, address, origin: caller.origin(&parts.headers) })
}

fn parse(body: &Bytes) -> Option<Fields> {
    let mut fields = Fields::default();
    // A field without a value counts as left out (RFC 6749 §3.1).
    for (name, value) in form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()) {
        let again = match name.as_ref() {
            "token" => fields.token.replace(Secret::new(value.into_owned())).is_some(),
            "client_secret" => {
                fields.client_secret.replace(Secret::new(value.into_owned())).is_some()
            }
            "client_id" => fields.client_id.replace(value.into_owned()).is_some(),
            "client_ip" => fields.client_ip.replace(value.into_owned()).is_some(),
            "token_type_hint" => fields.hint.replace(value.into_owned()).is_some(),
            // Unknown ones are ignored (RFC 6749 §3.1).
            _ => false,
        };
        if again {
            return None;
        }
    }
    Some(fields)
}

/// Name and secret, by Basic (each form-encoded first, RFC 6749 §2.3.1) or in the form; both at
/// once is an error.
#[expect(
    clippy::result_large_err,
    reason = "the answer itself, made where it is known what is wrong"
)]
fn credential(headers: &HeaderMap, fields: &Fields) -> Result<(String, Secret), Response> {
    match headers.get_all(AUTHORIZATION).iter().count() {
        0 => match (&fields.client_id, &fields.client_secret) {
            (Some(name), Some(secret)) => Ok((name.clone(), secret.clone())),
            _ => Err(response::invalid_client()),
        },
        1 if fields.client_secret.is_some() => Err(response::invalid_request(
            "Give the client's secret once: by Basic or in the form.",
        )),
        1 => {
            let given = Authorization::of(headers).and_then(|given| given.basic());
            let (name, secret) = given.ok_or_else(response::invalid_client)?;
            Ok((decoded(&name), Secret::new(decoded(secret.expose()))))
        }
        _ => Err(response::invalid_request("Send one Authorization header.")),
    }
}

fn decoded(text: &str) -> String {
    let pair = format!("x={}", text.replace('&', "%26").replace('=', "%3D"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value): (Cow<'_, str>, _)| value.into_owned())
}

async fn prove(
    state: &AppState,
    caller: Caller,
    name: &str,
    secret: &Secret,
) -> Result<Client, Response> {
    match state.desk.client_through(&state.unknown_clients.gate(caller.address), name, secret).await
    {
        Ok(Some(client)) => Ok(client),
        Ok(None) => {
            if let Some(left_out) = WRONG.may_speak() {
                let address = caller.address;
                tracing::warn!(%address, left_out, "a client's name or secret is wrong");
            }
            Err(response::invalid_client())
        }
        Err(Refusal::TooManyAttempts { seconds }) => Err(response::too_many(seconds)),
        Err(_) => Err(response::unavailable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_is_an_error_and_an_unknown_one_is_not() {
        assert!(parse(&Bytes::from_static(b"token=a&token=b")).is_none());
        assert!(parse(&Bytes::from_static(b"client_secret=a&client_secret=a")).is_none());
        let fields =
            parse(&Bytes::from_static(b"token=a%20b&token=&x=1&x=2&client_ip=")).expect("readable");
        assert!(fields.client_ip.is_none());
        assert_eq!(fields.token.map(|token| token.expose().to_owned()).as_deref(), Some("a b"));
    }

    #[test]
    fn what_basic_carries_is_form_encoded_first() {
        assert_eq!(decoded("a%2Bb+c"), "a+b c");
        assert_eq!(decoded("a&b=c"), "a&b=c");
        assert_eq!(decoded(""), "");
    }
}
