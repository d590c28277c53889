//! Rust sources as tokens: enough of the language to tell code from comments and text.

/// A piece of a source file. Comments, doc comments included, leave none.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or a keyword.
    Word(String),
    /// What a string literal of any sort says, with as many line ends as it has in the source.
    Text(String),
    /// `::`
    PathSeparator,
    Mark(char),
    /// A number, a character or a lifetime.
    Other,
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    pub(crate) fn is(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    pub(crate) fn is_separator(&self) -> bool {
        self.kind == Kind::PathSeparator
    }

    /// How far this token leads into brackets: 1, or out of them: -1.
    pub(crate) fn depth(&self) -> isize {
        match self.kind {
            Kind::Mark('(' | '[' | '{') => 1,
            Kind::Mark(')' | ']' | '}') => -1,
            _ => 0,
        }
    }
}

/// All tokens of a source file.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(token) = reader.token() {
        found.push(token);
    }
    found
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            match (self.peek(0)?, self.peek(1)) {
                (space, _) if space.is_whitespace() => drop(self.next()),
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                _ => break,
            }
        }
        let line = self.line;
        let kind = match self.peek(0)? {
            '"' => self.text(),
            '\'' => self.character_or_lifetime(),
            ':' if self.peek(1) == Some(':') => {
                self.at += 2;
                Kind::PathSeparator
            }
            digit if digit.is_ascii_digit() => self.number(),
            letter if is_word(letter) => self.word_or_prefixed_literal(),
            mark => {
                self.next();
                Kind::Mark(mark)
            }
        };
        Some(Token { kind, line })
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.next();
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => (self.at, depth) = (self.at + 2, depth + 1),
                (Some('*'), Some('/')) => (self.at, depth) = (self.at + 2, depth - 1),
                (Some(_), _) => drop(self.next()),
                (None, _) => return,
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    /// `r"…"`, `br#"…"#`, `b'…'` and `r#word` begin as a word does.
    fn word_or_prefixed_literal(&mut self) -> Kind {
        let word = self.word();
        match (word.as_str(), self.peek(0)) {
            ("b", Some('\'')) => self.character_or_lifetime(),
            ("b" | "c", Some('"')) => self.text(),
            ("r" | "br" | "cr", Some('"')) => self.raw_text(0),
            ("r" | "br" | "cr", Some('#')) => {
                let mut fence = 0;
                while self.peek(fence) == Some('#') {
                    fence += 1;
                }
                if self.peek(fence) == Some('"') {
                    self.at += fence;
                    self.raw_text(fence)
                } else if word == "r" {
                    self.at += 1;
                    Kind::Word(self.word())
                } else {
                    Kind::Word(word)
                }
            }
            _ => Kind::Word(word),
        }
    }

    fn text(&mut self) -> Kind {
        let mut stated = String::new();
        self.next();
        while let Some(c) = self.next() {
            match c {
                '"' => break,
                '\\' => match self.next() {
                    Some('n' | 'r' | 't') => stated.push(' '),
                    Some(literal @ ('\\' | '"' | '\'' | '\n')) => stated.push(literal),
                    _ => stated.push('?'),
                },
                c => stated.push(c),
            }
        }
        Kind::Text(stated)
    }

    fn raw_text(&mut self, fence: usize) -> Kind {
        let mut stated = String::new();
        self.next();
        while let Some(c) = self.next() {
            if c == '"' && (0..fence).all(|ahead| self.peek(ahead) == Some('#')) {
                self.at += fence;
                break;
            }
            stated.push(c);
        }
        Kind::Text(stated)
    }

    fn character_or_lifetime(&mut self) -> Kind {
        self.next();
        if self.peek(0) == Some('\\') {
            self.at += 2;
            while self.next().is_some_and(|c| c != '\'') {}
        } else if self.peek(1) == Some('\'') {
            self.next();
            self.next();
        } else {
            self.word();
        }
        Kind::Other
    }

    fn number(&mut self) -> Kind {
        self.word();
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.word();
        }
        Kind::Other
    }
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Each word with its line, in a test of whatever reader.
#[cfg(test)]
pub(crate) fn words(tokens: &[Token]) -> Vec<(usize, String)> {
    tokens.iter().filter_map(|token| Some((token.line, token.word()?.to_owned()))).collect()
}

/// That these are the words, in a test of whatever reader.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_words(tokens: &[Token], expected: &[&str]) {
    let found = words(tokens);
    assert_eq!(found.iter().map(|(_, word)| word).collect::<Vec<_>>(), expected);
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    fn kinds(source: &str) -> Vec<Kind> {
        tokens(source).into_iter().map(|token| token.kind).collect()
    }

    fn text(stated: &str) -> Kind {
        Kind::Text(stated.to_owned())
    }

    fn word(word: &str) -> Kind {
        Kind::Word(word.to_owned())
    }

    #[test]
    fn comments_leave_nothing() {
        assert_eq!(kinds("// \"a\"\n/// \"b\"\n//! \"c\"\n/* \"d\" /* e */ \" */ f"), [word("f")]);
    }

    #[test]
    fn strings_of_every_sort_are_text() {
        assert_eq!(
            kinds(r##""a \" // b" r"c\" r#"d " e"# b"f" br#"g"# c"h""##),
            ["a \" // b", "c\\", "d \" e", "f", "g", "h"].map(text)
        );
        assert_eq!(kinds(r#""a\nb\\""#), [text("a b\\")]);
    }

    #[test]
    fn characters_and_lifetimes_open_no_string() {
        assert_eq!(
            kinds(r#"'"' "a" '\'' "b" '\u{22}' &'a str b'"' "c""#)
                .iter()
                .filter(|kind| matches!(kind, Kind::Text(_)))
                .count(),
            3
        );
    }

    #[test]
    fn raw_words_are_words() {
        assert_eq!(kinds("r#type::r"), [word("type"), Kind::PathSeparator, word("r")]);
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let lines: Vec<usize> =
            tokens("a /*\n*/ \"\n\\\n\" b\nc").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
    }
}
