//! Tokens in text that comes piece by piece: what stands across the border of two pieces is found
//! too, and no more is kept than one may have. Tests: here.

use desk::{PlainToken, TOKEN_LENGTH, TOKEN_PREFIX, leading_rt_token_string};

/// How much of a token is shown: its prefix, and four characters by which its owner knows it again.
const SHOWN: usize = TOKEN_PREFIX.len() + 4;

/// How one of Request Tracker's begins, and how long it is at most: it has no checksum, so that
/// it has to stand by itself.
const OLD_PREFIX: &[u8] = b"1-";
const MAX_OLD_LENGTH: usize = "1-4294967295-".len() + OLD_DIGITS;

/// How many digits the secret of such a one has, and how many of them are shown.
const OLD_DIGITS: usize = 32;
const OLD_DIGITS_SHOWN: usize = 4;

/// How far it is looked whether something is text.
const LOOKED_AT: usize = 8 * 1024;

/// Where a token begins: its line, and the character in it, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: Position,
    /// Its first characters.
    pub(super) begins: String,
    /// By its form alone it may be one of Request Tracker's.
    pub(super) may_be_old: bool,
}

/// What stands at a place.
enum Standing {
    Nothing,
    /// It shows only with more of the text.
    TooShort,
    Token {
        begins: String,
        may_be_old: bool,
    },
}

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// In bytes, of UTF-8 or any other that has ASCII in it.
    Bytes,
    /// In UTF-16, as Windows' own programs do: where in a pair the byte of an ASCII character is.
    Utf16 { low: usize },
    /// It is none.
    NoText,
}

/// Looks for tokens.
#[derive(Debug)]
pub(super) struct Finder {
    /// What may be a token of Request Tracker's is found too.
    finds_old: bool,
    form: Option<Form>,
    /// Of UTF-16 a first byte whose second has not come yet.
    half: Option<u8>,
    /// What has come and may be the beginning of one.
    kept: Vec<u8>,
    /// What stood before that.
    before: Option<u8>,
    /// Of what is kept.
    at: Position,
    looked_at: usize,
    /// Of what was looked at: there is a zero byte in it, and something that no plain text has.
    /// One alone is still text, such as lines that end with zero bytes.
    has_zero: bool,
    has_odd: bool,
}

impl Finder {
    /// One that looks for Latchkey's tokens, and where `finds_old` says so for what may be one of
    /// Request Tracker's.
    pub(super) fn new(finds_old: bool) -> Self {
        let at = Position { line: 1, column: 1 };
        Self {
            finds_old,
            form: None,
            half: None,
            kept: Vec::new(),
            before: None,
            at,
            looked_at: 0,
            has_zero: false,
            has_odd: false,
        }
    }

    /// Whether it has turned out to be no text.
    pub(super) fn is_no_text(&self) -> bool {
        self.form == Some(Form::NoText)
    }

    /// The next piece; an empty one: there is no more. Answers what was found in it.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Vec<Hit> {
        let is_last = piece.is_empty();
        let mut piece = piece;
        if self.form.is_none() && !is_last {
            let (form, mark) = form_of(piece);
            self.form = Some(form);
            piece = &piece[mark..];
        }
        match self.form {
            Some(Form::Bytes) => {
                let beginning = LOOKED_AT.saturating_sub(self.looked_at).min(piece.len());
                self.looked_at += beginning;
                let beginning = &piece[..beginning];
                self.has_zero |= beginning.contains(&0);
                self.has_odd |= beginning.iter().any(|byte| is_odd(*byte));
                if self.has_zero && self.has_odd {
                    self.form = Some(Form::NoText);
                    return Vec::new();
                }
                self.kept.extend_from_slice(piece);
            }
            Some(Form::Utf16 { low }) => self.keep_pairs(piece, low),
            Some(Form::NoText) | None => return Vec::new(),
        }
        self.found(is_last)
    }

    /// Keeps of UTF-16 what is ASCII, and something else in the place of whatever is not.
    fn keep_pairs(&mut self, piece: &[u8], low: usize) {
        for byte in piece {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let pair = [first, *byte];
            let is_ascii = pair[1 - low] == 0 && pair[low].is_ascii();
            self.kept.push(if is_ascii { pair[low] } else { b'?' });
        }
    }

    fn found(&mut self, is_last: bool) -> Vec<Hit> {
        let mut found = Vec::new();
        let mut done = 0;
        while let Some(rest) = self.kept.get(done..).filter(|rest| !rest.is_empty()) {
            let mut here = standing(rest, is_last);
            if matches!(here, Standing::Nothing) && self.finds_old {
                here = standing_old(self.before, rest, is_last);
            }
            match here {
                Standing::Nothing => {}
                Standing::TooShort => break,
                Standing::Token { begins, may_be_old } => {
                    found.push(Hit { at: self.at, begins, may_be_old });
                }
            }
            step(&mut self.at, rest[0]);
            self.before = Some(rest[0]);
            done += 1;
        }
        self.kept.drain(..done);
        found
    }
}

