//! A plan changes nothing; an import brings in what can come; another one brings nothing twice.

use super::fixture::{self, ADDRESS};
use super::{audit, both, imported, is_silent, json};
use crate::support::Latchkey;

const DRY_RUN: [&str; 5] = ["rt", "import", "--database", ADDRESS, "--dry-run"];
const IMPORT: [&str; 5] = ["rt", "import", "--database", ADDRESS, "--yes"];

/// The names of which one is an e-mail address, and one is to stay behind.
const MAP: &str = "rt name;netid\nZOÉ.Müller@example.org;zoe\ndave;\nnobody@example.org;x\n";

fn tokens(latchkey: &Latchkey, netid: &str) -> serde_json::Value {
    json(&latchkey.run(&["token", "list", netid, "--format", "json"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_who_comes_and_who_cannot_and_changes_nothing() {
    let latchkey = both().await;
    let before = (audit(&latchkey), latchkey.run(&["user", "list"]).out);
    let ended = latchkey.run(&DRY_RUN);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    is_silent(&ended);
    for line in ["alice", "2 tokens", "local password", "zoé.müller@example.org", "--map"] {
        assert!(ended.out.contains(line), "{line}: {}", ended.out);
    }
    assert!(ended.out.trim_end().ends_with("Nothing was written."), "{}", ended.out);
    for other in ["RT_System", "Nobody"] {
        assert!(!ended.out.contains(other), "{}", ended.out);
    }
    let plan = json(&latchkey.run(&[&DRY_RUN[..], &["--json"]].concat()));
    let people = plan["people"].as_array().unwrap();
    let alice = people.iter().find(|person| person["netid"] == "alice").unwrap();
    assert_eq!(
        (alice["tokens"].as_u64(), alice["brings_password"].as_bool()),
        (Some(2), Some(true))
    );
    let left_out = plan["left_out"].as_array().unwrap();
    assert!(left_out.iter().any(|left| left["rt_name"] == "root"), "{plan}");
    let without = json(&latchkey.run(&[&DRY_RUN[..], &["--json", "--no-passwords"]].concat()));
    let people = without["people"].as_array().unwrap();
    assert!(people.iter().all(|person| person["brings_password"] == false), "{without}");
    assert_eq!((audit(&latchkey), latchkey.run(&["user", "list"]).out), before);
    assert_eq!(imported(&latchkey), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_makes_no_store() {
    let latchkey = Latchkey::new();
    fixture::of_version_5(&latchkey).await;
    let ended = latchkey.run(&DRY_RUN);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("no store") && ended.out.contains("alice"), "{}", ended.err);
    assert!(!latchkey.path("data").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_come_comes_once() {
    let latchkey = both().await;
    latchkey.write("names.csv", MAP);
    let mapped = [&IMPORT[..], &["--map", "names.csv"]].concat();
    let ended = latchkey.run(&mapped);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    is_silent(&ended);
    assert!(ended.err.contains("nobody is called “nobody@example.org”"), "{}", ended.err);
    let alice = json(&latchkey.run(&["user", "show", "alice", "--json"]));
    assert_eq!(alice["user"]["name"], "Alice Döe", "{alice}");
    assert_eq!(alice["user"]["email"], "alice@example.org", "{alice}");
    let zoe = tokens(&latchkey, "zoe");
    assert_eq!(zoe[0]["description"], "reports", "{zoe}");
    let found = tokens(&latchkey, "alice");
    let descriptions: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["description"].as_str().unwrap())
        .collect();
    assert!(descriptions.contains(&"night “backup”"), "{found}");
    // A line end is none of a description's.
    let is_of_mail = |text: &&&str| text.starts_with("mail") && !text.contains('\n');
    assert_eq!(descriptions.iter().filter(is_of_mail).count(), 1, "{found}");
    assert_eq!(latchkey.run(&["user", "show", "dave"]).code, Some(3), "left out by the map");
    let many = imported(&latchkey);
    assert!(many.as_u64() >= Some(3), "{many}");
    let named = json(&latchkey.run(&["token", "list", "--from-request-tracker", "--json"]));
    assert_eq!(named.as_array().map(|named| named.len() as u64), many.as_u64(), "{named}");
    assert_eq!(named[0]["why"][0], "from Request Tracker", "{named}");

    // Once more: nothing is written.
    let before = audit(&latchkey);
    let again = latchkey.run(&mapped);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    assert_eq!((audit(&latchkey), imported(&latchkey)), (before, many.clone()));

    // What was revoked here stays so, and what is new there comes.
    assert_eq!(latchkey.run(&["token", "revoke", "zoe", "--all"]).code, Some(0));
    let hash = fixture::HASHES[4];
    fixture::change(
        &latchkey,
        &format!(
            "INSERT INTO AuthTokens (id, Owner, Token, Description, Creator, Created) \
             VALUES (6, 22, '{hash}', 'new', 22, '2026-11-01 10:00:00')"
        ),
    )
    .await;
    assert_eq!(latchkey.run(&mapped).code, Some(0));
    assert_eq!(imported(&latchkey).as_u64(), many.as_u64().map(|many| many + 1));
    let zoe = tokens(&latchkey, "zoe");
    assert!(zoe[0]["why"][0].as_str().is_some_and(|why| why.starts_with("revoked ")), "{zoe}");
    let listed = latchkey.run(&["rt", "status", "--not-moved"]).out;
    assert!(listed.contains("new") && !listed.contains("reports"), "{listed}");
    assert!(listed.lines().any(|line| line.ends_with("  new")), "nothing is filled up: {listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_string_of_request_tracker_s_is_identified_and_not_printed() {
    let latchkey = both().await;
    assert_eq!(latchkey.run(&IMPORT).code, Some(0));
    let identify = ["token", "identify", "--token-stdin"];
    let known = latchkey.run_with(&identify, fixture::STRINGS[0]);
    assert_eq!(known.code, Some(0), "{}", known.err);
    for line in ["owner        alice (Alice Döe)", "made in      Request Tracker"] {
        assert!(known.out.lines().any(|shown| shown == line), "{line}: {}", known.out);
    }
    assert!(!known.out.contains(fixture::STRINGS[0]), "{}", known.out);
    let strange = latchkey.run_with(&identify, "1-99-fb0f18df162000adaa369581d826d112");
    assert_eq!(strange.code, Some(4), "{}", strange.err);
    assert!(strange.out.starts_with("A token of Request Tracker’s by its form"), "{}", strange.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_s_end_comes_along_where_request_tracker_has_one() {
    let latchkey = both().await;
    fixture::change(
        &latchkey,
        "ALTER TABLE AuthTokens ADD COLUMN Expires timestamp DEFAULT NULL;
         UPDATE AuthTokens SET Expires = '2999-01-31 10:00:00' WHERE id = 1;",
    )
    .await;
    assert_eq!(latchkey.run(&IMPORT).code, Some(0));
    let found = tokens(&latchkey, "alice");
    let end = |description: &str| {
        let is_called = |found: &&serde_json::Value| {
            found["description"].as_str().unwrap().starts_with(description)
        };
        found.as_array().unwrap().iter().find(is_called).unwrap()["expires"].clone()
    };
    assert_eq!(end("night “backup”"), "2999-01-31T10:00:00Z", "{found}");
    assert!(end("mail").is_null(), "{found}");
    // With old strings it ends on their day.
    latchkey.write("latchkey.toml", "[request_tracker]\nstrings_end = \"2998-06-30\"\n");
    let status = ["rt", "status", "--not-moved", "--json"];
    let listed = json(&latchkey.run(&status));
    let ends: Vec<_> =
        listed["tokens"].as_array().unwrap().iter().map(|token| &token["expires"]).collect();
    assert!(!ends.is_empty() && ends.iter().all(|end| **end == "2998-06-30T23:59:59Z"), "{listed}");
    let shown = latchkey.run(&status[..3]).out;
    assert_eq!(shown.matches("2998-06-30").count(), ends.len(), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_have_not_moved_are_a_file_to_be_mailed() {
    let latchkey = both().await;
    let list = |more: &[&str]| {
        let ended = latchkey.run(&[&["rt", "status", "--not-moved"][..], more].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        is_silent(&ended);
        ended
    };
    // Before anything was brought there is the heading.
    assert_eq!(list(&["--format", "csv"]).out.lines().count(), 1);
    assert_eq!(latchkey.run(&IMPORT).code, Some(0));
    latchkey.write("latchkey.toml", "[request_tracker]\nstrings_end = \"2998-06-30\"\n");
    let known = json(&list(&["--json"]))["tokens"].clone();
    let tokens = known.as_array().unwrap();
    for (format, between) in [("csv", ","), ("semicolon-csv", ";")] {
        let file = list(&["--format", format]).out;
        let head = format!("\u{FEFF}{}", ["owner", "id", "description", ""].join(between));
        assert!(file.starts_with(&head), "{file}");
        assert_eq!(file.lines().count(), tokens.len() + 1, "{file}");
        for token in tokens {
            let [owner, id] = ["owner", "id"].map(|key| token[key].as_str().unwrap());
            let begins = [owner, id, ""].join(between);
            let line = file.lines().find(|line| line.starts_with(&begins)).unwrap();
            assert!(line.contains("2998-06-30T23:59:59Z"), "{line}");
            assert!(line.ends_with("\"not moved\""), "{line}");
        }
    }
    assert_eq!(json(&list(&["--format", "json"])), known);
    assert!(list(&["--format", "table"]).out.starts_with("owner "));
    let alone = latchkey.run(&["rt", "status", "--format", "csv"]);
    assert!(alone.code == Some(2) && alone.err.contains("--not-moved"), "{}", alone.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_with_its_string_is_listed_as_that() {
    let latchkey = both().await;
    assert_eq!(latchkey.run(&IMPORT).code, Some(0));
    latchkey.write("latchkey.toml", "[request_tracker]\nstrings_end = \"2020-06-30\"\n");
    let why = "ended with Request Tracker’s strings 30 Jun 2020, 23:59 UTC";
    assert_eq!(tokens(&latchkey, "alice")[0]["why"][0], why);
    let shown = latchkey.run(&["token", "list", "alice"]).out;
    assert_eq!(shown.matches(why).count(), 2, "{shown}");
    let ended = json(&latchkey.run(&["token", "list", "--expired", "--json"]));
    assert_eq!(ended[0]["why"][0], "ended with Request Tracker’s strings 2020-06-30", "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_before_somebody_has_said_yes() {
    let latchkey = both().await;
    let unsaid = &IMPORT[..4];
    let before = audit(&latchkey);
    let ended = latchkey.run_with(unsaid, "n\n");
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("[y/N]"), "{}", ended.err);
    assert!(ended.out.ends_with("Nothing was brought in.\n"), "{}", ended.out);
    let ended = latchkey.run_with(unsaid, "");
    assert!(ended.code == Some(2) && ended.err.contains("--yes"), "{}", ended.err);
    assert_eq!(audit(&latchkey), before);
    let ended = latchkey.run_with(unsaid, "y\n");
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_ne!(imported(&latchkey), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_tracker_s_database_is_only_read() {
    let latchkey = both().await;
    let before = std::fs::read(latchkey.path(fixture::FILE)).unwrap();
    assert_eq!(latchkey.run(&IMPORT).code, Some(0));
    assert!(std::fs::read(latchkey.path(fixture::FILE)).unwrap() == before);
    assert!(!latchkey.path("rt5.db-journal").exists() && !latchkey.path("rt5.db-wal").exists());
}
