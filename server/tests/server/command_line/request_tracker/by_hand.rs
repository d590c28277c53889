//! What somebody would write by hand is written for them, at whoever typed the command, also where
//! a server makes the plan; and what is there stays.

use testkit::program::ANY_PORT;

use super::both;
use super::fixture::ADDRESS;

const DRY_RUN: [&str; 5] = ["rt", "import", "--database", ADDRESS, "--dry-run"];

#[tokio::test(flavor = "multi_thread")]
async fn a_map_is_written_to_be_filled_in_and_the_names_for_request_tracker_by_it() {
    let latchkey = both().await;
    let serving = latchkey.serve_by(latchkey.command(&["serve", "--listen", ANY_PORT]));
    let write_map = [&DRY_RUN[..], &["--write-map", "names.csv"]].concat();
    let ended = latchkey.run(&write_map);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("names.csv names "), "{}", ended.err);
    let map = std::fs::read_to_string(latchkey.path("names.csv")).unwrap();
    let open = "zoé.müller@example.org,,\"Zoé Müller\",zoé.müller@example.org\r\n";
    assert!(map.contains(open) && !map.contains("alice"), "{map}");
    let again = latchkey.run(&write_map);
    assert!(again.code == Some(2) && again.err.contains("is there already"), "{}", again.err);

    let filled = map.replace("zoé.müller@example.org,,", "zoé.müller@example.org,zoe,");
    latchkey.write("names.csv", &filled);
    let names = ["--map", "names.csv", "--write-names", "names.pm", "--json"];
    let ended = latchkey.run(&[&DRY_RUN[..], &names].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let _: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let perl = std::fs::read_to_string(latchkey.path("names.pm")).unwrap();
    let expected = "Set( %LatchkeyNames,\n    'zoe' => 'zoé.müller@example.org',\n);\n";
    assert!(perl.contains(expected), "{perl}");
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_to_be_filled_in_is_a_plan_s() {
    let latchkey = both().await;
    let args = ["rt", "import", "--database", ADDRESS, "--yes", "--write-map", "names.csv"];
    let ended = latchkey.run(&args);
    assert!(ended.code == Some(2) && ended.err.contains("--dry-run"), "{}", ended.err);
    assert!(!latchkey.path("names.csv").exists());
}
