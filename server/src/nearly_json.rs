//! JSON of other programs that is nearly JSON: a byte-order mark before it, and in a text half of a
//! pair of surrogates (`"\ud83d"`), where somebody has cut it short within a letter. Neither keeps
//! anybody out by a text that nobody needs: the letter is U+FFFD then, and what decides something
//! is not taken with one in it. Tests: below, and by HTTP
//! `server/tests/server/people/sign_on/odd.rs`, `server/tests/server/scim/attributes.rs`.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What stands for a letter of which half is missing.
pub(crate) const NO_LETTER: char = '\u{FFFD}';

/// How long one unit of UTF-16 is, as it is written: `\ud83d`.
const UNIT: usize = 6;

/// What these bytes say.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    serde_json::from_slice(bytes).or_else(|error| match mended(bytes) {
        Cow::Owned(mended) => serde_json::from_slice(&mended),
        Cow::Borrowed(_) => Err(error),
    })
}

/// The same with [`NO_LETTER`] in the place of each half of a pair.
fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(bytes);
    let mut at = 0;
    // In JSON a backslash is within a text, and always before something.
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        at += match (unit(&bytes[at..]), bytes.get(at + UNIT..).and_then(unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 2 * UNIT,
            (Some(0xD800..0xE000), _) => {
                mended.to_mut()[at..at + UNIT].copy_from_slice(b"\\ufffd");
                UNIT
            }
            _ => 2,
        };
        if at >= bytes.len() {
            break;
        }
    }
    mended
}

/// The unit of UTF-16 that is written here.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_mark_before_it_and_half_a_letter_in_it_do_no_harm() {
        for (text, value) in [
            ("\u{FEFF}{\"a\":1}", json!({"a": 1})),
            (r#"{"bio":"\ud83d"}"#, json!({"bio": "\u{FFFD}"})),
            (r#"{"bio":"x\uD83D","b":"\ude00y"}"#, json!({"bio": "x\u{FFFD}", "b": "\u{FFFD}y"})),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{FFFD}😀"])),
            (r#"["\ude00\ud83d"]"#, json!(["\u{FFFD}\u{FFFD}"])),
            (r#"["\\ud83d","\"\ud83d\""]"#, json!([r"\ud83d", "\"\u{FFFD}\""])),
            (r#"["\ud83d\ude00"]"#, json!(["😀"])),
        ] {
            assert_eq!(read::<Value>(text.as_bytes()).expect(text), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in ["", "\u{FEFF}", "{", "<html>", r#"["\ud83"]"#, r#"["\ud83d]"#, r"\", r#"["\u"#]
        {
            assert!(read::<Value>(text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read::<Value>(&bytes);
        }

        #[test]
        fn what_is_json_is_read_as_it_is(text in "\\PC*") {
            let written = json!([text]).to_string();
            prop_assert_eq!(read::<Value>(written.as_bytes()).expect("JSON"), json!([text]));
        }
    }
}
