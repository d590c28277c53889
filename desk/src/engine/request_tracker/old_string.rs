//! The string of an auth token of Request Tracker: `1-`, its person's id, and 32 hex digits. Read
//! before anybody is asked: what is not wholly one is none. Tests: here.

use std::fmt;

use crate::engine::secret::{PlainToken, sha256};
use crate::engine::verify::cached_token::Id;

/// How every one of them begins, and how many hex digits are at its end.
const START: &str = "1-";
const DIGITS: usize = 32;

/// The string of an auth token of Request Tracker, as it was presented.
#[derive(Clone, Copy)]
pub(crate) struct OldString<'a> {
    /// What Request Tracker calls its person.
    pub(crate) user: i64,
    /// The hex digits: what its hash is of.
    pub(crate) secret: &'a str,
    /// The SHA-256 of the whole.
    pub(crate) pin: Id,
}

/// Without the secret.
impl fmt::Debug for OldString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldString").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Its person's id and its secret; none: it is no such string.
fn read(text: &str) -> Option<(i64, &str)> {
    let (user, secret) = text.strip_prefix(START)?.split_once('-')?;
    let is_number = user.bytes().all(|byte| byte.is_ascii_digit()) && !user.starts_with('0');
    let is_hex = secret.len() == DIGITS
        && secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // A 32-bit number there.
    let user: u32 = user.parse().ok().filter(|_| is_number && is_hex)?;
    Some((user.into(), secret))
}

/// Whether a text has the form of an auth token of Request Tracker: whether there is such a token,
/// verify says.
#[must_use]
pub fn is_rt_token_string(text: &str) -> bool {
    read(text).is_some()
}

/// The string of such a token with which a text begins, whatever comes after it; none: it begins
/// with none.
#[must_use]
pub fn leading_rt_token_string(text: &[u8]) -> Option<&str> {
    let rest = text.strip_prefix(START.as_bytes())?;
    // One more than a number of 32 bits has.
    let digits = rest.iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = text.get(..START.len() + digits + 1 + DIGITS)?;
    std::str::from_utf8(whole).ok().filter(|whole| is_rt_token_string(whole))
}

/// What was presented as a token, by its form.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Presented<'a> {
    /// One of Latchkey's, by its SHA-256.
    Own(Id),
    /// One of Request Tracker's.
    Old(OldString<'a>),
}

impl<'a> Presented<'a> {
    /// Reads what was presented; none: it has the form of neither.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        if let Some(id) = PlainToken::hash_presented(text) {
            return Some(Self::Own(id));
        }
        let (user, secret) = read(text)?;
        Some(Self::Old(OldString { user, secret, pin: sha256(text.as_bytes()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ac7938d40cfc2307e2bf325d28e7884e";

    #[test]
    fn a_string_of_request_trackers_is_read_and_does_not_show() {
        let text = format!("1-14-{SECRET}");
        let Some(Presented::Old(old)) = Presented::read(&text) else { panic!("not read") };
        assert_eq!((old.user, old.secret, old.pin), (14, SECRET, sha256(text.as_bytes())));
        assert!(is_rt_token_string(&text) && !format!("{old:?}").contains("ac79"), "{old:?}");
        assert!(is_rt_token_string(&format!("1-4294967295-{SECRET}")));
        let own = PlainToken::random();
        assert!(matches!(Presented::read(own.expose()), Some(Presented::Own(_))));
    }

    #[test]
    fn a_text_begins_with_one_or_with_none() {
        let whole = format!("1-14-{SECRET}");
        for more in ["", "0", "&a=b", "\n", "é"] {
            let text = format!("{whole}{more}");
            assert_eq!(leading_rt_token_string(text.as_bytes()), Some(whole.as_str()), "{text}");
        }
        let longest = format!("1-4294967295-{SECRET}");
        assert_eq!(leading_rt_token_string(longest.as_bytes()), Some(longest.as_str()));
        for text in [
            "",
            "1-",
            "1-14-",
            &whole[..whole.len() - 1],
            &format!(" {whole}"),
            &format!("1--{SECRET}"),
            &format!("1-42949672951-{SECRET}"),
            &format!("1-14-{}", SECRET.to_uppercase()),
            &format!("1-14-é{}", &SECRET[2..]),
        ] {
            assert_eq!(leading_rt_token_string(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_wholly_one_is_none() {
        for text in [
            String::new(),
            SECRET.to_owned(),
            format!("1-{SECRET}"),
            format!("1--{SECRET}"),
            format!("1-0-{SECRET}"),
            format!("1-014-{SECRET}"),
            format!("1-+14-{SECRET}"),
            format!("1--14-{SECRET}"),
            format!("1-1４-{SECRET}"),
            format!("2-14-{SECRET}"),
            format!("1-4294967296-{SECRET}"),
            format!("1-14-{}", SECRET.to_uppercase()),
            format!("1-14-{SECRET}0"),
            format!("1-14-{}", &SECRET[1..]),
            format!(" 1-14-{SECRET}"),
            format!("1-14-{SECRET}\n"),
            format!("1-14-{}g", &SECRET[1..]),
            "!bcrypt!04!KBCwKxOzLha2MUDgW0PjXeOFXDzW4EQy1wzwicdgINX2hhEY/gyBC".to_owned(),
        ] {
            assert!(Presented::read(&text).is_none() && !is_rt_token_string(&text), "{text:?}");
        }
    }
}
