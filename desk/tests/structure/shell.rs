//! Scripts of the shell as tokens: enough of them to tell names of functions and variables from
//! comments, text and files. What is put into a text in quotes is read as code is; what is put into
//! a document that stands in the script is not: the name has been made elsewhere.

use crate::tokens::{Kind, Token, is_word};

/// What joins a word to what stands before it: it is part of an option, a path or a value.
const JOINS_BEFORE: &str = "-./:@,~%*?^=+{}\"'\\";

/// What joins a word to what follows.
const JOINS_AFTER: &str = "-./:@,~%*?^{}\"'$`\\";

/// All tokens of a script.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        found: Vec::new(),
        documents: Vec::new(),
    };
    reader.code(None);
    reader.found
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Token>,
    /// What ends the documents that begin on the next line, and whether tabs may stand before it.
    documents: Vec<(String, bool)>,
}

/// What is open within a command.
#[derive(PartialEq)]
enum Open {
    Parenthesis,
    /// Its patterns end with a parenthesis that opens nowhere.
    Case,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn before(&self) -> Option<char> {
        self.chars.get(self.at.checked_sub(1)?).copied()
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

    /// To the end, or to the mark that closes a command within another.
    fn code(&mut self, closes: Option<char>) {
        let mut open = Vec::new();
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('\n', _) => self.line_end(),
                ('#', _) if self.begins_word() => self.comment(),
                ('\\', _) => self.skip(2),
                ('\'', _) => self.plain_text(),
                ('"', _) => self.text(),
                ('$', _) => self.expansion(false),
                ('<', Some('<')) => self.document(),
                ('(', Some('(')) => self.arithmetic(),
                (mark, _) if closes == Some(mark) && open.is_empty() => return self.skip(1),
                ('`', _) => self.command('`'),
                (letter, _) if is_word(letter) => self.word(&mut open),
                (mark, _) => {
                    self.next();
                    match mark {
                        '(' => open.push(Open::Parenthesis),
                        ')' => drop(open.pop_if(|last| *last == Open::Parenthesis)),
                        _ => {}
                    }
                    if !mark.is_whitespace() {
                        self.push(Kind::Mark(mark), self.line);
                    }
                }
            }
        }
    }

    fn skip(&mut self, chars: usize) {
        for _ in 0..chars {
            self.next();
        }
    }

    fn begins_word(&self) -> bool {
        self.before().is_none_or(|before| before.is_whitespace() || ";&|()`".contains(before))
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.next();
        }
    }

    /// What stands in single quotes: nothing is put in.
    fn plain_text(&mut self) {
        let line = self.line;
        self.next();
        while self.next().is_some_and(|c| c != '\'') {}
        self.push(Kind::Other, line);
    }

    /// `$'…'`, in which a quote can be escaped.
    fn escaped_text(&mut self) {
        let line = self.line;
        self.next();
        while let Some(c) = self.next().filter(|c| *c != '\'') {
            if c == '\\' {
                self.next();
            }
        }
        self.push(Kind::Other, line);
    }

    fn text(&mut self) {
        let line = self.line;
        self.next();
        while let Some(c) = self.peek(0).filter(|c| *c != '"') {
            match c {
                '\\' => self.skip(2),
                '$' => self.expansion(true),
                '`' => self.command('`'),
                _ => self.skip(1),
            }
        }
        self.next();
        self.push(Kind::Other, line);
    }

    /// A command within another, past what opens it.
    fn command(&mut self, closes: char) {
        self.next();
        self.code(Some(closes));
    }

    /// What a dollar puts in.
    fn expansion(&mut self, in_text: bool) {
        self.next();
        match (self.peek(0), self.peek(1)) {
            (Some('('), Some('(')) => self.arithmetic(),
            (Some('('), _) => self.command(')'),
            (Some('{'), _) => self.braces(in_text),
            (Some('\''), _) if !in_text => self.escaped_text(),
            (Some(letter), _) if is_word(letter) => self.name(),
            (Some('?' | '#' | '@' | '!' | '$' | '*' | '-'), _) => self.skip(1),
            _ => {}
        }
    }

    /// `${name…}`: what follows the name is text, but for what is put into it in its turn.
    fn braces(&mut self, in_text: bool) {
        self.next();
        if matches!((self.peek(0), self.peek(1)), (Some('!' | '#'), Some(c)) if is_word(c)) {
            self.next();
        }
        self.name();
        while let Some(c) = self.peek(0).filter(|c| *c != '}') {
            match c {
                '\\' => self.skip(2),
                '$' => self.expansion(in_text),
                '"' => self.text(),
                '\'' if !in_text => self.plain_text(),
                '`' => self.command('`'),
                _ => self.skip(1),
            }
        }
        self.next();
    }

    /// `((…))`, in which each word is a name and `<<` begins no document.
    fn arithmetic(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            match c {
                '$' => self.expansion(false),
                '"' => self.text(),
                '`' => self.command('`'),
                letter if is_word(letter) => self.name(),
                mark => {
                    self.next();
                    match mark {
                        '(' => depth += 1,
                        ')' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    if depth == 0 {
                        return;
                    }
                }
            }
        }
    }

    /// `<<END` and `<<-'END'`; what stands at `<<<` is a word as others are.
    fn document(&mut self) {
        self.skip(2);
        if self.peek(0) == Some('<') {
            return self.skip(1);
        }
        let has_tabs = self.peek(0) == Some('-');
        self.skip(usize::from(has_tabs));
        while self.peek(0).is_some_and(|c| c == ' ' || c == '\t') {
            self.next();
        }
        let mut end = String::new();
        while let Some(c) = self.peek(0).filter(|c| !c.is_whitespace() && !";&|()<>".contains(*c)) {
            end.extend(Some(c).filter(|c| !matches!(c, '"' | '\'' | '\\')));
            self.next();
        }
        self.documents.push((end, has_tabs));
    }

    /// Past the line's end, and the documents that begin there.
    fn line_end(&mut self) {
        self.next();
        for (end, has_tabs) in std::mem::take(&mut self.documents) {
            while self.peek(0).is_some() {
                let mut line = String::new();
                while let Some(c) = self.next().filter(|c| *c != '\n') {
                    line.push(c);
                }
                let line = if has_tabs { line.trim_start_matches('\t') } else { &line };
                if line == end {
                    break;
                }
            }
        }
    }

    /// A bare word: a name where it stands by itself or something is assigned to it.
    fn word(&mut self, open: &mut Vec<Open>) {
        let joined = |c: Option<char>, marks: &str| c.is_some_and(|c| marks.contains(c));
        let is_part = joined(self.before(), JOINS_BEFORE);
        let word = self.letters();
        if is_part || joined(self.peek(0), JOINS_AFTER) {
            return self.push(Kind::Other, self.line);
        }
        match word.as_str() {
            "case" => open.push(Open::Case),
            "esac" => drop(open.pop_if(|last| *last == Open::Case)),
            _ => {}
        }
        self.push_word(word);
    }

    /// A name wherever it stands.
    fn name(&mut self) {
        let word = self.letters();
        self.push_word(word);
    }

    fn letters(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek(0).filter(|c| is_word(*c)) {
            word.push(c);
            self.next();
        }
        word
    }

    fn push_word(&mut self, word: String) {
        let is_name = word.starts_with(|c: char| !c.is_ascii_digit());
        self.push(if is_name { Kind::Word(word) } else { Kind::Other }, self.line);
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
        has_words(
            "a # b 'c\nd 'e \" f' \"g 'h # \\\" i\" j#k $'l\\'m' n",
            &["a", "d", "j", "k", "n"],
        );
        has_words("a \\' b \\\" c; # d\n(# e '\nf)", &["a", "b", "c", "f"]);
    }

    #[test]
    fn what_is_put_into_a_text_has() {
        has_words(
            "\"a $b ${c} ${d:-e} ${#f} ${!g} \\$h ${i:-\"j $k\"} $1 $# ${l%'} $(m \"n $o\") p\" q",
            &["b", "c", "d", "f", "g", "i", "k", "l", "m", "o", "q"],
        );
        has_words("a `b \"$c\"` d ${e:-'}'} f", &["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn options_paths_and_values_are_no_names() {
        has_words(
            "a=b c+=d e[0]=f --g -h=i j/k l.m n: \"$o\"p q\"r\" s$t {u,v}",
            &["a", "c", "e", "o", "t"],
        );
    }

    #[test]
    fn a_document_has_none() {
        has_words(
            "a <<END && b <<-'T'\nc ' \"\nEND\nd\n\tT\ne <<<f <<X\nX y\nX\ng",
            &["a", "b", "e", "f", "g"],
        );
        has_words("a=\"$(b <<END\nc )\nEND\n)\" d", &["a", "b", "d"]);
    }

    #[test]
    fn arithmetic_begins_no_document() {
        has_words(
            "((a = b << c, d))\n$((e << (f + 16#ff) * ${#g})) h\ni",
            &["a", "b", "c", "d", "e", "f", "ff", "g", "h", "i"],
        );
    }

    #[test]
    fn a_pattern_closes_no_command() {
        has_words(
            "\"$(case $a in b) c ;; (d) (e) ;; esac; f) g\" h \"i\"",
            &["case", "a", "in", "b", "c", "d", "e", "esac", "f", "h"],
        );
    }

    #[test]
    fn lines_are_counted_through_all_of_them() {
        let found = words(&tokens("a 'b\nc' \"\n$d\n\" \\\ne <<F\n\nF\ng"));
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 5, 8]);
    }
}
