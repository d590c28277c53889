//! Every sentence that people read, in one list: so that they can be read one after the other, and
//! a change of words is seen as one. `UPDATE_SENTENCES=1` writes it anew. What commands say of
//! themselves is in `docs/reference/commands.md`.

use std::path::Path;
use std::{env, fs};

use crate::scan::without_tests;
use crate::tokens::{Kind, Token, tokens};
use crate::width::files_of_kinds;
use crate::{files, paths, scripts, shown};

/// The list.
pub(crate) const LIST: &str = "docs/development/sentences.md";

/// Where sentences for people stand.
const FOLDERS: [&str; 3] = ["desk/src", "app/src", "server/src"];

/// What HTML has within a sentence.
const WITHIN: [&str; 4] = ["strong", "code", "kbd", "a"];

/// What speaks to the store, to programs and to nobody, is drawn, or is a campus that there is not.
const NOT_FOR_PEOPLE: [&str; 7] = [
    "desk/src/store/",
    "desk/src/engine/campus/",
    "app/src/server/styleguide.rs",
    "app/src/server/pages/document.rs",
    "server/src/kept.rs",
    "server/src/cli/reference.rs",
    "server/src/config/reference.rs",
];

/// What the list should be.
pub(crate) fn list(project: &Path) -> String {
    let mut text = String::from(
        "# Sentences\n\nEvery sentence that people read, by where it stands: made from the \
         sources, do not edit it by hand. Read them as whoever has one of them on the screen; \
         `UPDATE_SENTENCES=1` makes the list anew (`desk/tests/structure/sentences.rs`).\n",
    );
    for path in FOLDERS.into_iter().flat_map(|folder| paths(&project.join(folder))) {
        let file = shown(project, &path);
        if NOT_FOR_PEOPLE.iter().any(|other| file.starts_with(other))
            || file.ends_with("/tests.rs")
            || file.ends_with("_tests.rs")
            || file.contains("/tests/")
        {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap_or_default();
        let tokens = tokens(&source);
        let found: Vec<String> = without_tests(&tokens).into_iter().filter_map(sentence).collect();
        write(&mut text, &file, &found);
    }
    for path in files_of_kinds(&project.join("app/src"), &["html"]) {
        let html = fs::read_to_string(&path).unwrap_or_default();
        write(&mut text, &shown(project, &path), &of_html(&html));
    }
    for path in files_of_kinds(&project.join("app/src"), &["js", "mjs"]) {
        let script = scripts::tokens(&fs::read_to_string(&path).unwrap_or_default());
        let found: Vec<String> = script.iter().filter_map(sentence).collect();
        write(&mut text, &shown(project, &path), &found);
    }
    text
}

fn write(text: &mut String, file: &str, found: &[String]) {
    if !found.is_empty() {
        text.push_str(&format!("\n## `{file}`\n\n"));
        for sentence in found {
            text.push_str(&format!("- {sentence}\n"));
        }
    }
}

/// What a page says, a block a line, pictures in words; blocks of code say nothing.
pub(crate) fn of_html(html: &str) -> Vec<String> {
    let (mut blocks, mut is_code) = (vec![String::new()], false);
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or_default();
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default();
        if name == "pre" {
            is_code = !tag.starts_with('/');
        }
        let alt = tag.split_once("alt=\"").and_then(|(_, rest)| rest.split('"').next());
        blocks.extend(alt.map(str::to_owned));
        if !WITHIN.contains(&name) {
            blocks.push(String::new());
        }
        if let (false, Some(block)) = (is_code, blocks.last_mut()) {
            block.push_str(text);
        }
    }
    let plain = blocks.iter().map(|block| block.split_whitespace().collect::<Vec<_>>().join(" "));
    plain.filter(|block| !block.is_empty()).collect()
}

/// The list as it is, after it was written anew where that was asked for.
pub(crate) fn kept(project: &Path, list: &str) -> String {
    let path = project.join(LIST);
    if env::var_os("UPDATE_SENTENCES").is_some() {
        let _ = fs::write(&path, list);
    }
    fs::read_to_string(path).unwrap_or_default()
}

/// The text of a token, where it is a sentence: words that begin as one does, or end so.
fn sentence(token: &Token) -> Option<String> {
    let Kind::Text(text) = &token.kind else { return None };
    let text = ["strong", "em", "code", "kbd"].into_iter().fold(text.clone(), |text, tag| {
        text.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "")
    });
    let text = text.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
    let has_words =
        text.split(' ').filter(|word| word.chars().any(char::is_alphabetic)).count() > 1;
    let begins = text.starts_with(|c: char| c.is_uppercase() || c == '“');
    let ends = text.ends_with(['.', '?', '!', '…', ':', '”']);
    let is_code =
        ["::", "=>", "<", "; Path", "realm=", "{HEIGHT}"].iter().any(|code| text.contains(code));
    (has_words && (begins || ends) && !is_code).then_some(text)
}

/// Text of views that stands in no quotes: it is in no list.
pub(crate) fn without_quotes(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in files(&project.join("app/src")) {
        let mut depth = 0;
        for (at, token) in file.tokens.iter().enumerate() {
            let begins = depth == 0
                && at > 1
                && file.tokens[at - 1].is('!')
                && file.tokens[at - 2].is_word("view");
            if depth > 0 || begins {
                depth += token.depth();
            }
            // `<p>Some text`, and no `=>`, `->` or name of a type's parts.
            let before = at.checked_sub(1).map(|at| &file.tokens[at]);
            let closes_tag = token.is('>') && !before.is_some_and(|it| it.is('=') || it.is('-'));
            let text = file.tokens.get(at + 1).and_then(Token::word);
            let goes_on =
                file.tokens.get(at + 2).is_some_and(|it| it.word().is_some() || it.is('<'));
            if let (true, true, true, Some(text)) = (depth > 0, closes_tag, goes_on, text) {
                found.push(format!("{}:{}: {text}", shown(project, &file.path), token.line));
            }
        }
    }
    found
}
