//! An OpenID provider of a test's own, on loopback: it publishes what the test says, signs with a
//! key of its own, and takes any code. The code is the nonce that it puts into the ID token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{StatusCode, Uri, header};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

/// Made for these tests, and good for nothing else.
const KEY: &str = include_str!("provider_key.txt");

/// Its public half.
const MODULUS: &str = "krpwsJjSAPkLp-UbZLmeNd_dCrlW3VTIzk_sY7M-AuX15ef6zP7fzW9b5Irw85hWnBow3KFQNjOETPEzSnYIfpr95wrf2jQemzhCwWw_m692m5ctTNpj8QGZxUmU9uZIHjdCdpC4SDgSAYqJyqFkr1O0-haf0Ahr1x83QrVnD7XxZlsqoQB9tGxkPO9WUDXuSUDLaEPo9q2LAaK-P5M4GmK32Uuq_nqqd5JQB6zR8hmFNr8DOvR7CI5K_07bTB7WuWUoFJ3Jf5sair4FToSZ1NdBeGGnbe9s2Hi2A2ix5qY-5eAV-pNLIqMTycbQ3rOZ-M_6a39-gVh1pw5e4eMygw";

/// What the provider says.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    /// Of itself.
    pub(crate) discovery: Value,
    /// Its keys.
    pub(crate) keys: Value,
    /// In the ID token, over what must be there; null takes out what is there.
    pub(crate) claims: Value,
    /// At the user info; none: it has no such door.
    pub(crate) user_info: Option<Value>,
    /// With the ID token, over the usual.
    pub(crate) token: Value,
    /// Instead of tokens.
    pub(crate) instead: Option<(StatusCode, Value)>,
    /// In the header of what it signs, over what must be there; null takes out what is there.
    pub(crate) header: Value,
    /// How it signs.
    pub(crate) algorithm: Algorithm,
    /// How it writes JSON.
    pub(crate) written: fn(String) -> String,
    /// What becomes of the ID token on its way.
    pub(crate) spoil: fn(String) -> String,
    /// What the token door was sent last.
    pub(crate) parameters: HashMap<String, String>,
    /// And its header Authorization.
    pub(crate) authorization: String,
}

/// A provider that listens.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) origin: String,
    says: Arc<Mutex<Says>>,
}

/// A discovery document as short as it may be; `ORIGIN` stands for where it listens.
fn usual() -> Value {
    json!({
        "issuer": "ORIGIN",
        "authorization_endpoint": "ORIGIN/authorize",
        "token_endpoint": "ORIGIN/token",
        "userinfo_endpoint": "ORIGIN/me",
        "end_session_endpoint": "ORIGIN/out",
        "jwks_uri": "ORIGIN/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::saying(usual()).await
    }

    /// With this discovery document.
    pub(crate) async fn saying(discovery: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let discovery =
            serde_json::from_str(&discovery.to_string().replace("ORIGIN", &origin)).unwrap();
        let key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one", "n": MODULUS, "e": "AQAB",
        });
        let says = Says {
            discovery,
            keys: json!({"keys": [key]}),
            claims: json!({"sub": "pia-7", "preferred_username": "pia"}),
            user_info: None,
            token: json!({}),
            instead: None,
            header: json!({}),
            algorithm: Algorithm::RS256,
            written: |json| json,
            spoil: |token| token,
            parameters: HashMap::new(),
            authorization: String::new(),
        };
        let says = Arc::new(Mutex::new(says));
        let router = Router::new().fallback(answer).with_state(says.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, says }
    }

    /// As it calls itself.
    pub(crate) fn issuer(&self) -> String {
        self.says.lock().unwrap().discovery["issuer"].as_str().unwrap().to_owned()
    }

    pub(crate) fn tell(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    /// A log-out token with these claims over what must be there; null takes out what is there.
    pub(crate) fn log_out_token(&self, claims: &Value) -> String {
        let says = self.state();
        let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        let usual = json!({
            "iss": &says.discovery["issuer"], "aud": "latchkey", "iat": now(), "exp": now() + 120,
            "jti": "one", "sub": "pia-7", "events": event,
        });
        says.signed(&with(usual, claims))
    }

    /// The same with a claim that is null.
    pub(crate) fn log_out_token_with_null(&self, name: &str) -> String {
        let says = self.state();
        let token = self.log_out_token(&json!({}));
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let mut claims: Value = serde_json::from_slice(&payload).unwrap();
        claims[name] = Value::Null;
        says.signed(&claims)
    }

    pub(crate) fn state(&self) -> Says {
        self.says.lock().unwrap().clone()
    }
}

