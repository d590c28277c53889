//! From the files that the guide's texts write it is the same as from the database.

use super::fixture::{self, ADDRESS};
use super::{both, imported, is_silent, json};
use crate::support::Latchkey;

/// The texts that the guide gives for SQLite.
const PEOPLE: &str = include_str!("../../../../src/cli/rt/sql/people.sqlite.sql");
const TOKENS: &str = include_str!("../../../../src/cli/rt/sql/tokens.sqlite.sql");

async fn with_files() -> Latchkey {
    let latchkey = both().await;
    let people = fixture::lines(&latchkey, PEOPLE).await;
    assert_eq!(people.lines().count(), 6, "{people}");
    latchkey.write("people.jsonl", &people);
    latchkey.write("tokens.jsonl", &fixture::lines(&latchkey, TOKENS).await);
    latchkey
}

#[tokio::test(flavor = "multi_thread")]
async fn files_bring_what_the_database_brings() {
    let latchkey = with_files().await;
    let plan = |source: &[&str]| {
        json(&latchkey.run(&[&["rt", "import", "--dry-run", "--json"][..], source].concat()))
    };
    let both_files = ["--people", "people.jsonl", "--tokens", "tokens.jsonl"];
    assert_eq!(plan(&both_files), plan(&["--database", ADDRESS]));
    let alone = plan(&["--people", "people.jsonl"]);
    assert_eq!(alone["tokens_new"], 0, "{alone}");
    let tokens = std::fs::read_to_string(latchkey.path("tokens.jsonl")).unwrap();
    let args = ["rt", "import", "--people", "people.jsonl", "--tokens", "-", "--yes"];
    let ended = latchkey.run_with(&args, &tokens);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    is_silent(&ended);
    assert_ne!(imported(&latchkey), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_file_is_told_by_its_line() {
    let latchkey = with_files().await;
    let people = std::fs::read_to_string(latchkey.path("people.jsonl")).unwrap();
    latchkey.write("cut.jsonl", &people[..people.len() - 20]);
    latchkey.write("other.jsonl", &people.replace("\"email\"", "\"mail\""));
    latchkey.write("nobody.jsonl", "\n");
    latchkey.write("names.csv", "rt name,netid\nBob,b o b\n");
    for (args, code, expected) in [
        (&["--people", "cut.jsonl"][..], 1, "cut.jsonl:6: The line ends in the middle"),
        (&["--people", "other.jsonl"], 1, "other.jsonl:1: There is no “email” in it."),
        (&["--people", "tokens.jsonl"], 1, "tokens.jsonl:1: This is of the other file"),
        (&["--people", "people.jsonl", "--map", "names.csv"], 1, "names.csv:2: “b o b”"),
        (&["--people", "nobody.jsonl", "--yes"], 1, "nobody.jsonl: there is nobody in it."),
        (&["--people", "none.jsonl"], 1, "none.jsonl cannot be read"),
        (&["--people", "."], 1, ". is a folder: name a file in it."),
        (&["--people", "-", "--tokens", "-"], 2, "Standard input is one file"),
        (&["--people", "-"], 2, "--yes, or --dry-run"),
        (&["--people", "people.jsonl", "--json"], 2, "--yes, or --dry-run"),
        (&["--tokens", "tokens.jsonl"], 2, "--people"),
    ] {
        let ended = latchkey.run(&[&["rt", "import"][..], args].concat());
        assert_eq!(ended.code, Some(code), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(expected), "{args:?}: {}", ended.err);
        is_silent(&ended);
    }
    assert_eq!(imported(&latchkey), 0);
}
