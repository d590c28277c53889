//! Tests that sleep, or look at the clock: few, and each for its reason. All others wait for what
//! they wait for, by a clock that they move themselves.

use std::path::Path;

use crate::{files, shown};

/// Those that sleep: where a process that is not the test's own is stopped for a while, or is
/// asked again and again.
const SLEEPERS: [&str; 8] = [
    "desk/tests/desk/outcomes.rs",
    "desk/tests/desk/strangers.rs",
    "server/tests/server/command_line/failing_disk.rs",
    "server/tests/server/command_line/full_disk.rs",
    "server/tests/server/crash/failing.rs",
    "server/tests/server/crash/kills.rs",
    "server/tests/server/crash/node.rs",
    "server/tests/server/crash/shared.rs",
];

/// Those that ask how long something took: held against an upper end, after which a test gives up;
/// printed (`flood.rs`); or to go away in the middle of it (`guessing.rs`).
const TIMED: [&str; 11] = [
    "desk/tests/desk/guessing.rs",
    "desk/tests/desk/nodes.rs",
    "desk/tests/desk/old_stores/found.rs",
    "desk/tests/desk/outcomes.rs",
    "desk/tests/desk/refused_sign_in.rs",
    "server/tests/server/command_line/failing_disk.rs",
    "server/tests/server/crash/failing.rs",
    "server/tests/server/crash/node.rs",
    "server/tests/server/crash/shared.rs",
    "server/tests/server/people/flood.rs",
    "server/tests/server/store_away.rs",
];

const FOLDERS: [&str; 3] = ["desk/tests", "server/tests", "testkit/tests"];

pub(crate) fn by_the_clock(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS.map(|folder| project.join(folder)).iter().filter(|it| it.exists()) {
        for file in files(folder) {
            let shown = shown(project, &file.path);
            let may = |names: &[&str]| names.contains(&shown.as_str());
            let (may_sleep, may_time) = (may(&SLEEPERS), may(&TIMED));
            found.extend(file.tokens.iter().filter_map(|token| {
                let what = token.word()?;
                let offends = match what {
                    "sleep" | "sleep_until" => !may_sleep,
                    "Instant" | "elapsed" => !may_time,
                    _ => false,
                };
                offends.then(|| format!("{shown}:{}: {what}", token.line))
            }));
        }
    }
    found
}

/// Files that are named here and do neither any more.
pub(crate) fn named_in_vain(project: &Path) -> Vec<String> {
    let lacks = |(name, words): &(&str, &[&str])| {
        let tokens = std::fs::read_to_string(project.join(name)).unwrap_or_default();
        !crate::tokens::tokens(&tokens)
            .iter()
            .any(|token| words.iter().any(|word| token.is_word(word)))
    };
    let sleepers = SLEEPERS.map(|name| (name, &["sleep"][..]));
    let timed = TIMED.map(|name| (name, &["Instant"][..]));
    let named = sleepers.into_iter().chain(timed).filter(lacks);
    named.map(|(name, words)| format!("{name}: {}", words.join(", "))).collect()
}
