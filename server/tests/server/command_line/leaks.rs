//! `latchkey token identify`, which says whose a string is, and `latchkey scan`, which finds tokens
//! in files without any store.

use std::os::unix::fs::symlink;

use serde_json::Value;

use super::restoring::{in_store, made, run};
use crate::support::Latchkey;

/// A token of nobody's whose checksum is right; in two, so that nobody takes this for a leak.
const GOOD: [&str; 2] = ["latchkey_", "ThisOneIsMadeForTestsAndNobody1nl6nP"];

/// Its files are let go of a moment after the last handle.
fn identified(latchkey: &Latchkey, text: &str, more: &[&str]) -> (Option<i32>, String) {
    let args = [&["token", "identify", "--token-stdin"][..], more].concat();
    loop {
        let ended = latchkey.run_with(&args, text);
        if !ended.err.contains("in use") {
            return (ended.code, ended.out);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_string_that_was_found_is_identified_and_nothing_of_it_is_printed() {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| made(desk, &["nora"]).await).await;
    let (code, words) = identified(&latchkey, &format!(" {} \n", tokens[0]), &[]);
    assert_eq!(code, Some(0), "{words}");
    for line in ["owner        nora (nora)", "description  a script", "state        works"] {
        assert!(words.lines().any(|shown| shown == line), "{line}: {words}");
    }
    assert!(words.contains("last used    never") && !words.contains("latchkey_"), "{words}");
    let (code, text) = identified(&latchkey, &tokens[0], &["--json"]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!((&value["owner"], &value["works"]), (&"nora".into(), &true.into()), "{text}");
    assert!(!text.contains(&tokens[0]));
    let looks = run(&latchkey, &["audit", "tail", "--action", "token.see"]).out;
    assert!(looks.contains("nora") && looks.contains("a script"), "{looks}");
    let revoked = run(&latchkey, &["token", "revoke", "nora", "--all"]);
    assert_eq!(revoked.code, Some(0), "{}", revoked.err);
    let (code, words) = identified(&latchkey, &tokens[0], &[]);
    assert!(code == Some(0) && words.contains("state        revoked "), "{words}");
    let (code, words) = identified(&latchkey, &GOOD.concat(), &[]);
    assert!(code == Some(4) && words.contains("by its form and checksum"), "{words}");
    let (code, words) = identified(&latchkey, "latchkey_nonsense", &[]);
    assert!(code == Some(4) && words.starts_with("No token of any Latchkey"), "{words}");
    let (code, text) = identified(&latchkey, "latchkey_nonsense", &["--json"]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &value["is_token"]), (Some(4), &false.into()));
}

#[test]
fn a_token_is_found_in_files_by_its_place_and_its_first_characters() {
    let latchkey = Latchkey::new();
    let good = GOOD.concat();
    std::fs::create_dir_all(latchkey.path("tree/.hidden/deep")).unwrap();
    latchkey.write("tree/a.txt", &format!("nothing\n  TOKEN={good}\n{good} {good}\n"));
    latchkey.write("tree/.hidden/deep/.env", &format!("T={good}"));
    latchkey.write("tree/clean.txt", "latchkey_ and latchkey_nonsense\n");
    latchkey.write("tree/binary", &format!("\u{7f}ELF\0{good}"));
    latchkey.write("outside", &good);
    symlink(latchkey.path("outside"), latchkey.path("tree/link")).unwrap();
    let ended = latchkey.run(&["scan", "tree"]);
    assert_eq!(ended.code, Some(3));
    let (first, rest) = ended.err.split_once(". ").expect("a count, and what to do");
    assert_eq!(first, "latchkey: found in 4 places");
    for named in ["Settings → Auth Tokens", "/leaks", "`latchkey token identify`"] {
        assert!(rest.contains(named), "{named}: {rest}");
    }
    let expected = "tree/.hidden/deep/.env:1:3: latchkey_This…\n\
        tree/a.txt:2:9: latchkey_This…\n\
        tree/a.txt:3:1: latchkey_This…\n\
        tree/a.txt:3:47: latchkey_This…\n";
    assert_eq!(ended.out, expected);
    // What is named is looked at, by whatever it is named.
    let ended = latchkey.run(&["scan", "tree/clean.txt", "tree/link"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), "tree/link:1:1: latchkey_This…\n"));
    assert!(ended.err.starts_with("latchkey: found in 1 place. "), "{}", ended.err);
    let ended = latchkey.run(&["scan", "--json", "tree/.hidden"]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.code, ended.err.as_str()), (Some(3), ""), "a program knows what to do");
    let expected = serde_json::json!([{
        "file": "tree/.hidden/deep/.env", "line": 1, "column": 3, "begins": "latchkey_This",
    }]);
    assert_eq!(found, expected);
}

