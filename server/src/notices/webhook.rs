//! Notices posted to an address, signed as Standard Webhooks has it: `webhook-id`,
//! `webhook-timestamp` and `webhook-signature`, which is the HMAC-SHA256 of both with the body.
//! Redirects are not followed: a signature is for the address that is configured. Tests: below,
//! and with a real receiver `tools/test-mail`.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Notice, plain_line};
use http::StatusCode;
use http::header::{CONTENT_TYPE, USER_AGENT};
use ring::hmac;
use serde_json::{Value, json};
use url::Url;

use super::undelivered::Undelivered;
use crate::authorities;
use crate::config::{ConfigError, Webhook};

/// How long a connection may take, and an answer.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(20);

/// Where notices are posted to. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Receiver {
    http: reqwest::Client,
    url: Url,
    key: hmac::Key,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl Receiver {
    /// Reads the certificate authorities, and connects to nothing yet.
    ///
    /// # Errors
    /// [`ConfigError::Senseless`].
    pub(crate) fn of(settings: &Webhook) -> Result<Self, ConfigError> {
        let wrong = |what: String| ConfigError::senseless("webhook.ca_file", what);
        let mut http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .use_rustls_tls();
        if let Some(path) = &settings.authorities.file {
            http = authorities::trusting_file(http, path).map_err(wrong)?;
        }
        let http = http.build().map_err(|error| wrong(format!("{error}.")))?;
        let key = STANDARD.decode(settings.key.expose()).unwrap_or_default();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Ok(Self { http, url: settings.url.clone(), key })
    }

    /// Posts a notice; it is done once it is answered with success.
    pub(super) async fn deliver(&self, notice: &Notice) -> Result<(), Undelivered> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (id, at, body) = (notice.id.to_string(), since.as_secs().to_string(), body(notice));
        let posting = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("Latchkey/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &id)
            .header("webhook-timestamp", &at)
            .header("webhook-signature", signature(&self.key, &id, &at, &body))
            .body(body);
        let answered = match posting.send().await {
            Ok(answer) => answer.status(),
            // The address may hold a secret of the receiver's.
            Err(error) if error.is_timeout() => {
                return Err(Undelivered::away("it does not answer in time"));
            }
            Err(error) if error.is_connect() => {
                return Err(Undelivered::away("it takes no connection"));
            }
            Err(error) => return Err(Undelivered::away(error.without_url().to_string())),
        };
        judged(answered)
    }
}

/// What an answer means.
fn judged(status: StatusCode) -> Result<(), Undelivered> {
    let why = format!("it answers {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::GONE => Err(Undelivered::for_good(why)),
        StatusCode::TOO_MANY_REQUESTS => Err(Undelivered::away(why)),
        status if status.is_server_error() => Err(Undelivered::away(why)),
        _ => Err(Undelivered::later(why)),
    }
}

/// The signature's header.
fn signature(key: &hmac::Key, id: &str, at: &str, body: &str) -> String {
    let signed = hmac::sign(key, format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(signed))
}

/// What is told: nobody's e-mail address, and no secret.
fn body(notice: &Notice) -> String {
    let text = |text: &str| Some(plain_line(text)).filter(|text| !text.is_empty());
    let token: Option<Value> = notice.token.as_ref().map(|token| {
        json!({
            "id": token.id.short(),
            "description": plain_line(&token.description),
            "expires": token.expires.map(desk::Moment::rfc3339),
            "from_request_tracker": token.from_rt,
        })
    });
    json!({
        "type": notice.kind.code(),
        "timestamp": notice.at.rfc3339(),
        "data": {
            "netid": notice.netid,
            "name": text(&notice.name),
            "token": token,
            "by": text(&notice.by_code),
            "address": text(&notice.address),
            "network": text(&notice.network),
            "note": text(&notice.note),
            "days_left": notice.days_left,
            "detail": text(&notice.detail),
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use desk::NoticeKind;

    use super::*;
    use crate::notices::sample::sample;
    use crate::notices::undelivered::Retry;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The specification's own example.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed =
            signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_body_says_what_happened_and_nobody_s_address() {
        for kind in NoticeKind::ALL.iter().copied() {
            let notice = sample(kind);
            let body: Value = serde_json::from_str(&body(&notice)).expect("JSON");
            assert_eq!(body["type"], kind.code());
            assert_eq!(body["data"]["netid"], notice.netid.as_str());
            assert!(!body.to_string().contains('@'), "{body}");
            let id = body["data"]["token"]["id"].as_str();
            assert!(id.is_none_or(|id| id.len() == 16), "{body}");
        }
    }

    #[test]
    fn a_program_reads_codes_and_a_network_that_is_one() {
        let data = |kind| -> Value {
            let body: Value = serde_json::from_str(&body(&sample(kind))).expect("JSON");
            body["data"].clone()
        };
        assert_eq!(data(NoticeKind::TokenMade)["by"], "sam");
        assert_eq!(data(NoticeKind::PasswordSet)["by"], "helen");
        assert_eq!(data(NoticeKind::TokenExpires)["by"], Value::Null);
        let new = data(NoticeKind::TokenNewNetwork);
        assert_eq!(new["by"], "(the token itself)");
        assert_eq!(new["network"], "192.0.2.0/24");
        assert_eq!(new["note"], "first from there; 2 networks before");
    }

    #[test]
    fn an_answer_says_whether_it_was_taken_and_whether_others_would_be() {
        let retry = |status: u16| {
            let status = StatusCode::from_u16(status).expect("a status");
            judged(status).err().map(|undelivered| undelivered.retry)
        };
        for status in [200, 202, 204] {
            assert_eq!(retry(status), None, "{status}");
        }
        for status in [429, 500, 502, 503] {
            assert_eq!(retry(status), Some(Retry::AllLater), "{status}");
        }
        for status in [301, 302, 400, 401, 404] {
            assert_eq!(retry(status), Some(Retry::Later), "{status}");
        }
        assert_eq!(retry(410), Some(Retry::Never));
    }
}
