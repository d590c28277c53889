//! `latchkey restore --since` where the store that was moved away is damaged: the restore goes on
//! with what can be read of it, says what is not known and how to know it, and changes nothing of
//! what was moved away.

use std::collections::BTreeMap;

use super::backup::{done, move_away, with_people, works};
use super::restoring::run;
use crate::support::Latchkey;

const STORE: &str = "--store=rocksdb://data";
const AGAIN: [&str; 6] = ["restore", "one.backup", "--since", "data.old", "--revoke-again", STORE];

/// What is in the folder that was moved away.
fn moved_away(latchkey: &Latchkey) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(latchkey.path("data.old")).unwrap().map(Result::unwrap);
    files
        .map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_is_done_again_and_nothing_of_what_was_moved_away_is_changed() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["backup", "one.backup"]));
    done(run(&latchkey, &["token", "revoke", "nora", "--all"]));
    move_away(&latchkey);
    // A newest log whose first record, of nothing, is not as it was written.
    let log = latchkey.path("data.old").join("999999.log");
    std::fs::write(&log, [0x04, 0x2b, 0x28, 0x43, 0, 0, 1]).unwrap();
    let before = moved_away(&latchkey);

    let restored = run(&latchkey, &AGAIN);
    assert_eq!(restored.code, Some(4), "{}{}", restored.out, restored.err);
    for words in ["1 token revoked again.", "data.old/999999.log is damaged", "--since FILE"] {
        assert!(restored.out.contains(words), "{words}: {}", restored.out);
    }
    assert_eq!((works(&latchkey, &tokens[0]), works(&latchkey, &tokens[1])), (Some(4), Some(0)));
    assert!(moved_away(&latchkey) == before, "it is evidence");
    assert!(!latchkey.path("data.restoring").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_read_it_says_so_and_a_copy_of_the_audit_says_the_rest() {
    let (latchkey, tokens) = with_people().await;
    done(run(&latchkey, &["backup", "one.backup"]));
    done(run(&latchkey, &["token", "revoke", "nora", "--all"]));
    latchkey.write("since.csv", &done(run(&latchkey, &["audit", "export"])));
    std::fs::remove_file(latchkey.path("data").join("CURRENT")).unwrap();
    for command in [["check"].as_slice(), &["user", "list"], &["backup", "two.backup"]] {
        let ended = latchkey.run(command);
        assert_eq!(ended.code, Some(1), "{command:?}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains("data/CURRENT is not there. Look at the disk"), "{}", ended.err);
        assert!(ended.err.contains("docs/operations/crashes.md"), "{}", ended.err);
    }
    move_away(&latchkey);

    let restored = run(&latchkey, &AGAIN);
    assert_eq!(restored.code, Some(4), "{}{}", restored.out, restored.err);
    let stated = &restored.out;
    assert!(stated.contains("is known: data.old/CURRENT is not there. What is not"), "{stated}");
    assert!(!stated.contains("Nothing had happened"), "{stated}");
    assert_eq!(works(&latchkey, &tokens[0]), Some(0), "as it says");
    // As it says, too.
    std::fs::remove_dir_all(latchkey.path("data")).unwrap();
    let again = ["restore", "one.backup", "--since", "since.csv", "--revoke-again", STORE];
    assert!(done(run(&latchkey, &again)).contains("1 token revoked again."));
    assert_eq!(works(&latchkey, &tokens[0]), Some(4));
}
