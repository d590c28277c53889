//! `latchkey token list` over everybody.

use serde_json::Value;
use testkit::forms::new_token;

use super::restoring::{in_store, made, run};
use crate::support::Latchkey;

async fn with_tokens() -> (Latchkey, Vec<String>) {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| {
        let tokens = made(desk, &["pia", "otto"]).await;
        // What a spreadsheet might run.
        let own = desk::Secret::new("seven otters cross the weir".to_owned());
        let who =
            desk::ExternalIdentity { netid: "pia".to_owned(), ..desk::ExternalIdentity::default() };
        let origin = crate::support::origin();
        let (cookie, _) = desk
            .log_in_vouched(&who, desk::Source::Proxy, &desk::LoginContext::default(), &origin)
            .await
            .unwrap();
        let visitor = desk.visitor(&cookie, &origin).await.unwrap();
        let permit = desk.authorise(&visitor, None, Some(&own), &origin).await.unwrap();
        let new = desk::NewToken {
            access: desk::Access::Read,
            expires: desk::Expires::At(desk.now().plus_days(10)),
            ..new_token("=cmd|calc")
        };
        desk.create_token(&permit, new).await.unwrap();
        tokens
    })
    .await;
    (latchkey, tokens)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybodys_tokens_are_listed_with_why_and_never_a_secret() {
    let (latchkey, tokens) = with_tokens().await;
    let all = run(&latchkey, &["token", "list"]);
    assert_eq!(all.code, Some(0), "{}", all.err);
    let owners: Vec<&str> = all.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(owners, ["owner", "otto", "pia", "pia"], "{}", all.out);
    assert_eq!(run(&latchkey, &["token", "list"]).out, all.out, "each time in one order");
    let soon = run(&latchkey, &["token", "list", "--expiring", "2w", "--never-expires", "--json"]);
    let read: Value = serde_json::from_str(&soon.out).unwrap();
    let why: Vec<String> = read
        .as_array()
        .unwrap()
        .iter()
        .map(|token| format!("{} {}", token["owner"], token["why"][0]))
        .collect();
    assert_eq!(why.len(), 3);
    assert!(
        why[1].starts_with("\"pia\" \"expires 2") && why[2] == "\"pia\" \"never expires\"",
        "{why:?}"
    );
    let csv = run(&latchkey, &["token", "list", "--full", "--format", "csv", "--owner", "pia"]);
    assert_eq!(csv.out.lines().count(), 2, "{}", csv.out);
    assert!(csv.out.starts_with("\u{FEFF}owner,id,description,"), "{}", csv.out);
    let read = run(&latchkey, &["token", "list", "--expiring", "14d", "--format", "csv"]);
    assert!(
        read.out.contains(",\"'=cmd|calc\",read,") || read.out.contains(",'=cmd|calc,read,"),
        "{}",
        read.out
    );
    let none = run(&latchkey, &["token", "list", "--idle", "90d", "--format", "json"]);
    assert_eq!((none.code, none.out.as_str()), (Some(0), "[]\n"));
    for shown in [&all, &soon, &csv, &read] {
        assert!(
            tokens.iter().all(
                |token| !shown.out.contains(token.as_str()) && !shown.out.contains("latchkey_")
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_tokens_have_the_same_columns_and_those_that_are_over_say_why() {
    let (latchkey, tokens) = with_tokens().await;
    let heading = |out: &str| out.lines().next().unwrap_or_default().to_owned();
    let in_words = |out: &str| heading(out).split_whitespace().collect::<Vec<_>>().join(" ");
    let list = run(&latchkey, &["token", "list", "pia", "--format", "json"]);
    let read: Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!(read.as_array().unwrap().len(), 2, "{}", list.out);
    let id = read.as_array().unwrap().iter().find(|token| token["access"] == "read").unwrap()["id"]
        .as_str()
        .unwrap();
    assert_eq!(run(&latchkey, &["token", "revoke", "pia", id]).code, Some(0));
    for (format, why) in [
        ("table", "revoked "),
        ("csv", "revoked "),
        ("semicolon-csv", "revoked "),
        ("json", "\"why\":[\"revoked "),
    ] {
        let everybodys = run(&latchkey, &["token", "list", "--format", format]);
        let ended = run(&latchkey, &["token", "list", "Pia", "--format", format]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(in_words(&ended.out), in_words(&everybodys.out), "{format}");
        let over: Vec<&str> = ended.out.lines().filter(|line| line.contains(id_in(id))).collect();
        let [over] = over.as_slice() else { panic!("{format}: {}", ended.out) };
        assert!(over.contains(why) && over.contains(" by (console)"), "{format}: {over}");
        assert!(over.contains("pia") && !ended.out.contains("otto"), "{format}: {}", ended.out);
        assert!(!ended.out.contains("latchkey_"), "{}", ended.out);
        assert!(tokens.iter().all(|token| !ended.out.contains(token.as_str())));
    }
    // For people each column has its heading.
    let table = run(&latchkey, &["token", "list", "pia"]);
    assert_eq!(
        in_words(&table.out),
        "id description access networks created state use",
        "{}",
        table.out
    );
    let none = run(&latchkey, &["token", "list", "nobody", "--format", "csv"]);
    assert_eq!((none.code, none.out.as_str()), (Some(3), ""), "{}", none.err);
}

/// As much of an id as a table shows.
fn id_in(id: &str) -> &str {
    &id[..12]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_look_leaves_its_row_and_what_makes_no_sense_is_refused() {
    let (latchkey, _) = with_tokens().await;
    assert_eq!(run(&latchkey, &["token", "list", "--idle", "90d"]).code, Some(0));
    assert_eq!(run(&latchkey, &["token", "list", "--owner", "pia"]).code, Some(0));
    let everybodys = run(&latchkey, &["audit", "tail", "--action", "token.review"]).out;
    assert!(everybodys.contains("not used for 90 days"), "{everybodys}");
    let rows = run(&latchkey, &["audit", "tail", "--action", "token.see"]).out;
    assert!(rows.contains("all that work") && !rows.contains("not used for"), "{rows}");
    for (args, code, expected) in [
        (&["token", "list", "--expiring", "soon"][..], 2, "14d"),
        (&["token", "list", "--idle", "0d"], 2, "14d"),
        (&["token", "list", "pia", "--full"], 2, "cannot be used with"),
        (&["token", "list", "pia", "--never-used"], 2, "cannot be used with"),
        (&["token", "list", "pia", "--from-request-tracker"], 2, "cannot be used with"),
        (&["token", "list", "--made-before", "soon"], 2, "2026-11-24"),
        (&["token", "list", "--role", "boss"], 2, "help_desk"),
        (&["token", "list", "--format", "xml"], 2, "csv"),
        (&["token", "list", "--owner", "nobody"], 3, ""),
        (&["token", "list", "--owner", "no body"], 3, ""),
        (&["token", "list", "pia"], 0, ""),
    ] {
        let ended = run(&latchkey, args);
        assert_eq!(ended.code, Some(code), "{args:?}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains(expected), "{args:?}: {}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_names_its_own_in_the_order_that_is_asked_for() {
    let (latchkey, _) = with_tokens().await;
    let why = |args: &[&str]| -> Vec<String> {
        let ended = run(&latchkey, &[&["token", "list", "--json"][..], args].concat());
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.err);
        let read: Value = serde_json::from_str(&ended.out).unwrap();
        let line = |token: &Value| {
            let (owner, access) = (token["owner"].as_str(), token["access"].as_str());
            format!("{} {}: {}", owner.unwrap(), access.unwrap(), token["why"][0])
        };
        read.as_array().unwrap().iter().map(line).collect()
    };
    let never_used =
        ["otto full: \"never used\"", "pia read: \"never used\"", "pia full: \"never used\""];
    assert_eq!(why(&["--never-used"]), never_used);
    let by_making = ["pia full: null", "otto full: null", "pia read: null"];
    assert_eq!(why(&["--sort", "created"]), by_making);
    let by_end = ["pia read: null", "otto full: null", "pia full: null"];
    assert_eq!(why(&["--sort", "expires"]), by_end);
    assert_eq!(why(&["--from-anywhere", "--role", "staff"]).len(), 3);
    for none in [
        &["--full-but-only-read"][..],
        &["--expired"],
        &["--owner-disabled"],
        &["--from-request-tracker"],
        &["--never-used", "--role", "admin"],
        &["--never-used", "--made-before", "2020-01-01"],
    ] {
        assert!(why(none).is_empty(), "{none:?}");
    }
    assert_eq!(run(&latchkey, &["user", "disable", "otto"]).code, Some(0));
    assert_eq!(why(&["--owner-disabled"]), ["otto full: \"owner disabled\""]);
}
