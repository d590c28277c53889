//! What `tools/seen` does to the times of files: never is one older than what was compiled from it,
//! unless it is the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A target folder, and checkouts of one repository.
struct Machine {
    folder: tempfile::TempDir,
    /// Counts up: each thing that is done is done a minute later.
    minute: u64,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder"), minute: 0 };
        let first = machine.path("first");
        fs::create_dir_all(first.join("tools")).expect("a folder");
        for name in ["seen", "common.sh"] {
            fs::copy(Path::new("../tools").join(name), first.join("tools").join(name))
                .expect("copied");
        }
        fs::write(first.join("same.rs"), "one").expect("written");
        fs::write(first.join("Größe, \"other\".rs"), "one").expect("written");
        fs::create_dir_all(machine.path("target/release/.fingerprint/a-1")).expect("a folder");
        run(&first, "git", &["init", "--quiet"]);
        machine.commit("first");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn commit(&self, checkout: &str) {
        let checkout = self.path(checkout);
        run(&checkout, "git", &["add", "."]);
        let by = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        run(&checkout, "git", &[&by[..], &["commit", "--quiet", "--message", "It."]].concat());
    }

    /// A fresh checkout, all of whose files are of now.
    fn clone(&mut self, from: &str, to: &str) {
        run(self.folder.path(), "git", &["clone", "--quiet", from, to]);
        let now = self.later();
        for name in ["same.rs", "Größe, \"other\".rs", "tools/seen", "tools/common.sh"] {
            set_time(&self.path(to).join(name), now);
        }
    }

    /// A minute after all else, in a time that is over.
    fn later(&mut self) -> SystemTime {
        self.minute += 1;
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + 60 * self.minute)
    }

    /// Cargo begins to compile something.
    fn compile(&mut self) {
        let (now, name) = (self.later(), "target/release/.fingerprint/a-1/invoked.timestamp");
        fs::write(self.path(name), "").expect("written");
        set_time(&self.path(name), now);
    }

    /// When it last did.
    fn compiled(&self) -> SystemTime {
        self.time("target/release/.fingerprint/a-1", "invoked.timestamp")
    }

    fn seen(&self, checkout: &str, args: &[&str]) -> String {
        let output = Command::new("tools/seen")
            .args(args)
            .current_dir(self.path(checkout))
            .env("CARGO_TARGET_DIR", self.path("target"))
            .output()
            .expect("it starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// All of its tests, which compile as well; whether what it compiled is known of afterwards.
    fn test(&mut self, checkout: &str) -> bool {
        let tree = self.seen(checkout, &["restore"]);
        self.compile();
        self.keep(checkout, &tree)
    }

    fn keep(&mut self, checkout: &str, tree: &str) -> bool {
        self.seen(checkout, &["keep", tree]);
        let list = self.path("target/seen");
        if list.exists() {
            set_time(&list, self.later());
        }
        list.exists()
    }

    fn time(&self, checkout: &str, name: &str) -> SystemTime {
        fs::metadata(self.path(checkout).join(name))
            .and_then(|file| file.modified())
            .expect("a file")
    }
}

fn set_time(path: &Path, time: SystemTime) {
    fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(time))
        .expect("it has a time");
}

fn run(folder: &Path, program: &str, args: &[&str]) {
    let status = Command::new(program).args(args).current_dir(folder).status().expect("it starts");
    assert!(status.success(), "{program} {args:?}");
}

#[test]
fn in_a_fresh_checkout_what_is_the_same_is_as_old_as_it_was_and_what_is_not_is_new() {
    let mut machine = Machine::new();
    machine.clone("first", "a");
    assert!(machine.test("a"));
    let (compiled, was) = (machine.compiled(), machine.time("a", "same.rs"));
    fs::write(machine.path("first/Größe, \"other\".rs"), "two").expect("written");
    machine.commit("first");
    machine.clone("first", "b");
    assert!(!machine.seen("b", &["restore"]).is_empty());
    assert_eq!(machine.time("b", "same.rs"), was);
    assert_eq!(machine.time("b", "tools/seen"), was);
    assert!(machine.time("b", "Größe, \"other\".rs") > compiled);
    // In another one that is behind, which had its files before, what differs is new as well.
    machine.clone("a", "c");
    set_time(&machine.path("c/Größe, \"other\".rs"), was);
    assert!(machine.test("b"));
    let compiled = machine.compiled();
    assert!(!machine.seen("c", &["restore"]).is_empty());
    assert_eq!(machine.time("c", "same.rs"), was);
    assert!(machine.time("c", "Größe, \"other\".rs") > compiled);
}

#[test]
fn where_anybody_has_compiled_since_times_stay_and_no_older_ones_are_kept() {
    let mut machine = Machine::new();
    machine.clone("first", "a");
    assert!(machine.test("a"));
    machine.clone("first", "older");
    machine.compile();
    machine.clone("first", "fresh");
    let was = machine.time("fresh", "same.rs");
    for (checkout, is_kept) in [("older", false), ("fresh", true)] {
        let before = machine.time(checkout, "same.rs");
        let tree = machine.seen(checkout, &["restore"]);
        assert_eq!(machine.time(checkout, "same.rs"), before);
        assert_eq!(!tree.is_empty(), is_kept, "{checkout}");
        assert_eq!(machine.keep(checkout, &tree), is_kept, "{checkout}");
    }
    machine.clone("first", "next");
    machine.seen("next", &["restore"]);
    assert_eq!(machine.time("next", "same.rs"), was);
}

#[test]
fn of_a_checkout_with_changes_nothing_is_kept() {
    let mut machine = Machine::new();
    machine.clone("first", "a");
    assert!(machine.test("a"));
    machine.clone("first", "b");
    let before = machine.time("b", "same.rs");
    fs::write(machine.path("b/new.rs"), "three").expect("written");
    assert!(!machine.test("b"), "it has a file that is not committed");
    assert_eq!(machine.time("b", "same.rs"), before);
    machine.clone("first", "c");
    let tree = machine.seen("c", &["restore"]);
    assert!(!tree.is_empty());
    fs::write(machine.path("c/same.rs"), "three").expect("written");
    assert!(!machine.keep("c", &tree), "it was changed meanwhile");
    machine.commit("c");
    assert!(!machine.keep("c", &tree), "and committed");
}
