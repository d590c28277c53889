//! Reads the credential of a request that an application forwards (DESIGN.md 5): pure, and from the `Authorization`
//! header alone. A token in the query string or the body is never read: addresses end up in logs and histories.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What was presented. Not yet checked in any way.
#[derive(Debug)]
pub struct Credential {
    /// The token.
    pub token: Secret,
    /// The user name that came with it (Basic only); must be the owner's.
    pub user: Option<String>,
}

/// The credential in `headers`; none where there is none, more than one, or one that cannot be read.
///
/// `token X` and `Bearer X` (RFC 6750 §2.1) carry it alone, Basic (RFC 7617, UTF-8) as the password. The scheme's case
/// does not matter (RFC 9110 §11.1). Two `Authorization` headers are refused: which one counts would be a guess, and a
/// proxy may guess otherwise.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<Credential> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, rest) = value.to_str().ok()?.trim_matches(' ').split_once(' ')?;
    let rest = rest.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer") {
        let is_word = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic());
        is_word.then(|| Credential { token: Secret::new(rest.to_owned()), user: None })
    } else if scheme.eq_ignore_ascii_case("basic") {
        basic(rest)
    } else {
        None
    }
}

fn basic(encoded: &str) -> Option<Credential> {
    let decoded = Secret::new(String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?);
    let (user, token) = decoded.expose().split_once(':')?;
    Some(Credential { token: Secret::new(token.to_owned()), user: (!user.is_empty()).then(|| user.to_owned()) })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(values: &[&[u8]]) -> Option<(String, Option<String>)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).expect("a header value"));
        }
        read(&headers).map(|credential| (credential.token.expose().to_owned(), credential.user))
    }

    fn basic_of(plain: &[u8]) -> Option<(String, Option<String>)> {
        of(&[format!("Basic {}", STANDARD.encode(plain)).as_bytes()])
    }

    fn alone(token: &str) -> Option<(String, Option<String>)> {
        Some((token.to_owned(), None))
    }

    #[test]
    fn token_and_bearer_carry_it_alone() {
        for value in
            ["token latchkey_x", "Token latchkey_x", "TOKEN  latchkey_x ", "Bearer latchkey_x", "bearer latchkey_x", "bEARER latchkey_x"]
        {
            assert_eq!(of(&[value.as_bytes()]), alone("latchkey_x"), "{value}");
        }
    }

    #[test]
    fn basic_carries_it_as_the_password() {
        assert_eq!(basic_of(b"sam:latchkey_x"), Some(("latchkey_x".to_owned(), Some("sam".to_owned()))));
        assert_eq!(basic_of(b":latchkey_x"), alone("latchkey_x"));
        assert_eq!(basic_of("zoë:a:b".as_bytes()), Some(("a:b".to_owned(), Some("zoë".to_owned()))));
        assert_eq!(of(&[b"bAsIc OnRva2Vu"]), alone("token"));
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        let unreadable: [&[u8]; 16] = [
            b"",
            b" ",
            b"token",
            b"token ",
            b"Bearer",
            b"latchkey_x",
            b"Digest username=sam",
            b"token a b",
            b"token a\tb",
            b"Basic",
            b"Basic ",
            b"Basic ????",
            b"Basic c2Ft",
            b"Basic c2FtOng",
            b"Basic c2Ft Ong=",
            b"token \xFFabc",
        ];
        for value in unreadable {
            assert_eq!(of(&[value]), None, "{:?}", String::from_utf8_lossy(value));
        }
        assert_eq!(basic_of(b"sam:\xFF\xFE"), None, "not UTF-8");
        assert_eq!(basic_of(b"no colon"), None);
    }

    #[test]
    fn two_headers_are_none_even_where_they_agree() {
        assert_eq!(of(&[b"token latchkey_x", b"token latchkey_x"]), None);
        assert_eq!(of(&[b"", b"token latchkey_x"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn no_bytes_whatever_make_it_panic() {
        // A small generator instead of a crate: every byte that a header may hold, after each scheme.
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for round in 0..20_000 {
            let mut value: Vec<u8> = [&b"Basic "[..], b"token ", b"Bearer ", b""][round % 4].to_vec();
            for _ in 0..state % 24 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                value.push((state >> 56) as u8);
            }
            state = state.wrapping_add(1);
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, value);
                if let Some(credential) = read(&headers) {
                    assert!(!format!("{credential:?}").contains(credential.token.expose()) || credential.token.expose().len() < 8);
                }
            }
        }
    }
}
