//! Reads the credential of a request that an application forwards: pure, and from the
//! `Authorization` header alone ([`Authorization`]). A token in the query string or the body is
//! never read: addresses end up in logs and histories.

use std::fmt;

use desk::{PlainToken, Secret, is_rt_token_string};
use http::HeaderMap;

use crate::web::Authorization;

/// What programs write as Basic's user name where the password is a token: nobody's name, said only
/// because something must stand there. git, GitHub, GitLab, Bitbucket and PyPI have taught them
/// these.
const NOBODY: [&str; 6] = ["git", "token", "oauth2", "x-access-token", "x-token-auth", "__token__"];

/// What they write as the password where the token is the user name.
const NO_PASSWORD: [&str; 2] = ["", "x-oauth-basic"];

/// What was presented. Not yet checked in any way.
#[derive(Debug)]
pub struct Credential<'a> {
    token: Presented<'a>,
    /// The user name that came with it (Basic only); must be the owner's NetID or e-mail address.
    pub user: Option<String>,
}

enum Presented<'a> {
    /// In the header as it is: most requests cost no copy.
    Plain(&'a str),
    Decoded(Secret),
}

/// Nothing of it.
impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented")
    }
}

impl Credential<'_> {
    /// The token. Keep it out of logs, errors and addresses.
    #[must_use]
    pub fn token(&self) -> &str {
        match &self.token {
            Presented::Plain(text) => text,
            Presented::Decoded(secret) => secret.expose(),
        }
    }
}

/// The credential in `headers`; none where there is none, more than one, or one that cannot be
/// read.
///
/// `token X` and `Bearer X` (RFC 6750 §2.1) carry it alone, as it is or in quotes, `token token=X`
/// too; Basic (RFC 7617, UTF-8) as the password, or as the user name where there is no other
/// password. The scheme's case does not matter (RFC 9110 §11.1). Two credentials are refused, be
/// they two `Authorization` headers or two tokens in one: which one counts would be a guess, and a
/// proxy may guess otherwise.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<Credential<'_>> {
    let given = Authorization::of(headers)?;
    if let Some(rest) = given.after("token") {
        word(rest.strip_prefix("token=").unwrap_or(rest))
    } else if let Some(rest) = given.after("bearer") {
        word(rest)
    } else {
        let (user, password) = given.basic()?;
        let (token, user) = of_pair(user, password)?;
        Some(Credential { token: Presented::Decoded(token), user })
    }
}

/// The token of one word, in quotes or without.
fn word(rest: &str) -> Option<Credential<'_>> {
    let bare = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(rest);
    let is_word =
        !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    is_word.then_some(Credential { token: Presented::Plain(bare), user: None })
}

