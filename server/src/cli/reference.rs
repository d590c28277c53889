//! The reference pages of the commands and of the audit, made from the program and held against the
//! files in the tree; and every command that a document or a sentence of the program writes down is
//! one that there is.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};
use desk::{AuditAction, Outcome};

use super::{Cli, exit};
use crate::kept::{blocks, documents, holds, sources};

const BY_HAND: &str = "do not edit it by hand.";

/// How wide `--help` is at most.
const COLUMNS: usize = 100;

fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut text = format!(
        "# Commands\n\nMade from the program's own commands (`server/src/cli/`): {BY_HAND}\n\
         `latchkey COMMAND --help` says the same.\n\n## Everywhere\n\n"
    );
    options(&mut text, cli.get_arguments());
    let _ = write!(text, "\n```text\n{}\n```\n", exit::CODES.trim());
    for command in cli.get_subcommands() {
        one(&mut text, "latchkey", command);
    }
    text
}

fn one(text: &mut String, before: &str, command: &Command) {
    if command.get_name() == "help" || command.is_hide_set() {
        return;
    }
    let name = format!("{before} {}", command.get_name());
    // Of most nouns only what is below them is a command.
    if !command.is_subcommand_required_set() {
        itself(text, &name, command);
    }
    command.get_subcommands().for_each(|below| one(text, &name, below));
}

fn itself(text: &mut String, name: &str, command: &Command) {
    let _ = write!(text, "\n## `{name}`\n\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    let _ = writeln!(text, "{}\n", about.map(ToString::to_string).unwrap_or_default());
    let _ = write!(text, "```text\n{}\n```\n", usage(command, name));
    let own: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_global_set()).collect();
    if own.iter().any(|arg| is_shown(arg)) {
        text.push('\n');
        options(text, own.into_iter());
    }
    if let Some(below) = command.get_after_help() {
        let _ = write!(text, "\n```text\n{}```\n", wrapped(&below.to_string()));
    }
}

/// A line that is longer than a terminal's is broken, as `--help` breaks it.
fn wrapped(text: &str) -> String {
    let mut broken = String::new();
    for line in text.trim().lines() {
        let mut columns = 0;
        for (at, word) in line.split(' ').enumerate() {
            let wide = word.chars().count();
            if at > 0 && columns + 1 + wide > COLUMNS {
                broken.push('\n');
                columns = 0;
            } else if at > 0 {
                broken.push(' ');
                columns += 1;
            }
            broken.push_str(word);
            columns += wide;
        }
        broken.push('\n');
    }
    broken
}

fn usage(command: &Command, name: &str) -> String {
    let mut usage = name.to_owned();
    for arg in command.get_arguments().filter(|arg| !arg.is_global_set() && is_shown(arg)) {
        let written = arg.to_string();
        let needed = arg.is_required_set();
        let _ = if needed || arg.is_positional() {
            write!(usage, " {written}")
        } else {
            write!(usage, " [{written}]")
        };
    }
    usage
}

fn is_shown(arg: &Arg) -> bool {
    !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str())
}

fn options<'a>(text: &mut String, args: impl Iterator<Item = &'a Arg>) {
    text.push_str("| | |\n|---|---|\n");
    for arg in args.filter(|arg| is_shown(arg)) {
        let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
        let written = format!("{short}{arg}");
        let _ = writeln!(
            text,
            "| `{}` | {} |",
            written.replace('|', "\\|"),
            help_text(arg).replace('|', "\\|")
        );
    }
}

/// What `--help` says of it.
fn help_text(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let mut help_text = help.map(ToString::to_string).unwrap_or_default();
    for value in arg.get_possible_values() {
        let what = value.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = write!(help_text, ". `{}`: {what}", value.get_name());
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(help_text, " [env: {}]", variable.to_string_lossy());
    }
    // A flag's is that it is not said.
    if arg.get_action().takes_values() {
        for value in arg.get_default_values().iter().filter(|value| !value.is_empty()) {
            let _ = write!(help_text, " [default: {}]", value.to_string_lossy());
        }
    }
    help_text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn audit() -> String {
    let mut text = format!(
        "# What the audit tells\n\nMade from the program's own list (`desk/src/audit_action.rs`): \
         {BY_HAND}\nThe codes are what files and the filter of the page Audit have; they never \
         change.\n\n| code | done | refused |\n|---|---|---|\n"
    );
    for action in AuditAction::ALL {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            action.code(),
            action.words(Outcome::Done),
            action.words(Outcome::Refused)
        );
    }
    text
}

#[test]
fn the_page_of_the_commands_is_of_these_commands() {
    holds("docs/reference/commands.md", &commands());
}

/// What is broken by hand must not be broken again: a line of its own fits, and a longer one is a
/// whole paragraph.
#[test]
fn the_text_below_a_commands_help_is_broken_once() {
    fn visit(command: &Command) {
        let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = below.lines().collect();
        for (at, line) in
            lines.iter().enumerate().filter(|(_, line)| line.chars().count() > COLUMNS)
        {
            let next = lines.get(at + 1).copied().unwrap_or_default();
            assert!(
                !line.starts_with(' ') && (next.is_empty() || next.starts_with(' ')),
                "{}: {line}",
                command.get_name()
            );
        }
        command.get_subcommands().for_each(visit);
    }
    visit(&Cli::command());
}

