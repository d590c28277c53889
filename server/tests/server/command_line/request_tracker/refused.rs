//! Why a database is not read is said, with what to do, and without its password.

use super::fixture::{self, ADDRESS};
use crate::support::Latchkey;

fn words(latchkey: &Latchkey, args: &[&str], code: i32) -> String {
    let ended = latchkey.run(&[&["rt", "import", "--dry-run"][..], args].concat());
    assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{}", ended.err);
    assert!(!ended.err.contains("s3cret"), "{}", ended.err);
    ended.err
}

#[test]
fn whoever_gives_no_address_or_none_that_is_one_is_told_how() {
    let latchkey = Latchkey::new();
    assert!(words(&latchkey, &[], 2).contains("LATCHKEY_RT_DATABASE"));
    for address in ["rt:s3cret@db/rt5", "oracle://rt:s3cret@db/rt5", "mysql://rt:s3cret@db"] {
        let words = words(&latchkey, &["--database", address], 2);
        assert!(words.contains("postgres://USER@HOST/DATABASE"), "{words}");
    }
    let unknown = words(&latchkey, &["--database", "postgres://rt@db/rt5?passwd=s3cret"], 2);
    assert!(unknown.contains("says passwd, which means nothing"), "{unknown}");
    latchkey.write("empty", "\n");
    assert!(words(&latchkey, &["--database-file", "empty"], 2).contains("empty is empty."));
    assert!(words(&latchkey, &["--database-file", "none"], 1).contains("none cannot be read"));
}

#[test]
fn a_file_with_an_address_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let latchkey = Latchkey::new();
    latchkey.write("address", "sqlite:none.db\n");
    for (mode, warns) in [(0o600, false), (0o640, true), (0o604, true)] {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(latchkey.path("address"), mode).unwrap();
        let words = words(&latchkey, &["--database-file", "address"], 1);
        assert_eq!(words.contains("address: others on this machine can read"), warns, "{words}");
    }
}

#[test]
fn whoever_is_not_there_cannot_be_reached() {
    let latchkey = Latchkey::new();
    for address in ["postgres://rt:s3cret@127.0.0.1:1/rt5", "mysql://rt:s3cret@127.0.0.1:1/rt5"] {
        let words = words(&latchkey, &["--database", address], 1);
        assert!(words.contains("127.0.0.1:1/rt5 cannot be reached"), "{words}");
    }
    let words = words(&latchkey, &["--database", "sqlite:none.db"], 1);
    assert!(words.contains("none.db cannot be opened"), "{words}");
    assert!(!latchkey.path("none.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_tracker_5_is_told_what_it_lacks() {
    let latchkey = Latchkey::new();
    latchkey.write("text.db", &"no database at all\n".repeat(100));
    let found = words(&latchkey, &["--database", "sqlite:text.db"], 1);
    assert!(found.contains("no database of SQLite’s"), "{found}");
    fixture::of_another_program(&latchkey).await;
    let found = words(&latchkey, &["--database", ADDRESS], 1);
    assert!(found.contains("no tables of Request Tracker’s"), "{found}");
    let older = Latchkey::new();
    fixture::of_version_4(&older).await;
    let found = words(&older, &["--database", ADDRESS], 1);
    assert!(found.contains("no table AuthTokens") && found.contains("--people"), "{found}");
}
