//! Secrets as types: none of them can be printed by mistake.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rand::RngCore;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{SessionId, TokenId};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The start of every token. Never change it: secret scanners, people and verify know tokens by it.
pub const TOKEN_PREFIX: &str = "latchkey_";

/// Random base62 characters of a token: 30 of them hold 178 bits.
const TOKEN_RANDOM: usize = 30;

/// Base62 characters of a token's CRC32: 6 hold the 32 bits.
const TOKEN_CHECK: usize = 6;

/// The length of a token in bytes; all of them are ASCII.
pub const TOKEN_LENGTH: usize = TOKEN_PREFIX.len() + TOKEN_RANDOM + TOKEN_CHECK;

/// A password as somebody typed it. Wiped when dropped; its Debug prints nothing of it.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes what was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// What was typed. Keep it out of logs, errors and addresses.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same, in time that depends on the lengths only.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The name of a session in the browser: 256 random bits in 64 hex digits. Kept in the store only
/// as its SHA-256.
#[derive(Clone)]
pub struct Cookie(Zeroizing<String>);

impl Cookie {
    pub(crate) fn random() -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        fill_random(&mut *bytes);
        Self(Zeroizing::new(hex(&*bytes)))
    }

    /// Reads a cookie's value; none where it cannot be one of ours.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let ours =
            value.len() == 64 && value.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        ours.then(|| Self(Zeroizing::new(value.to_owned())))
    }

    /// The value for `Set-Cookie`, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The session's record id.
    pub(crate) fn id(&self) -> SessionId {
        SessionId::of(sha256_hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie")
    }
}

/// An auth token in the clear: `latchkey_`, 30 random base62 characters, and 6 of CRC32 over what
/// precedes them (the scheme GitHub published for secret scanners in 2021, with a fixed prefix and
/// a checksum).
#[derive(Clone)]
pub struct PlainToken(Zeroizing<String>);

impl PlainToken {
    /// A new one from the operating system's CSPRNG. It is nobody's until the store has its row.
    #[must_use]
    pub fn random() -> Self {
        Self::of(|| {
            let mut byte = [0_u8; 1];
            fill_random(&mut byte);
            byte[0]
        })
    }

    /// The token of somebody on a campus that nobody lives on: whoever has the seed has it.
    pub(crate) fn of_campus(seed: u64, person: u64, token: u32) -> Self {
        let (mut block, mut bytes) = (0_u64, Vec::new().into_iter());
        Self::of(|| {
            loop {
                if let Some(byte) = bytes.next() {
                    return byte;
                }
                block += 1;
                let text = format!("campus {seed} {person} {token} {block}");
                bytes = sha256(text.as_bytes()).to_vec().into_iter();
            }
        })
    }