#[test]
fn the_page_of_the_audit_is_of_these_actions() {
    holds("docs/reference/audit.md", &audit());
}

/// Splits a line of a shell as far as documents write them: words, quotes, and a comment at the
/// end.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => (quote, word) = (Some(c), Some(word.unwrap_or_default())),
            ('#', None) if word.is_none() => break,
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Whether it is a command as one types it.
fn try_parse(line: &str) -> Result<Cli, String> {
    let mut words = words(line.trim());
    // What stands behind a redirection or a pipe is the shell's.
    let shells = |word: &String| matches!(word.as_str(), ">" | "|" | "<" | "&&" | ";");
    if let Some(end) = words.iter().position(shells) {
        words.truncate(end);
    }
    <Cli as clap::Parser>::try_parse_from(&words).map_err(|error| error.to_string())
}

#[test]
fn every_command_in_a_document_is_one_that_there_is() {
    let mut seen = 0;
    for (path, text) in documents() {
        for line in blocks(&text, "sh")
            .map(|block| block.replace("\\\n", " "))
            .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        {
            // The same as its service runs it.
            if ["latchkey ", "latchkey-service "].iter().any(|by| line.trim().starts_with(by)) {
                seen += 1;
                assert_eq!(try_parse(&line).err(), None, "{}: {line}", path.display());
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn what_is_read_of_documents_is_what_a_shell_reads() {
    assert_eq!(
        words("latchkey user show \"a b\" 'c d' # why"),
        ["latchkey", "user", "show", "a b", "c d"]
    );
    assert_eq!(words("curl -d 'token=x#y' ''"), ["curl", "-d", "token=x#y", ""]);
    let text = "```sh\none\n```\n  ```toml\n  [a]\n  ```\n```sh\ntwo\n```\n";
    assert_eq!(blocks(text, "sh").collect::<Vec<_>>(), ["one\n", "two\n"]);
    assert_eq!(blocks(text, "toml").collect::<Vec<_>>(), ["  [a]\n"]);
}

/// A module of tests stands at a file's end; one in a file of its own ends nothing.
fn before_tests(source: &str) -> &str {
    let opens_module = |after: &str| {
        let mut lines = after.lines().skip(1).map(str::trim);
        let item = lines.find(|line| !line.starts_with("#[")).unwrap_or_default();
        item.split_whitespace().any(|word| word == "mod") && item.ends_with('{')
    };
    let tests = source.match_indices("#[cfg(test)]").find(|(at, _)| opens_module(&source[*at..]));
    tests.map_or(source, |(at, _)| &source[..at])
}

/// The command lines that the sentences of a source name: in `…`, at the end of a sentence, or in a
/// line of their own. What is filled in is there as somebody's NetID.
fn named(source: &str) -> Vec<String> {
    let source = before_tests(source);
    let mut text = String::new();
    for line in source.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
        // A text goes on in the next line.
        match line.strip_suffix('\\') {
            Some(started) => text.push_str(started),
            None => _ = writeln!(text, "{line}"),
        }
    }
    let mut named = Vec::new();
    for (at, begin) in text.match_indices("latchkey ") {
        let (before, rest) = (&text[..at], &text[at + begin.len()..]);
        let ends = if before.ends_with('`') {
            &['`'][..]
        } else if before.ends_with(": ") {
            &['"'][..]
        } else if before.ends_with('\n') || before.ends_with("  ") {
            &['"', '\n'][..]
        } else {
            continue;
        };
        let line = rest.split(ends).next().unwrap_or_default();
        let filled =
            line.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, end)| end));
        named.push(format!("latchkey {}", filled.collect::<Vec<_>>().join("sam")));
    }
    named
}

#[test]
fn every_command_in_a_sentence_is_one_that_there_is() {
    let mut seen = 0;
    let is_test = |path: &Path| {
        path.ends_with("reference.rs")
            || path.components().any(|part| part.as_os_str() == "tests")
            || path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("tests.rs"))
    };
    for (path, source) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        for line in named(&source) {
            seen += 1;
            let why = try_parse(&line).err();
            assert_eq!(why, None, "{}: {line}", path.display());
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn what_is_read_of_sentences_is_what_a_person_would_type() {
    let source = [
        "#[cfg(test)]",
        "mod reference;",
        "// `latchkey x`",
        "\"Such as:",
        "  latchkey routes > file\";",
        "error(\"see `latchkey audit \\",
        "    verify` and `ulimit`\");",
        "format!(\"They run: latchkey user open {netid}\");",
        "\"in use by another latchkey process\"",
        "#[cfg(test)]",
        "#[expect(clippy::unwrap_used)]",
        "mod tests {",
        "\"`latchkey y`\"",
    ];
    let source = &source.join("\n");
    assert_eq!(
        named(source),
        ["latchkey routes > file", "latchkey audit verify", "latchkey user open sam"]
    );
}
