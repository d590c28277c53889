//! The forms in which Request Tracker keeps passwords and auth tokens, as RT 5 looks at them: pure.
//! A form that is not known is nobody's. Tests: here, by values that Perl's modules have computed
//! as Request Tracker calls them.

use std::ops::RangeInclusive;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

/// What stands in the place of a password where there is none.
const NO_PASSWORD: &str = "*NO-PASSWORD*";

/// Bcrypt's costs that are looked at: each takes twice as long as the one before, and Request
/// Tracker's own, where nobody has changed it, is 12.
const COSTS: RangeInclusive<u32> = 4..=12;

/// Those that are too dear.
const DEAR_COSTS: RangeInclusive<u32> = 13..=31;

/// The letters of bcrypt's base64, in their order.
const BCRYPT_LETTERS: &[u8; 64] =
    b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Bcrypt's salt and hash, in letters: 16 bytes and 23.
const SALT_LETTERS: usize = 22;
const HASH_LETTERS: usize = 31;

/// As many bytes of the older SHA-256 as there was room for.
const KEPT_OF_SHA256: usize = 26;

/// A stored hash, by its form.
enum Form<'a> {
    /// `!bcrypt!12!…`: over the 64 bytes of SHA-512, as bcrypt's own text.
    Bcrypt(String),
    /// `!sha512!salt!…`
    Sha512 { salt: &'a str, digest: Vec<u8> },
    /// Four bytes of salt, and the beginning of SHA-256 over salt and MD5.
    Sha256 { salt: Vec<u8>, digest: Vec<u8> },
    /// MD5, in hex or base64.
    Md5(Vec<u8>),
    /// crypt(3) with DES.
    Crypt(&'a str),
}

impl<'a> Form<'a> {
    fn of(stored: &'a str) -> Option<Self> {
        if let Some(rest) = stored.strip_prefix("!bcrypt!") {
            return bcrypt_text(rest, &COSTS).map(Self::Bcrypt);
        }
        if let Some(rest) = stored.strip_prefix("!sha512!") {
            let (salt, digest) = rest.split_once('!')?;
            let digest = BASE64_NOPAD.decode(digest.as_bytes()).ok()?;
            return (!salt.is_empty() && digest.len() == 64)
                .then_some(Self::Sha512 { salt, digest });
        }
        match stored.len() {
            40 => {
                let mut salt = BASE64.decode(stored.as_bytes()).ok()?;
                let digest = salt.split_off(4);
                (digest.len() == KEPT_OF_SHA256).then_some(Self::Sha256 { salt, digest })
            }
            32 => HEXLOWER.decode(stored.as_bytes()).ok().map(Self::Md5),
            22 => BASE64_NOPAD.decode(stored.as_bytes()).ok().map(Self::Md5),
            13 => stored
                .bytes()
                .all(|byte| BCRYPT_LETTERS.contains(&byte))
                .then_some(Self::Crypt(stored)),
            _ => None,
        }
    }

    /// Whether it is the hash of `text`.
    fn is_of(&self, text: &str) -> bool {
        let same = |computed: &[u8], stored: &[u8]| bool::from(computed.ct_eq(stored));
        match self {
            Self::Bcrypt(hash) => {
                // All of its bytes count, NULs too.
                bcrypt::verify(Sha512::digest(text.as_bytes()), hash).unwrap_or(false)
            }
            Self::Sha512 { salt, digest } => {
                let computed = Sha512::new().chain_update(salt).chain_update(text).finalize();
                same(&computed, digest)
            }
            Self::Sha256 { salt, digest } => {
                let inner = Md5::digest(text.as_bytes());
                let computed = Sha256::new().chain_update(salt).chain_update(inner).finalize();
                same(&computed[..KEPT_OF_SHA256], digest)
            }
            Self::Md5(digest) => same(&Md5::digest(text.as_bytes()), digest),
            Self::Crypt(hash) => pwhash::unix_crypt::verify(text, hash),
        }
    }
}

/// Bcrypt's own text of `12!` and salt and hash; none where it is not wholly one of these costs.
fn bcrypt_text(rest: &str, costs: &RangeInclusive<u32>) -> Option<String> {
    let (cost, letters) = rest.split_once('!')?;
    let is_number = (1..=2).contains(&cost.len()) && cost.bytes().all(|byte| byte.is_ascii_digit());
    let cost: u32 = cost.parse().ok().filter(|cost| is_number && costs.contains(cost))?;
    let places: Vec<usize> = letters
        .bytes()
        .map(|byte| BCRYPT_LETTERS.iter().position(|letter| *letter == byte))
        .collect::<Option<_>>()?;
    // Of the last letter of each some bits mean nothing, and are none.
    let is_whole = places.len() == SALT_LETTERS + HASH_LETTERS
        && places[SALT_LETTERS - 1].is_multiple_of(16)
        && places[SALT_LETTERS + HASH_LETTERS - 1].is_multiple_of(4);
    is_whole.then(|| format!("$2b${cost:02}${letters}"))
}

/// Whether a person has a password there at all.
pub(crate) fn is_some_password(stored: &str) -> bool {
    !stored.is_empty() && stored != NO_PASSWORD
}

/// Whether a stored password has a form that can be looked at.
pub(crate) fn is_password(stored: &str) -> bool {
    is_some_password(stored) && Form::of(stored).is_some()
}

/// Whether a stored token has: bcrypt alone, as Request Tracker looks at tokens.
pub(crate) fn is_token(stored: &str) -> bool {
    matches!(Form::of(stored), Some(Form::Bcrypt(_)))
}

/// Whether a stored password or token would be looked at, were it less dear.
pub(crate) fn is_too_dear(stored: &str) -> bool {
    stored.strip_prefix("!bcrypt!").is_some_and(|rest| bcrypt_text(rest, &DEAR_COSTS).is_some())
}

/// Whether `stored` is the hash of this password.
pub(crate) fn is_of_password(stored: &str, password: &str) -> bool {
    // Request Tracker lets nobody in without one.
    !password.is_empty() && Form::of(stored).is_some_and(|form| form.is_of(password))
}

/// Whether `stored` is the hash of a token whose string ends like this.
pub(crate) fn is_of_token(stored: &str, secret: &str) -> bool {
    is_token(stored) && Form::of(stored).is_some_and(|form| form.is_of(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token's last part and its hash at two costs. SHA-512 of the second begins with a NUL, that
    /// of the third has several further on.
    const TOKENS: [(&str, [&str; 2]); 3] = [
        (
            "ac7938d40cfc2307e2bf325d28e7884e",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC",
                "!bcrypt!05!XkTiW0HfMRe1LhSyKxGvK.ntTjExEU4YOchjR2AH9csCqhgL9pFxK",
            ],
        ),
        (
            "9f6dc64c75a4535b6d4aee6484a05ba7",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeM9B/WgoLu/j4OLMiydmZodfd0sJPnci",
                "!bcrypt!05!XkTiW0HfMRe1LhSyKxGvK.3/ESwPnM4bSh9.j6Mvh5cawrzlJikNS",
            ],
        ),
        (
            "0f826a89cf68c399c5f4cf320c1a5842",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeiE3xd.lEofTf2eYUXHE9WJDJGEtAPHy",
                "!bcrypt!05!XkTiW0HfMRe1LhSyKxGvK.wJQJ/ePKqLdBIMoUr33kB44rtlm8.FK",
            ],
        ),
    ];

    /// A password in each form: bcrypt, SHA-512, SHA-256, MD5 in hex and base64, crypt(3).
    const PASSWORDS: [(&str, [&str; 6]); 3] = [
        (
            "correct horse battery",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXe7pjFsfKq6KQd3Fmy6/F3p/mWuQE7ItK",
                "!sha512!AbCdEfGh01234+/x!XFLXxWbqw6jTs66OKWv60565yzfbUmadCKIKArJYAO/Y+6Ro2f/BtJIGD\
                 RcUw+RRWTUYXDUs06tFJlfgEw696g",
                "AQD+IVLHK2czS74mRzy7xTT/AUNOgI5qHlDzGdHG",
                "88e4ddd2402d92d50e1879d6ecd9ffd4",
                "iOTd0kAtktUOGHnW7Nn/1A",
                "abhfCpXqd4GrI",
            ],
        ),
        (
            "Grünkohl mit Pinkel 23",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeXp00Xij15gWQWq2vxyHUjKIlLE1SgwS",
                "!sha512!AbCdEfGh01234+/x!tk99dQz6BcOj9D7gHFJrBUEbrSa3eFYXiOJqTp6DnwAT+1ne2qLIFrn2y\
                 gbTq9BcxP2AnpXnRxQ5CfuORfMGAw",
                "AQD+IXDIL65IRzZWZv6LQyGKecIeajffru4j/FKO",
                "9e027b265c557633e962b5f715634a47",
                "ngJ7JlxVdjPpYrX3FWNKRw",
                "abZ9ArXKaXJHY",
            ],
        ),
        (
            "pass1",
            [
                "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXezJuymeaDJ/nPC25hlR5frriHaXRw/fe",
                "!sha512!AbCdEfGh01234+/x!0rBqNAxMdR8p/89R21H0EcwWTDq2mbsT0SFcULdDAVTt8QR7JgvGOWF7n\
                 UHFtKjBWTJQ/5D687VoZ6Z4LT2gWA",
                "AQD+IUz6zbM2iv0TfxUV8C0DJVb+zfLHLHWFHZrP",
                "a722c63db8ec8625af6cf71cb8c2d939",
                "pyLGPbjshiWvbPccuMLZOQ",
                "abjZ1mGppO4Vs",
            ],
        ),
    ];

    #[test]
    fn a_tokens_hash_is_of_its_last_part_in_small_letters_alone() {
        for (secret, hashes) in TOKENS {
            for hash in hashes {
                assert!(is_token(hash) && is_of_token(hash, secret), "{secret}");
                for other in [
                    secret.to_uppercase(),
                    format!("1-14-{secret}"),
                    secret[1..].to_owned(),
                    hash.to_owned(),
                    String::new(),
                ] {
                    assert!(!is_of_token(hash, &other), "{other}");
                }
                let of_others = TOKENS.iter().filter(|(other, _)| *other != secret);
                assert!(of_others.clone().all(|(other, _)| !is_of_token(hash, other)), "{secret}");
            }
        }
    }

    #[test]
    fn every_form_of_a_password_is_of_it_and_of_no_other() {
        for (password, hashes) in PASSWORDS {
            for hash in hashes {
                assert!(is_password(hash) && is_of_password(hash, password), "{hash}");
                for (other, _) in PASSWORDS.iter().filter(|(other, _)| *other != password) {
                    assert!(!is_of_password(hash, other), "{hash} {other}");
                }
                for other in ["", hash] {
                    assert!(!is_of_password(hash, other), "{hash} {other}");
                }
            }
        }
    }

    #[test]
    fn a_token_is_kept_by_bcrypt_alone() {
        for (_, [_, others @ ..]) in PASSWORDS {
            assert!(others.iter().all(|hash| !is_token(hash)), "{others:?}");
        }
    }

    #[test]
    fn what_is_dearer_than_request_trackers_own_is_looked_at_no_more() {
        let of = |cost: &str| TOKENS[0].1[0].replace("!04!", &format!("!{cost}!"));
        for cost in ["04", "12"] {
            assert!(is_token(&of(cost)) && is_password(&of(cost)) && !is_too_dear(&of(cost)));
        }
        for cost in ["13", "31"] {
            assert!(!is_token(&of(cost)) && !is_password(&of(cost)) && is_too_dear(&of(cost)));
        }
        assert!(!is_too_dear(&of("32")) && !is_too_dear("!bcrypt!13!") && !is_too_dear(""));
    }

    #[test]
    fn what_has_no_known_form_is_nobodys() {
        let good = TOKENS[0].1[0];
        let letters = &good["!bcrypt!04!".len()..];
        for stored in [
            "",
            "*NO-PASSWORD*",
            "secret",
            "!",
            "!bcrypt!",
            "!bcrypt!04",
            "!bcrypt!04!",
            &format!("!bcrypt!03!{letters}"),
            &format!("!bcrypt!16!{letters}"),
            &format!("!bcrypt!31!{letters}"),
            &format!("!bcrypt!+4!{letters}"),
            &format!("!bcrypt!004!{letters}"),
            &good[..good.len() - 1],
            &format!("{good}."),
            &good.replace("KBC", "KB+"),
            // Bits that mean nothing, and are set.
            &good.replace("PjXeO", "PjXfO"),
            &good.replace("gyBC", "gyBD"),
            &format!("$2b$04${letters}"),
            "!sha512!!0rBqNAxMdR8p",
            "!sha512!salt!short",
            "!md5!salt!88e4ddd2402d92d50e1879d6ecd9ffd4",
            "88E4DDD2402D92D50E1879D6ECD9FFD4",
            "abhfCpXqd4Gr!",
            "äbhfCpXqd4GrI",
            "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA",
        ] {
            assert!(!is_password(stored) && !is_token(stored), "{stored}");
            assert!(!is_of_password(stored, "pass1") && !is_of_token(stored, "pass1"), "{stored}");
        }
    }
}
