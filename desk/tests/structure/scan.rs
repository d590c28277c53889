//! What one file says of modules: which it holds, what they define, and what they name of others.

use std::collections::BTreeSet;

use crate::tokens::Token;

/// A module's path within the crate; the crate itself is the empty one.
pub(crate) type ModulePath = Vec<String>;

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) path: ModulePath,
    pub(crate) file: usize,
    pub(crate) defines: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    pub(crate) paths: Vec<(Vec<String>, usize)>,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// None for a glob.
    pub(crate) name: Option<String>,
    pub(crate) line: usize,
}

/// What one file holds: its modules, first itself, then the inline ones; and the names of modules
/// that are for tests only.
pub(crate) struct Scan {
    pub(crate) modules: Vec<Module>,
    pub(crate) for_tests: Vec<ModulePath>,
}

impl Scan {
    pub(crate) fn of(file: usize, tokens: &[Token], path: &ModulePath) -> Self {
        let module = |path| Module {
            path,
            file,
            defines: BTreeSet::new(),
            imports: Vec::new(),
            paths: Vec::new(),
        };
        let mut scan = Self { modules: vec![module(path.clone())], for_tests: Vec::new() };
        // The modules that are open at this place, and how deep in brackets each began.
        let mut open = vec![(0, 0)];
        let mut depth = 0;
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            let (current, began) = open[open.len() - 1];
            if for_tests(tokens, at) {
                let end = end_of_item(tokens, at);
                let names = tokens[at..end]
                    .windows(2)
                    .filter(|pair| pair[0].is_word("mod"))
                    .filter_map(|pair| pair[1].word());
                scan.for_tests.extend(names.map(|name| joined(&scan.modules[current].path, name)));
                at = end;
                continue;
            }
            depth += token.depth();
            if depth < began {
                open.pop();
            }
            let name = tokens.get(at + 1).and_then(Token::word);
            match (token.word(), name) {
                (Some("mod"), Some(name))
                    if tokens.get(at + 2).is_some_and(|brace| brace.is('{')) =>
                {
                    let inline = module(joined(&scan.modules[current].path, name));
                    scan.modules.push(inline);
                    depth += 1;
                    open.push((scan.modules.len() - 1, depth));
                    at += 2;
                }
                (Some("use"), _) if !tokens.get(at + 1).is_some_and(|next| next.is('<')) => {
                    let end = at
                        + tokens[at..]
                            .iter()
                            .position(|token| token.is(';'))
                            .unwrap_or(tokens.len() - at - 1);
                    import(&tokens[at + 1..end], &[], &mut scan.modules[current].imports);
                    at = end;
                }
                (Some("struct" | "enum" | "trait"), Some(name)) => {
                    scan.modules[current].defines.insert(name.to_owned());
                }
                (Some("fn" | "const" | "static" | "type" | "union"), Some(name))
                    if depth == began =>
                {
                    scan.modules[current].defines.insert(name.to_owned());
                }
                (Some("macro_rules"), _) => {
                    let name = tokens.get(at + 2).and_then(Token::word).map(str::to_owned);
                    scan.modules[current].defines.extend(name);
                }
                (Some(_), _)
                    if tokens.get(at + 1).is_some_and(Token::is_separator)
                        && begins_a_path(tokens, at) =>
                {
                    let path = path_at(&tokens[at..]);
                    at += 2 * path.len() - 2;
                    scan.modules[current].paths.push((path, token.line));
                }
                _ => {}
            }
            at += 1;
        }
        scan
    }
}

