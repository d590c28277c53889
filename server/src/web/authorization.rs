//! The one reader of `Authorization`: verify, the machine API, registered clients and SCIM all ask
//! here. Nothing is checked yet; each door says which schemes it takes. Tests: below, and of what
//! clients make of it `server/src/verify/credential.rs`.
//!
//! Ours, and not the crate `headers`: it wants to know the scheme beforehand, and takes the first
//! of two headers, where which one counts would be a guess.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The longest Basic credential that is decoded: room for any NetID and a token, and little for
/// anybody to keep us busy.
const MAX_BASIC: usize = 512;

/// The one `Authorization` header of a request: a scheme, and what follows it.
pub(crate) struct Authorization<'a> {
    scheme: &'a str,
    rest: &'a str,
}

impl<'a> Authorization<'a> {
    /// None where there is none, more than one, or one that cannot be read.
    #[inline]
    pub(crate) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (value, None) = (values.next()?, values.next()) else { return None };
        let (scheme, rest) = value.to_str().ok()?.trim_matches(' ').split_once(' ')?;
        Some(Self { scheme, rest: rest.trim_start_matches(' ') })
    }

    /// What follows this scheme, whose case does not matter (RFC 9110 §11.1).
    #[inline]
    pub(crate) fn after(&self, scheme: &str) -> Option<&'a str> {
        self.scheme.eq_ignore_ascii_case(scheme).then_some(self.rest)
    }

    /// User name and password of Basic (RFC 7617, UTF-8).
    pub(crate) fn basic(&self) -> Option<(String, Secret)> {
        let encoded = self.after("basic").filter(|encoded| encoded.len() <= MAX_BASIC)?;
        let decoded = Secret::new(String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?);
        let (user, password) = decoded.expose().split_once(':')?;
        Some((user.to_owned(), Secret::new(password.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_header_is_read_by_its_scheme_and_no_other() {
        let mut headers = HeaderMap::new();
        assert!(Authorization::of(&headers).is_none());
        headers.append(AUTHORIZATION, " bEARER  a b ".parse().expect("a value"));
        let given = Authorization::of(&headers).expect("one");
        assert_eq!((given.after("Bearer"), given.after("token")), (Some("a b"), None));
        assert!(given.basic().is_none());
        headers.append(AUTHORIZATION, "Bearer a".parse().expect("a value"));
        assert!(Authorization::of(&headers).is_none(), "two");
        for unreadable in ["", "Bearer", "Bearer\ta"] {
            headers.insert(AUTHORIZATION, unreadable.parse().expect("a value"));
            assert!(Authorization::of(&headers).is_none(), "{unreadable:?}");
        }
    }
}
