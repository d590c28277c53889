//! Python as tokens: enough of it to tell names from comments and text. What an f-string puts in
//! is text too: the name has been made elsewhere.

use crate::tokens::{Kind, Token, is_word};

/// What may stand before a text's first quote, in either case.
const PREFIXES: [&str; 8] = ["b", "br", "f", "fr", "r", "rb", "rf", "u"];

/// All tokens of a source file.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, line: 1, found: Vec::new() };
    while let Some(c) = reader.peek(0) {
        match c {
            '#' => reader.comment(),
            '"' | '\'' => reader.text(c),
            letter if is_word(letter) => reader.word(),
            mark => {
                reader.next();
                if !mark.is_whitespace() {
                    reader.push(Kind::Mark(mark), reader.line);
                }
            }
        }
    }
    reader.found
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Token>,
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

    fn push(&mut self, kind: Kind, line: usize) {
        self.found.push(Token { kind, line });
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.next();
        }
    }

    /// Three quotes are closed by three, whatever lines are between; one by one, on its line.
    fn text(&mut self, quote: char) {
        let (line, mut stated) = (self.line, String::new());
        let is_long = (1..3).all(|ahead| self.peek(ahead) == Some(quote));
        let fence = if is_long { 3 } else { 1 };
        self.at += fence;
        while let Some(c) = self.peek(0).filter(|c| is_long || *c != '\n') {
            if (0..fence).all(|ahead| self.peek(ahead) == Some(quote)) {
                self.at += fence;
                break;
            }
            stated.push(c);
            self.next();
            if c == '\\' {
                stated.extend(self.next());
            }
        }
        self.push(Kind::Text(stated), line);
    }

    /// A name, a keyword, a number, or what stands before a text.
    fn word(&mut self) {
        let mut word = String::new();
        while let Some(c) = self.peek(0).filter(|c| is_word(*c)) {
            word.push(c);
            self.next();
        }
        let quote = self.peek(0).filter(|c| matches!(c, '"' | '\''));
        match quote.filter(|_| PREFIXES.contains(&word.to_lowercase().as_str())) {
            Some(quote) => self.text(quote),
            None if word.starts_with(|c: char| c.is_ascii_digit()) => {
                self.push(Kind::Other, self.line);
            }
            None => self.push(Kind::Word(word), self.line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;
    use crate::tokens::{assert_words, words};

    #[track_caller]
    fn has_words(source: &str, expected: &[&str]) {
        assert_words(&tokens(source), expected);
    }

    #[test]
    fn comments_and_text_have_no_names() {
        has_words("a # b \"c\nd 'e # \\' f' \"g '\" '' h \"\" 1e5 0xff i", &["a", "d", "h", "i"]);
    }

    #[test]
    fn what_stands_before_a_text_is_no_name() {
        has_words("a(b'c', Rb\"d\\\"e\", f'{g}', u'h', x='i', nor'j')", &["a", "x", "nor"]);
    }

    #[test]
    fn three_quotes_hold_one_and_two() {
        has_words(
            "a = \"\"\"b \"c\" 'd' # e\n\"\" \\\"\"\" f\"\"\" g '''h\n''' r\"\"\"i\\\"\"\"\" j",
            &["a", "g", "j"],
        );
    }

    #[test]
    fn lines_are_counted_through_all_of_them() {
        let found = words(&tokens("a # b\n'''\n\n''' c\n'd\\\ne' f\ng"));
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 4, 6, 7]);
    }
}
