//! The manual's pages, as the programs read them that show them, where these are installed.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::Latchkey;

/// Programs that read a page and complain of it.
const READERS: [(&str, &[&str]); 2] =
    [("man", &["--warnings", "-E", "UTF-8", "-l"]), ("mandoc", &["-T", "lint", "-W", "warning"])];

#[test]
fn no_reader_complains_of_a_page() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["man", "pages"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let mut pages: Vec<_> =
        fs::read_dir(latchkey.path("pages")).unwrap().map(|page| page.unwrap().path()).collect();
    pages.sort();
    assert_eq!(ended.out, format!("{} pages in pages\n", pages.len()));
    assert!(pages.len() > 20, "{pages:?}");
    for (reader, flags) in READERS {
        for page in &pages {
            let mut command = Command::new(reader);
            command.args(flags).arg(page).stdin(Stdio::null()).env("MANWIDTH", "100");
            let Ok(read) = command.env("LC_ALL", "C.UTF-8").output() else {
                eprintln!("{reader} is not installed: it has read no page.");
                break;
            };
            // A complaint names the page.
            let printed = [read.stdout, read.stderr].map(|text| String::from_utf8(text).unwrap());
            let name = page.display().to_string();
            let complaints: Vec<&str> = printed
                .iter()
                .flat_map(|text| text.lines())
                .filter(|line| line.contains(&name) || line.starts_with("man:"))
                .collect();
            assert!(complaints.is_empty(), "{reader}: {complaints:?}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let latchkey = Latchkey::new();
    latchkey.write("plain", "");
    let ended = latchkey.run(&["man", "plain/pages"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("plain/pages cannot be written: "), "{}", ended.err);
}