fn joined(path: &[String], name: &str) -> ModulePath {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Not a method or a later segment, and not the `in crate::…` that says how far something is
/// visible.
fn begins_a_path(tokens: &[Token], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
    let visibility = before(1).is_some_and(|token| token.is_word("in"))
        && before(2).is_some_and(|token| token.is('('));
    !visibility && !before(1).is_some_and(|token| token.is('.') || token.is_separator())
}

/// `a::b::c`, until something else than a name follows.
fn path_at(tokens: &[Token]) -> Vec<String> {
    let names = tokens.iter().step_by(2).map_while(Token::word);
    let separated =
        tokens.iter().skip(1).step_by(2).take_while(|token| token.is_separator()).count();
    names.take(separated + 1).map(str::to_owned).collect()
}

/// Reads what follows `use`, or one branch of it.
fn import(tokens: &[Token], before: &[String], found: &mut Vec<Import>) {
    let mut path = before.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is('{') {
            for branch in branches(&tokens[at + 1..tokens.len() - 1]) {
                import(branch, &path, found);
            }
            return;
        }
        if token.is('*') {
            return found.push(Import { path, name: None, line: token.line });
        }
        match token.word() {
            Some("as") => break,
            // `a::{self}` is `a`.
            Some("self") if !path.is_empty() => {}
            Some(word) => path.push(word.to_owned()),
            // `::a` is another crate.
            None if token.is_separator() && path.is_empty() => return,
            None => {}
        }
        at += 1;
    }
    let line = tokens.first().map_or(0, |token| token.line);
    let renamed = tokens.get(at + 1).and_then(Token::word).map(str::to_owned);
    let name = renamed.or_else(|| path.last().cloned());
    found.push(Import { path, name, line });
}

/// What stands between the commas of a `use`'s braces.
fn branches(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0;
    let between = tokens.split(|token| {
        depth += token.depth();
        depth == 0 && token.is(',')
    });
    between.filter(|branch| !branch.is_empty()).collect()
}

/// Whether `#[cfg(test)]` or `#[cfg(all(test, …))]` stands here.
fn for_tests(tokens: &[Token], at: usize) -> bool {
    let mark =
        |ahead: usize, mark: char| tokens.get(at + ahead).is_some_and(|token| token.is(mark));
    let word = |ahead: usize| tokens.get(at + ahead).and_then(Token::word);
    let cfg = mark(0, '#') && mark(1, '[') && word(2) == Some("cfg");
    cfg && (word(4) == Some("test") || word(4) == Some("all") && word(6) == Some("test"))
}

/// The tokens that are in no item for tests.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<&Token> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if for_tests(tokens, at) {
            at = end_of_item(tokens, at);
        } else {
            kept.push(&tokens[at]);
            at += 1;
        }
    }
    kept
}

/// The tokens of the items for tests.
pub(crate) fn tests_alone(tokens: &[Token]) -> Vec<&Token> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if for_tests(tokens, at) {
            let end = end_of_item(tokens, at);
            kept.extend(&tokens[at..end]);
            at = end;
        } else {
            at += 1;
        }
    }
    kept
}

/// Where the item ends whose first attribute stands here.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while tokens[at].is('#') && tokens.get(at + 1).is_some_and(|token| token.is('[')) {
        at += 1 + closing(&tokens[at + 1..]);
    }
    let keywords = tokens[at..]
        .iter()
        .filter_map(Token::word)
        .filter(|word| !matches!(*word, "pub" | "crate" | "super" | "in" | "self"));
    let keywords: Vec<&str> = keywords.take(2).collect();
    let to_semicolon = matches!(keywords[..], ["use" | "static" | "let" | "type", ..])
        || matches!(keywords[..], ["const", name] if name != "fn");
    // Variants, fields and arguments end at a comma; what has a comma before its end begins with
    // one of these words.
    let is_item = to_semicolon
        || matches!(
            keywords[..],
            [
                "const"
                    | "fn"
                    | "async"
                    | "unsafe"
                    | "struct"
                    | "enum"
                    | "union"
                    | "trait"
                    | "impl"
                    | "mod"
                    | "macro_rules",
                ..
            ]
        );
    while let Some(token) = tokens.get(at) {
        match token.depth() {
            1 => {
                let braces = token.is('{');
                at += closing(&tokens[at..]);
                if braces && !to_semicolon {
                    return at;
                }
                continue;
            }
            -1 => return at,
            _ => at += 1,
        }
        if token.is(';') || token.is(',') && !is_item {
            return at;
        }
    }
    at
}

/// How many tokens a bracket and all within it are.
fn closing(tokens: &[Token]) -> usize {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += token.depth();
        depth == 0
    });
    end.map_or(tokens.len(), |end| end + 1)
}
