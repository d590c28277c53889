//! What a log-in that was begun leaves with the browser, so that only that browser can end it.

use app::paths::after_login;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::COOKIE;
use serde::{Deserialize, Serialize};

/// How long somebody may take at the provider, in seconds.
const LIFE: u32 = 600;

/// In a cookie that scripts cannot read and neighbouring hosts cannot set.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Begun {
    /// Comes back with the browser.
    pub(super) state: String,
    /// Comes back in the ID token.
    pub(super) nonce: String,
    /// Proves to the provider that the code is ours (RFC 7636).
    pub(super) verifier: String,
    /// Where to go then.
    pub(super) next: String,
    /// The provider was to ask for the password again.
    pub(super) fresh: bool,
}

impl Begun {
    fn name(secure: bool) -> &'static str {
        if secure { "__Host-latchkey-oidc" } else { "latchkey-oidc" }
    }

    /// The line that sets the cookie.
    pub(super) fn cookie(&self, secure: bool) -> String {
        let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        line(secure, &value, LIFE)
    }

    /// The line that removes it.
    pub(super) fn no_cookie(secure: bool) -> String {
        line(secure, "", 0)
    }

    /// What the browser brings back; none where there is nothing, or several of the name.
    pub(super) fn read(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == Self::name(secure)).map(|(_, value)| value);
        let value = values.next().filter(|_| values.next().is_none())?;
        let begun: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        // On plain http a neighbouring host can set it, and anybody in between.
        Some(Self { next: after_login(Some(&begun.next)).to_owned(), ..begun })
    }
}

fn line(secure: bool, value: &str, life: u32) -> String {
    let also = if secure { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{also}; Max-Age={life}", Begun::name(secure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Begun {
        Begun { state: "s".to_owned(), nonce: "n".to_owned(), verifier: "v".to_owned(), next: "/help".to_owned(), fresh: true }
    }

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let line = begun().cookie(true);
        let pair = line.split(';').next().expect("a pair");
        assert!(line.starts_with("__Host-latchkey-oidc=") && line.contains("; Secure") && line.contains("HttpOnly"));
        assert_eq!(Begun::read(&headers(&[pair]), true).map(|begun| (begun.next, begun.fresh)), Some(("/help".to_owned(), true)));
        assert!(Begun::read(&headers(&[pair]), false).is_none(), "another name");
        assert!(Begun::read(&headers(&[pair, pair]), true).is_none(), "two of them: one may be a neighbour's");
    }

    #[test]
    fn it_leads_to_no_other_site_whoever_has_written_it() {
        for (next, leads) in [
            ("/settings/auth-tokens?create", "/settings/auth-tokens?create"),
            ("https://evil.example/", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/fn/log_out", "/"),
            ("/login", "/"),
        ] {
            let line = Begun { next: next.to_owned(), ..begun() }.cookie(false);
            let pair = line.split(';').next().expect("a pair");
            assert_eq!(Begun::read(&headers(&[pair]), false).map(|begun| begun.next).as_deref(), Some(leads), "{next}");
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        for value in ["", "x", "e30", "%%%"] {
            assert!(Begun::read(&headers(&[&format!("latchkey-oidc={value}")]), false).is_none(), "{value}");
        }
    }
}
