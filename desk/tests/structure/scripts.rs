//! TypeScript and JavaScript as tokens: enough of them to tell names from comments, text and
//! expressions. What stands in a template's `${…}` is read as code is.

use crate::tokens::{Kind, Token, is_word};

/// Words after which a slash begins an expression, as after most marks.
const BEFORE_EXPRESSIONS: [&str; 9] =
    ["return", "typeof", "case", "of", "in", "await", "else", "do", "void"];

/// All tokens of a script.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, line: 1, found: Vec::new() };
    reader.code(None);
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

    /// To the end, or to the brace that closes what is open in a template.
    fn code(&mut self, closes: Option<char>) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.skip_to("\n"),
                ('/', Some('*')) => self.skip_to("*/"),
                ('/', _) if self.begins_expression() => self.expression(),
                ('"' | '\'', _) => self.text(c),
                ('`', _) => self.template(),
                (letter, _) if is_word(letter) => self.word(),
                (mark, _) => {
                    self.next();
                    if closes == Some(mark) && depth == 0 {
                        return;
                    }
                    match mark {
                        '{' => depth += 1,
                        '}' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    if !mark.is_whitespace() {
                        self.push(Kind::Mark(mark), self.line);
                    }
                }
            }
        }
    }

    fn push(&mut self, kind: Kind, line: usize) {
        self.found.push(Token { kind, line });
    }

    fn skip_to(&mut self, end: &str) {
        let end: Vec<char> = end.chars().collect();
        while self.at < self.chars.len() && !self.chars[self.at..].starts_with(&end) {
            self.next();
        }
        for _ in end {
            self.next();
        }
    }

    /// Whether this slash divides nothing.
    fn begins_expression(&self) -> bool {
        match self.found.last().map(|token| &token.kind) {
            None => true,
            Some(Kind::Mark(mark)) => !matches!(mark, ')' | ']' | '}'),
            Some(Kind::Word(word)) => BEFORE_EXPRESSIONS.contains(&word.as_str()),
            Some(_) => false,
        }
    }

    /// A slash within brackets ends it no more than one that is escaped.
    fn expression(&mut self) {
        let (line, mut in_brackets) = (self.line, false);
        self.next();
        while let Some(c) = self.next() {
            match c {
                '\\' => drop(self.next()),
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                '/' if !in_brackets => break,
                _ => {}
            }
        }
        while self.peek(0).is_some_and(is_word) {
            self.next();
        }
        self.push(Kind::Other, line);
    }

    fn text(&mut self, quote: char) {
        let (line, mut stated) = (self.line, String::new());
        self.next();
        while let Some(c) = self.next().filter(|c| *c != quote) {
            stated.push(c);
            if c == '\\' {
                stated.extend(self.next());
            }
        }
        self.push(Kind::Text(stated), line);
    }

    fn template(&mut self) {
        let (line, mut stated) = (self.line, String::new());
        self.next();
        while let Some(c) = self.next().filter(|c| *c != '`') {
            match (c, self.peek(0)) {
                ('\\', _) => drop(self.next()),
                ('$', Some('{')) => {
                    self.next();
                    self.push(Kind::Mark('{'), self.line);
                    self.code(Some('}'));
                    self.push(Kind::Mark('}'), self.line);
                }
                (c, _) => stated.push(c),
            }
        }
        self.push(Kind::Text(stated), line);
    }

    /// A name, a keyword or a number.
    fn word(&mut self) {
        let mut word = String::new();
        while let Some(c) = self.peek(0).filter(|c| is_word(*c)) {
            word.push(c);
            self.next();
        }
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        self.push(if is_number { Kind::Other } else { Kind::Word(word) }, self.line);
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
        has_words("a // b\n/* c\n * d // */ e 'f' \"g '\" '\\' h' i", &["a", "e", "i"]);
    }

    #[test]
    fn what_a_template_puts_in_has() {
        has_words(
            "`a ${b} c \\`${d.map((e) => `f${e}`)} \\${g} ${{ h: '}' }}` i",
            &["b", "d", "map", "e", "e", "h", "i"],
        );
    }

    #[test]
    fn an_expression_is_told_from_a_division() {
        has_words("a = /b'[/c]\\/d/gi; e", &["a", "e"]);
        has_words("return /b'/.test(c); (/d\"/u)", &["return", "test", "c"]);
        has_words("a / b / 2 / (c) / d[e] / f", &["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn lines_are_counted_through_all_of_them() {
        let found = words(&tokens("a /*\n*/ `\n${b}\n` c\n'd' e"));
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }
}