/// Which of Basic's two is the token, and whose name came with it; none where both are tokens, and
/// different ones.
fn of_pair(user: String, password: Secret) -> Option<(Secret, Option<String>)> {
    // By its form and checksum: a name may begin as a token does. No name has the form of a token
    // of Request Tracker.
    if PlainToken::parse(&user).is_none() && !is_rt_token_string(&user) {
        let names_nobody =
            user.is_empty() || NOBODY.iter().any(|nobody| user.eq_ignore_ascii_case(nobody));
        return Some((password, (!names_nobody).then_some(user)));
    }
    let token = Secret::new(user);
    (NO_PASSWORD.contains(&password.expose()) || password.same(&token)).then_some((token, None))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use http::HeaderValue;
    use http::header::AUTHORIZATION;

    use super::*;

    fn of(values: &[&[u8]]) -> Option<(String, Option<String>)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).expect("a header value"));
        }
        read(&headers).map(|credential| (credential.token().to_owned(), credential.user))
    }

    fn basic_of(plain: &[u8]) -> Option<(String, Option<String>)> {
        of(&[format!("Basic {}", STANDARD.encode(plain)).as_bytes()])
    }

    fn alone(token: &str) -> Option<(String, Option<String>)> {
        Some((token.to_owned(), None))
    }

    #[test]
    fn token_and_bearer_carry_it_alone() {
        for value in [
            "token latchkey_x",
            "Token latchkey_x",
            "TOKEN  latchkey_x ",
            "Bearer latchkey_x",
            "bearer latchkey_x",
            "bEARER latchkey_x",
        ] {
            assert_eq!(of(&[value.as_bytes()]), alone("latchkey_x"), "{value}");
        }
    }

    #[test]
    fn basic_carries_it_as_the_password() {
        assert_eq!(
            basic_of(b"sam:latchkey_x"),
            Some(("latchkey_x".to_owned(), Some("sam".to_owned())))
        );
        assert_eq!(basic_of(b":latchkey_x"), alone("latchkey_x"));
        assert_eq!(
            basic_of("zoë:a:b".as_bytes()),
            Some(("a:b".to_owned(), Some("zoë".to_owned())))
        );
        assert_eq!(of(&[b"bAsIc OnRva2Vu"]), alone("token"));
    }

    #[test]
    fn a_token_is_read_as_libraries_write_it() {
        for value in [
            "Token token=latchkey_x",
            "token token=\"latchkey_x\"",
            "Token \"latchkey_x\"",
            "Bearer \"latchkey_x\"",
            "bearer latchkey_x",
        ] {
            assert_eq!(of(&[value.as_bytes()]), alone("latchkey_x"), "{value}");
        }
        for value in [
            "Bearer \"\"",
            "token token=",
            "token \"latchkey_x",
            "token a\"b",
            "token token=\"x\", nonce=\"y\"",
            "token \"",
        ] {
            assert_eq!(of(&[value.as_bytes()]), None, "{value}");
        }
        assert_eq!(
            of(&[b"Bearer token=x"]),
            alone("token=x"),
            "which is no token: only the scheme token has it so"
        );
    }

    #[test]
    fn a_user_name_that_means_nobody_claims_nothing() {
        for nobody in
            ["git", "token", "Token", "oauth2", "x-access-token", "x-token-auth", "__token__", ""]
        {
            assert_eq!(
                basic_of(format!("{nobody}:latchkey_x").as_bytes()),
                alone("latchkey_x"),
                "{nobody}"
            );
        }
        for somebody in
            ["github", "gitta", "latchkey_bot", "sam@example.edu", "x-oauth-basic", " git"]
        {
            let claimed = Some(("latchkey_x".to_owned(), Some(somebody.to_owned())));
            assert_eq!(
                basic_of(format!("{somebody}:latchkey_x").as_bytes()),
                claimed,
                "{somebody}"
            );
        }
    }

    #[test]
    fn a_token_may_stand_in_the_place_of_the_user_name() {
        let (token, other) = (PlainToken::random(), PlainToken::random());
        let (token, other) = (token.expose(), other.expose());
        for password in ["", "x-oauth-basic", token] {
            assert_eq!(
                basic_of(format!("{token}:{password}").as_bytes()),
                alone(token),
                "{password}"
            );
        }
        for password in [other, "x", "sam", " ", "latchkey_x"] {
            assert_eq!(
                basic_of(format!("{token}:{password}").as_bytes()),
                None,
                "two that differ: {password}"
            );
        }
        let mistyped = &token[..token.len() - 1];
        assert_eq!(
            basic_of(format!("{mistyped}:").as_bytes()),
            Some((String::new(), Some(mistyped.to_owned()))),
            "no token"
        );
    }

    #[test]
    fn a_token_of_request_tracker_may_stand_in_either_place() {
        let old = "1-14-ac7938d40cfc2307e2bf325d28e7884e";
        assert_eq!(of(&[format!("token {old}").as_bytes()]), alone(old));
        assert_eq!(
            basic_of(format!("sam:{old}").as_bytes()),
            Some((old.into(), Some("sam".into())))
        );
        for password in ["", "x-oauth-basic", old] {
            assert_eq!(basic_of(format!("{old}:{password}").as_bytes()), alone(old), "{password}");
        }
        assert_eq!(basic_of(format!("{old}:another").as_bytes()), None, "two that differ");
        let capitals = old.to_uppercase();
        assert_eq!(
            basic_of(format!("{capitals}:").as_bytes()),
            Some((String::new(), Some(capitals))),
            "no token"
        );
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
    fn a_basic_credential_beyond_all_measure_is_none() {
        assert_eq!(basic_of(format!("{}:x", "a".repeat(400)).as_bytes()), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            cases: crate::verify::fuzz_cases(),
            ..Default::default()
        })]

        /// Whatever a header may hold after each scheme: no panic, and nothing is read that was not
        /// presented.
        #[test]
        fn any_header_is_read_or_refused(
            scheme in proptest::sample::select(vec![
                "Basic ", "basic  ", "token ", "Bearer ", "Bearer\t", "", " ",
            ]),
            // Half of them of bytes that a header may hold, so that most of those get as far as the
            // parser.
            rest in proptest::prelude::prop_oneof![
                proptest::collection::vec(proptest::num::u8::ANY, 0..80),
                proptest::collection::vec(
                    proptest::prelude::prop_oneof![
                        8 => 0x21_u8..0x7F, 1 => proptest::prelude::Just(b' '), 1 => 0x80_u8..
                    ],
                    0..80,
                ),
            ],
            encode in proptest::bool::ANY,
        ) {
            let rest = if encode { STANDARD.encode(&rest).into_bytes() } else { rest };
            let value = [scheme.as_bytes(), &rest].concat();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, value);
                if let Some(credential) = read(&headers) {
                    proptest::prop_assert_eq!(format!("{:?}", credential.token), "Presented");
                    let is_basic = credential.user.is_some()
                        || scheme.to_ascii_lowercase().starts_with("basic");
                    let presented = if is_basic {
                        STANDARD.decode(&rest).expect("it was read")
                    } else {
                        rest.clone()
                    };
                    let token = credential.token().as_bytes();
                    proptest::prop_assert!(
                        presented.windows(token.len().max(1)).any(|part| part == token)
                            || token.is_empty()
                    );
                    proptest::prop_assert!(
                        desk::PlainToken::parse(credential.token()).is_none(), "a token by chance",
                    );
                }
            }
        }
    }
}