fn with(mut base: Value, more: &Value) -> Value {
    let map: &mut Map<String, Value> = base.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    base
}

impl Says {
    fn id_token(&self, nonce: &str) -> String {
        let issuer = &self.discovery["issuer"];
        let claims = json!({
            "iss": issuer, "aud": "latchkey", "iat": now(), "exp": now() + 300, "auth_time": now(),
            "nonce": nonce,
        });
        (self.spoil)(self.signed(&with(claims, &self.claims)))
    }

    fn signed(&self, claims: &Value) -> String {
        let header = Header { kid: Some("one".to_owned()), ..Header::new(self.algorithm) };
        let key = match self.algorithm {
            Algorithm::HS256 => EncodingKey::from_secret(b"both know it"),
            _ => EncodingKey::from_rsa_der(
                &STANDARD.decode(KEY.split_whitespace().collect::<String>()).unwrap(),
            ),
        };
        let header = with(serde_json::to_value(&header).unwrap(), &self.header).to_string();
        let claims = (self.written)(claims.to_string());
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = sign(message.as_bytes(), &key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// The payload of a token with something else in it, and the signature of before.
pub(crate) fn altered(token: &str, more: &Value) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let payload: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(with(payload, more).to_string()), parts[2])
}

async fn answer(
    State(says): State<Arc<Mutex<Says>>>,
    uri: Uri,
    headers: http::HeaderMap,
    body: Bytes,
) -> Response {
    let mut says = says.lock().unwrap();
    let path = |name: &str| {
        says.discovery[name]
            .as_str()
            .and_then(|door| Url::parse(door).ok())
            .map(|door| door.path().to_owned())
    };
    let is = |name: &str| path(name).as_deref() == Some(uri.path());
    let written = says.written;
    let json = |status: StatusCode, value: &Value| {
        (status, [(header::CONTENT_TYPE, "application/json")], written(value.to_string()))
            .into_response()
    };
    let published = format!(
        "{}/.well-known/openid-configuration",
        path("issuer").unwrap_or_default().trim_end_matches('/')
    );
    if uri.path() == published {
        return json(StatusCode::OK, &says.discovery);
    }
    if is("jwks_uri") {
        return json(StatusCode::OK, &says.keys);
    }
    if is("userinfo_endpoint")
        && headers
            .get(header::AUTHORIZATION)
            .is_some_and(|value| value == "Bearer opens-the-user-info")
    {
        return match &says.user_info {
            Some(body_given) => json(StatusCode::OK, body_given),
            None => StatusCode::FORBIDDEN.into_response(),
        };
    }
    if is("token_endpoint") {
        says.parameters = form_urlencoded::parse(&body).into_owned().collect();
        says.authorization = headers
            .get(header::AUTHORIZATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        if let Some((status, value)) = &says.instead {
            return json(*status, value);
        }
        let token = says.id_token(&says.parameters["code"]);
        let usual = json!({
            "access_token": "opens-the-user-info", "token_type": "Bearer", "expires_in": 300,
            "id_token": token,
        });
        return json(StatusCode::OK, &with(usual, &says.token));
    }
    StatusCode::NOT_FOUND.into_response()
}