/// Whether one of Latchkey's begins here.
fn standing(rest: &[u8], is_last: bool) -> Standing {
    if !is_beginning(rest, TOKEN_PREFIX.as_bytes()) {
        return Standing::Nothing;
    }
    let Some(text) = rest.get(..TOKEN_LENGTH) else {
        return if is_last { Standing::Nothing } else { Standing::TooShort };
    };
    let text = std::str::from_utf8(text).unwrap_or_default();
    if PlainToken::parse(text).is_none() {
        return Standing::Nothing;
    }
    Standing::Token { begins: text.chars().take(SHOWN).collect(), may_be_old: false }
}

/// Whether what may be one of Request Tracker's begins here, and stands by itself: it is no part
/// of a longer word.
fn standing_old(before: Option<u8>, rest: &[u8], is_last: bool) -> Standing {
    let is_of_a_word = u8::is_ascii_alphanumeric;
    if !is_beginning(rest, OLD_PREFIX) || before.as_ref().is_some_and(is_of_a_word) {
        return Standing::Nothing;
    }
    // With what comes after it.
    if rest.len() <= MAX_OLD_LENGTH && !is_last {
        return Standing::TooShort;
    }
    match leading_rt_token_string(rest) {
        Some(text) if !rest.get(text.len()).is_some_and(is_of_a_word) => {
            let shown = text.len() - OLD_DIGITS + OLD_DIGITS_SHOWN;
            Standing::Token { begins: text.chars().take(shown).collect(), may_be_old: true }
        }
        _ => Standing::Nothing,
    }
}

/// Whether plain text has no such byte: it is no ASCII, or nothing that is printed.
fn is_odd(byte: u8) -> bool {
    let is_space = byte.is_ascii_whitespace() || matches!(byte, 0 | 0x08 | 0x0b | 0x1b);
    !is_space && !(b' '..=b'~').contains(&byte)
}

/// How a text is written that begins so, and how long its mark is.
fn form_of(beginning: &[u8]) -> (Form, usize) {
    match beginning {
        [0xff, 0xfe, ..] => (Form::Utf16 { low: 0 }, 2),
        [0xfe, 0xff, ..] => (Form::Utf16 { low: 1 }, 2),
        [0xef, 0xbb, 0xbf, ..] => (Form::Bytes, 3),
        _ => (Form::Bytes, 0),
    }
}

/// Whether it may be the beginning of what begins so, as far as it goes.
fn is_beginning(rest: &[u8], prefix: &[u8]) -> bool {
    let length = rest.len().min(prefix.len());
    rest[..length] == prefix[..length]
}

