//! Tokens in text that comes piece by piece: what stands across the border of two pieces is found
//! too, and no more is kept than one may have. Tests: here.

use desk::{PlainToken, TOKEN_LENGTH, TOKEN_PREFIX};

/// How much of a token is shown: its prefix, and four characters by which its owner knows it again.
const SHOWN: usize = TOKEN_PREFIX.len() + 4;

/// How far it is looked whether something is text.
const LOOKED_AT: usize = 8 * 1024;

/// Where a token begins: its line, and the character in it, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
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
    form: Option<Form>,
    /// Of UTF-16 a first byte whose second has not come yet.
    half: Option<u8>,
    /// What has come and may be the beginning of one.
    kept: Vec<u8>,
    /// Of what is kept.
    at: Position,
    looked_at: usize,
}

impl Default for Finder {
    fn default() -> Self {
        let at = Position { line: 1, column: 1 };
        Self { form: None, half: None, kept: Vec::new(), at, looked_at: 0 }
    }
}

impl Finder {
    /// Whether it has turned out to be no text.
    pub(super) fn is_no_text(&self) -> bool {
        self.form == Some(Form::NoText)
    }

    /// The next piece; an empty one: there is no more. Answers what was found in it, each with its
    /// first characters.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Vec<(Position, String)> {
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
                if piece[..beginning].contains(&0) {
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

    fn found(&mut self, is_last: bool) -> Vec<(Position, String)> {
        let mut found = Vec::new();
        let mut done = 0;
        while let Some(rest) = self.kept.get(done..).filter(|rest| !rest.is_empty()) {
            if is_beginning(rest) {
                match rest.get(..TOKEN_LENGTH) {
                    None if !is_last => break,
                    None => {}
                    Some(text) => {
                        let text = std::str::from_utf8(text).unwrap_or_default();
                        if PlainToken::parse(text).is_some() {
                            found.push((self.at, text.chars().take(SHOWN).collect()));
                        }
                    }
                }
            }
            step(&mut self.at, rest[0]);
            done += 1;
        }
        self.kept.drain(..done);
        found
    }
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

/// Whether it may be the beginning of a token, as far as it goes.
fn is_beginning(rest: &[u8]) -> bool {
    let prefix = TOKEN_PREFIX.as_bytes();
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

    fn found_in(text: &[u8], piece: usize) -> Vec<(u64, u64)> {
        let mut finder = Finder::default();
        let mut found = Vec::new();
        for piece in text.chunks(piece).chain([&[][..]]) {
            found.extend(finder.feed(piece));
        }
        assert!(found.iter().all(|(_, begins)| begins == "latchkey_This"), "{found:?}");
        found.into_iter().map(|(at, _)| (at.line, at.column)).collect()
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
    fn utf_16_is_text_and_what_has_zero_bytes_in_it_is_none() {
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