#[test]
fn what_may_be_a_token_of_request_tracker_s_is_found_where_it_is_asked_for() {
    let latchkey = Latchkey::new();
    let old = "1-14-ac7938d40cfc2307e2bf325d28e7884e";
    latchkey.write("cron", &format!("TOKEN={old}\nT={}\n", GOOD.concat()));
    let ended = latchkey.run(&["scan", "cron"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), "cron:2:3: latchkey_This…\n"));
    let ended = latchkey.run(&["scan", "--request-tracker", "cron"]);
    let expected = "cron:1:7: 1-14-ac79… may be a token of Request Tracker’s\n\
        cron:2:3: latchkey_This…\n";
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), expected));
    let ended = latchkey.run(&["scan", "--request-tracker", "--json", "cron"]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found[0]["may_be"], "request-tracker", "{found}");
    assert!(found[1].get("may_be").is_none() && !ended.out.contains(old), "{found}");
}

#[test]
fn where_there_is_none_it_says_nothing_and_what_cannot_be_read_is_named() {
    let latchkey = Latchkey::new();
    latchkey.write("clean", "latchkey_\n");
    // A configuration that is wrong is none of its business.
    latchkey.write("latchkey.toml", "nonsense");
    let ended = latchkey.run(&["scan", "clean"]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), "", ""));
    let ended = latchkey.run(&["scan", "--json", "clean"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "[]\n"));
    let ended = latchkey.run(&["scan", "clean", "missing"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.starts_with("latchkey: missing cannot be read: "), "{}", ended.err);
    let input = format!("+TOKEN={}\n", GOOD.concat());
    let ended = latchkey.run_with(&["scan", "missing", "-"], &input);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), "-:1:8: latchkey_This…\n"));
    assert_eq!(latchkey.run(&["scan"]).code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_string_that_is_identified_is_longer_than_a_line() {
    let latchkey = Latchkey::new();
    in_store(&latchkey, async |desk| made(desk, &["nora"]).await).await;
    let args = ["token", "identify", "--token-stdin"];
    let ended = latchkey.run_with(&args, &"x".repeat(4096 + 1));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("is longer than 4 KiB"), "{}", ended.err);
    let (code, words) = identified(&latchkey, &"x".repeat(4096), &[]);
    assert!(code == Some(4) && words.starts_with("No token of any Latchkey"), "{words}");
}

#[test]
fn where_the_system_shows_itself_nothing_is_looked_into_but_files_that_are_named() {
    let latchkey = Latchkey::new();
    let ended = latchkey.run(&["scan", "/proc", "/proc/self/task"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    for folder in ["/proc", "/proc/self/task"] {
        assert!(ended.err.contains(&format!("{folder} is not looked into: ")), "{}", ended.err);
    }
    symlink("/proc/self", latchkey.path("self")).unwrap();
    let ended = latchkey.run(&["scan", "self"]);
    assert!(
        ended.code == Some(1) && ended.err.contains("self is not looked into"),
        "{}",
        ended.err
    );
    let ended = latchkey.run(&["scan", "/proc/self/environ"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    latchkey.write("environ", &format!("HOME=/\0TOKEN={}\0", GOOD.concat()));
    let ended = latchkey.run(&["scan", "environ"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(3), "environ:1:14: latchkey_This…\n"));
}

#[test]
fn a_text_of_any_size_is_looked_through() {
    let latchkey = Latchkey::new();
    let good = GOOD.concat();
    // So that it stands across the border of what is read at once, in one line of megabytes.
    let before = "x".repeat(3 * 64 * 1024 - 20);
    let text = format!("{before}{good}{}\n{good}", "y".repeat(1024 * 1024));
    latchkey.write("large", &text);
    let ended = latchkey.run(&["scan", "large"]);
    let first = format!("large:1:{}: latchkey_This…\n", before.len() + 1);
    assert_eq!((ended.code, ended.out), (Some(3), format!("{first}large:2:1: latchkey_This…\n")));
}