    fn of(mut byte: impl FnMut() -> u8) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_LENGTH));
        text.push_str(TOKEN_PREFIX);
        while text.len() < TOKEN_PREFIX.len() + TOKEN_RANDOM {
            let byte = byte();
            // 248 = 4 × 62: bytes above would favour the first characters.
            if byte < 248 {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
        let check = checksum(text.as_bytes());
        text.extend(check.map(char::from));
        Self(text)
    }

    /// Reads a presented token; none where the format or the checksum is wrong, so that the store
    /// need not be asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_well_formed(text.as_bytes()).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The SHA-256 of a presented token, without a copy of it; none as for [`PlainToken::parse`].
    pub(crate) fn hash_presented(text: &str) -> Option<[u8; 32]> {
        is_well_formed(text.as_bytes()).then(|| sha256(text.as_bytes()))
    }

    /// The token itself: for its owner, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its record id: SHA-256, hex. The secret is random, so a fast hash is right (ASVS 5.0 6.5.2,
    /// 11.5.1).
    #[must_use]
    pub fn id(&self) -> TokenId {
        TokenId::of(sha256_hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken")
    }
}

fn is_well_formed(bytes: &[u8]) -> bool {
    if bytes.len() != TOKEN_LENGTH || !bytes.starts_with(TOKEN_PREFIX.as_bytes()) {
        return false;
    }
    let (body, check) = bytes.split_at(TOKEN_LENGTH - TOKEN_CHECK);
    body[TOKEN_PREFIX.len()..].iter().all(u8::is_ascii_alphanumeric) && checksum(body) == check
}

/// CRC32 (IEEE) in base62, most significant digit first.
fn checksum(body: &[u8]) -> [u8; TOKEN_CHECK] {
    let mut rest = crc32fast::hash(body);
    let mut digits = [b'0'; TOKEN_CHECK];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// Fills `bytes` from the operating system's CSPRNG.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    OsRng.unwrap_err().fill_bytes(bytes);
}

/// A client's name and its secret's digest, as one: what verify remembers of clients.
pub(crate) fn client_credential(name: &str, secret: &str) -> [u8; 32] {
    sha256(format!("{name} {secret}").as_bytes())
}

/// 128 random bits in hex: for the idempotency key of a form.
#[must_use]
pub fn random_form_key() -> String {
    let mut bytes = [0_u8; 16];
    fill_random(&mut bytes);
    hex(&bytes)
}

/// Sixteen bytes that stand for a text: the beginning of its SHA-256, so that nobody can find two
/// texts with the same.
#[must_use]
pub fn short_hash(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&sha256(text.as_bytes())[..16]);
    short
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_reads_back_and_is_like_no_other() {
        let (one, other) = (PlainToken::random(), PlainToken::random());
        assert_eq!(one.expose().len(), TOKEN_LENGTH);
        assert_eq!(PlainToken::parse(one.expose()).map(|token| token.id()), Some(one.id()));
        assert_ne!(one.id(), other.id());
    }

    #[test]
    fn a_changed_character_anywhere_is_refused() {
        let token = PlainToken::random();
        for at in 0..TOKEN_LENGTH {
            for put in ["0", "z", " ", "-"] {
                let mut text = token.expose().to_owned();
                if &text[at..=at] != put {
                    text.replace_range(at..=at, put);
                    assert!(PlainToken::parse(&text).is_none(), "position {at}, {put:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let token = PlainToken::random();
        let longer = format!("{}0", token.expose());
        let multibyte = format!("latchkey_{}", "ü".repeat(18));
        for text in [
            "",
            "latchkey_",
            &longer,
            &token.expose()[1..],
            &token.expose().to_uppercase(),
            &multibyte,
        ] {
            assert!(PlainToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_secret_shows_in_debug() {
        let (token, cookie, secret) =
            (PlainToken::random(), Cookie::random(), Secret::new("hunter2 hunter2".into()));
        assert_eq!(format!("{token:?} {cookie:?} {secret:?}"), "PlainToken Cookie Secret");
    }

    #[test]
    fn a_cookie_reads_back_and_nothing_else_does() {
        let cookie = Cookie::random();
        assert_eq!(Cookie::parse(cookie.expose()).map(|c| c.id()), Some(cookie.id()));
        for value in ["", "0", &cookie.expose().to_uppercase(), &cookie.expose()[1..]] {
            assert!(Cookie::parse(value).is_none() || value == cookie.expose(), "{value}");
        }
    }

    #[test]
    fn hex_reads_back() {
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            cases: std::env::var("PROPTEST_CASES")
                .ok()
                .and_then(|cases| cases.parse().ok())
                .unwrap_or(20_000),
            ..Default::default()
        })]

        /// Whatever is presented: no panic, and what is taken for a token is one to the last
        /// character.
        #[test]
        fn any_text_is_a_token_or_refused(
            text in proptest::prelude::prop_oneof![
                "\\PC{0,60}",
                "latchkey_[0-9A-Za-z]{30,40}",
                "latchkey_[0-9A-Za-z]{36}",
                "[a-z_]{9}[0-9A-Za-z]{30}[0-9]{6}",
            ],
            changed in 0_usize..60,
        ) {
            let parsed = PlainToken::parse(&text);
            proptest::prop_assert_eq!(
                parsed.is_some(), PlainToken::hash_presented(&text).is_some(),
            );
            if let Some(token) = parsed {
                let (body, check) = text.as_bytes().split_at(TOKEN_LENGTH - TOKEN_CHECK);
                let expected = checksum(body);
                proptest::prop_assert_eq!(expected.as_slice(), check);
                proptest::prop_assert_eq!(token.expose(), &text);
            }
            // A good one is taken, and with any one character another it is not.
            let good = PlainToken::random();
            proptest::prop_assert_eq!(
                PlainToken::hash_presented(good.expose()).map(|hash| TokenId::of(hex(&hash))),
                Some(good.id()),
            );
            let mut other = good.expose().as_bytes().to_vec();
            if let Some(byte) = other.get_mut(changed) {
                *byte = if *byte == b'a' { b'b' } else { b'a' };
                let other = String::from_utf8(other).expect("ASCII");
                proptest::prop_assert!(PlainToken::parse(&other).is_none());
            }
        }
    }
}
