//! `latchkey audit`: copies, and the store held against what is kept elsewhere.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use desk::{Clock, Desk, Settings};

use super::restoring::run;
use crate::support::Latchkey;

const KEY: &str = "an audit key of more than thirty-two characters";

fn with_rows() -> Latchkey {
    let latchkey = Latchkey::new();
    let people = "netid,name,email,role,privileged,disabled,password\nada,Ada \
        Admin,,admin,yes,no,ada-netid-password\nsam,Sam,,,yes,,\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], people).code, Some(0));
    for role in ["rep", "help_desk"] {
        assert_eq!(latchkey.run(&["user", "set-role", "sam", role]).code, Some(0));
    }
    latchkey
}

#[test]
fn a_copy_is_held_against_the_store() {
    let latchkey = with_rows();
    let (csv, lines) =
        (latchkey.run(&["audit", "export"]), latchkey.run(&["audit", "export", "--json"]));
    let tail = latchkey.run(&["audit", "tail", "--json"]).out;
    assert!(
        csv.out.lines().next().unwrap().ends_with("node,seq,prev,hash,in_words"),
        "{}",
        csv.out
    );
    for (name, copy) in [("copy.csv", &csv.out), ("copy.jsonl", &lines.out), ("tail.jsonl", &tail)]
    {
        latchkey.write(name, copy);
        let ended = latchkey.run(&["audit", "verify", "--against", name]);
        assert_eq!(ended.code, Some(0), "{name}: {}{}", ended.out, ended.err);
        assert!(
            ended.out.contains("were compared with the store")
                && ended.out.contains("every chain holds"),
            "{}",
            ended.out
        );
    }
    let semicolons = latchkey.run(&["audit", "export", "--semicolons"]).out;
    assert!(semicolons.starts_with("\u{FEFF}id;at;actor;"), "{semicolons}");
    latchkey.write("ours.csv", &semicolons);
    let ended = latchkey.run(&["audit", "verify", "--against", "ours.csv"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    // As a spreadsheet of a country with decimal commas saves it, and as Excel's “Unicode Text”.
    let mut records = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.out.trim_start_matches('\u{FEFF}').as_bytes());
    let mut tables = [b';', b'\t']
        .map(|between| csv::WriterBuilder::new().delimiter(between).from_writer(Vec::new()));
    for record in records.records().map(Result::unwrap) {
        for table in &mut tables {
            table.write_record(&record).unwrap();
        }
    }
    let [semicolons, tabs] =
        tables.map(|table| String::from_utf8(table.into_inner().unwrap()).unwrap());
    let utf_16: Vec<u8> =
        format!("\u{FEFF}{tabs}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in
        [("semicolons.csv", format!("\u{FEFF}{semicolons}").into_bytes()), ("unicode.txt", utf_16)]
    {
        std::fs::write(latchkey.path(name), bytes).unwrap();
        let ended = latchkey.run(&["audit", "verify", "--against", name]);
        assert_eq!(ended.code, Some(0), "{name}: {}{}", ended.out, ended.err);
        let rows = csv.out.lines().count() - 1;
        assert!(
            ended.out.contains(&format!("{rows} rows of {name} were compared with the store")),
            "{}",
            ended.out
        );
    }
    latchkey.write("changed.csv", &csv.out.replace("help_desk", "admin"));
    let ended = latchkey.run(&["audit", "verify", "--against", "changed.csv"]);
    assert_eq!(ended.code, Some(4), "{}", ended.out);
    assert!(ended.out.contains("the copy was changed"), "{}", ended.out);
    latchkey.write("old.csv", "id,at,actor\r\n");
    let ended = latchkey.run(&["audit", "verify", "--against", "old.csv"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains("older Latchkey"), "{}", ended.err);
}

#[test]
fn people_read_what_happened_in_words_and_programs_its_code() {
    let latchkey = with_rows();
    let tail = latchkey.run(&["audit", "tail"]).out;
    assert!(
        tail.contains("user.role")
            && tail.contains("Role changed: Campus Services rep → Help Desk"),
        "{tail}"
    );
    let csv = latchkey.run(&["audit", "export"]).out;
    assert!(
        csv.contains(",\"Role changed: Campus Services rep → Help Desk\"\r\n")
            && csv.contains(",user.role,"),
        "{csv}"
    );
}

#[test]
fn an_area_is_all_of_its_actions() {
    let latchkey = with_rows();
    let codes = |action: &str| {
        let ended = latchkey.run(&["audit", "tail", "--json", "--action", action]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let code = |row: &str| {
            serde_json::from_str::<serde_json::Value>(row).unwrap()["action"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        ended.out.lines().map(code).collect::<Vec<_>>()
    };
    let all = codes("user.*");
    assert_eq!(all, codes("user"));
    assert!(
        all.iter().any(|code| code == "user.create") && all.iter().any(|code| code == "user.role"),
        "{all:?}"
    );
    assert!(all.iter().all(|code| code.starts_with("user.")), "{all:?}");
    assert_eq!(codes("token"), Vec::<String>::new());
    assert_eq!(latchkey.run(&["audit", "tail", "--action", "nonsense.*"]).code, Some(2));
}

#[test]
fn a_line_of_the_log_is_held_against_the_store() {
    let latchkey = with_rows();
    let newest = latchkey.run(&["audit", "tail", "--json", "-n", "1"]).out;
    let row: serde_json::Value = serde_json::from_str(newest.trim()).unwrap();
    let (node, seq, hash) = (
        row["node"].as_str().unwrap(),
        row["seq"].as_i64().unwrap(),
        row["hash"].as_str().unwrap(),
    );
    let good = format!("{node}:{seq}:{hash}");
    assert_eq!(
        latchkey.run(&["audit", "verify", "--expect", &good, "--expect", &good]).code,
        Some(0)
    );
    for wrong in [
        format!("{node}:{}:{hash}", seq + 1),
        format!("other:{seq}:{hash}"),
        format!("{node}:{}:{hash}", seq - 1),
    ] {
        let ended = latchkey.run(&["audit", "verify", "--expect", &good, "--expect", &wrong]);
        assert_eq!(ended.code, Some(4), "{wrong}: {}", ended.out);
    }
    assert_eq!(latchkey.run(&["audit", "verify", "--expect", "main:1"]).code, Some(2));
}

#[test]
fn with_audit_key_rows_bear_its_mark_and_without_it_that_is_said() {
    let latchkey = with_rows();
    latchkey.write("latchkey.toml", &format!("[audit]\nkey = \"{KEY}\"\n"));
    assert_eq!(latchkey.run(&["user", "set-role", "sam", "staff"]).code, Some(0));
    let ended = latchkey.run(&["audit", "verify"]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("rows have no mark"), "those from before: {}", ended.out);
    latchkey.write("latchkey.toml", &format!("[audit]\nkey = \"{}\"\n", KEY.to_uppercase()));
    let ended = latchkey.run(&["audit", "verify"]);
    assert_eq!(ended.code, Some(4), "{}", ended.out);
    assert!(ended.out.contains("was not written with this audit.key"), "{}", ended.out);
    latchkey.write("latchkey.toml", "");
    let ended = latchkey.run(&["audit", "verify"]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("were not checked"), "{}", ended.out);
}

/// Rows of a hundred days ago, written by a desk whose clock says so, and some of today.
async fn aged() -> Latchkey {
    let latchkey = Latchkey::new();
    let store = format!("rocksdb://{}", latchkey.path("data").display());
    let then = Clock::Set(Arc::new(AtomicI64::new(Clock::System.now().plus_days(-100).0)));
    let desk = Desk::open(Settings { store, clock: then, ..Settings::default() }).await.unwrap();
    for name in ["rt", "wiki", "forum"] {
        desk.console().add_client(name).await.unwrap();
    }
    desk.close().await;
    drop(desk);
    assert_eq!(run(&latchkey, &["client", "remove", "forum"]).code, Some(0));
    latchkey
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_removed_by_hand_and_copies_of_them_still_fit() {
    let latchkey = aged().await;
    let copy = run(&latchkey, &["audit", "export"]).out;
    latchkey.write("copy.csv", &copy);
    for (args, code, expected) in [
        (&["audit", "prune"][..], 2, "audit.keep_days"),
        (&["audit", "prune", "--keep-days", "29"], 2, "at least 30 days"),
        (&["audit", "prune", "--keep-days", "200"], 0, "Nothing is older."),
        (
            &["audit", "prune", "--keep-days", "30", "--dry-run"],
            0,
            "node main: 3 rows would be removed, written ",
        ),
        (&["audit", "prune", "--keep-days", "30"], 0, "node main: 3 rows removed, written "),
        (&["audit", "prune", "--keep-days", "30", "--json"], 0, "\"chains\": []"),
        (&["audit", "tail"], 0, "audit.prune"),
        (&["audit", "verify"], 0, "the rows up to row 3 were removed by "),
        (
            &["audit", "verify", "--against", "copy.csv"],
            0,
            "3 of them were removed from the store since, and are as they were",
        ),
    ] {
        let ended = run(&latchkey, args);
        assert_eq!(ended.code, Some(code), "{args:?}: {}{}", ended.out, ended.err);
        assert!(
            ended.out.contains(expected) || ended.err.contains(expected),
            "{args:?}: {}{}",
            ended.out,
            ended.err
        );
    }
    latchkey.write("changed.csv", &copy.replace("wiki", "wikj"));
    let ended = run(&latchkey, &["audit", "verify", "--against", "changed.csv"]);
    assert_eq!(ended.code, Some(4), "{}", ended.out);
    assert!(ended.out.contains("the copy was changed"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_says_for_how_long() {
    let latchkey = aged().await;
    latchkey.write("latchkey.toml", "[audit]\nkeep_days = 7\n");
    let ended = run(&latchkey, &["audit", "verify"]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
    assert!(
        ended.err.contains("audit.keep_days") && ended.err.contains("at least 30 days"),
        "{}",
        ended.err
    );
    latchkey.write("latchkey.toml", "[audit]\nkeep_days = 90\n");
    assert!(
        run(&latchkey, &["audit", "prune", "--dry-run"]).out.contains("3 rows would be removed")
    );
}