/// Goes on by a byte. What continues a character of UTF-8 is none of its own.
fn step(at: &mut Position, byte: u8) {
    if byte == b'\n' {
        *at = Position { line: at.line + 1, column: 1 };
    } else if byte & 0b1100_0000 != 0b1000_0000 {
        at.column += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token of nobody's whose checksum is right; in two, so that nobody takes this for a leak.
    const GOOD: [&str; 2] = ["latchkey_", "ThisOneIsMadeForTestsAndNobody1nl6nP"];

    /// The end of one of Request Tracker's that nobody has.
    const OLD: &str = "ac7938d40cfc2307e2bf325d28e7884e";

    fn hits(finds_old: bool, text: &[u8], piece: usize) -> Vec<Hit> {
        let mut finder = Finder::new(finds_old);
        let mut found = Vec::new();
        for piece in text.chunks(piece).chain([&[][..]]) {
            found.extend(finder.feed(piece));
        }
        found
    }

    fn found_in(text: &[u8], piece: usize) -> Vec<(u64, u64)> {
        let found = hits(false, text, piece);
        assert!(found.iter().all(|hit| hit.begins == "latchkey_This"), "{found:?}");
        found.into_iter().map(|Hit { at, .. }| (at.line, at.column)).collect()
    }

    #[test]
    fn a_token_is_found_wherever_the_pieces_end() {
        let good = GOOD.concat();
        let text = format!("Zürich\nTOKEN={good}\n“{good}”{good}x\n{good}");
        for piece in [1, 2, 3, 7, 44, 45, 46, 90, 10_000] {
            let found = found_in(text.as_bytes(), piece);
            assert_eq!(found, [(2, 7), (3, 2), (3, 48), (4, 1)], "{piece}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        let good = GOOD.concat();
        for text in [
            &good[..good.len() - 1],
            &good.replace('T', "t"),
            &good.to_uppercase(),
            &good.replace("latchkey_", "latchkey-"),
            "latchkey_latchkey_latchkey_latchkey_latchkey_",
            "latchkey_client_0123456789abcdef0123456789abcdef",
            "latchkey_",
            "",
        ] {
            for piece in [1, 7, 10_000] {
                assert!(found_in(text.as_bytes(), piece).is_empty(), "{text}");
            }
        }
        assert_eq!(found_in(format!("latchkey_{good}").as_bytes(), 5), [(1, 10)]);
    }

    #[test]
    fn what_may_be_one_of_request_trackers_is_found_where_it_is_asked_for() {
        let good = GOOD.concat();
        let text = format!("é1-14-{OLD}\n?token=1-4294967295-{OLD}&a\n{good}\n1-7-{OLD}");
        for piece in [1, 2, 3, 7, 44, 45, 46, 90, 10_000] {
            let found: Vec<_> = hits(true, text.as_bytes(), piece)
                .into_iter()
                .map(|hit| (hit.at.line, hit.at.column, hit.begins, hit.may_be_old))
                .collect();
            let expected = [
                (1, 2, "1-14-ac79".to_owned(), true),
                (2, 8, "1-4294967295-ac79".to_owned(), true),
                (3, 1, "latchkey_This".to_owned(), false),
                (4, 1, "1-7-ac79".to_owned(), true),
            ];
            assert_eq!(found, expected, "{piece}");
            assert_eq!(found_in(text.as_bytes(), piece), [(3, 1)], "{piece}");
        }
    }

    #[test]
    fn what_is_part_of_something_longer_is_none_of_request_trackers() {
        for text in [
            format!("11-14-{OLD}"),
            format!("x1-14-{OLD}"),
            format!("1-14-{OLD}0"),
            format!("1-14-{OLD}Z"),
            format!("1-014-{OLD}"),
            format!("1-14-{}", OLD.to_uppercase()),
            format!("1-{OLD}"),
            format!("1-14-{}", &OLD[1..]),
            "1-".to_owned(),
        ] {
            for piece in [1, 7, 10_000] {
                assert_eq!(hits(true, text.as_bytes(), piece), [], "{text}");
            }
        }
        assert_eq!(hits(true, format!("1-1-14-{OLD}").as_bytes(), 5).len(), 1);
    }

    #[test]
    fn lines_that_end_with_zero_bytes_are_text() {
        let text = format!("PATH=/bin\0TOKEN={}\0HOME=/\0", GOOD.concat());
        for piece in [1, 7, 10_000] {
            assert_eq!(found_in(text.as_bytes(), piece), [(1, 17)], "{piece}");
        }
    }

    #[test]
    fn utf_16_is_text_and_what_has_zero_bytes_among_others_is_none() {
        let text = format!("\u{feff}a ü\r\n{}", GOOD.concat());
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            for piece in [2, 3, 5, 10_000] {
                assert_eq!(found_in(&bytes, piece), [(2, 1)], "{piece}");
            }
        }
        let marked = format!("\u{feff}{}", GOOD.concat());
        assert_eq!(found_in(marked.as_bytes(), 10_000), [(1, 1)]);
        let binary = [&b"\x7fELF\0"[..], GOOD.concat().as_bytes()].concat();
        for piece in [1, 7, 10_000] {
            assert!(found_in(&binary, piece).is_empty());
        }
        // Far into a text that is large otherwise.
        let late = [&[b'x'; LOOKED_AT][..], &b"\0\n"[..], GOOD.concat().as_bytes()].concat();
        assert_eq!(found_in(&late, 100), [(2, 1)]);
    }
}
