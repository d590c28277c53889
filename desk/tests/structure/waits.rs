//! Tests that sleep, or look at the clock: few, and each for its reason. All others wait for what
//! they wait for, by a clock that they move themselves.

use std::fs;
use std::path::Path;

use crate::scan::tests_alone;
use crate::shown;
use crate::tokens::{self, Kind, Token};
use crate::width::files_of_kinds;

/// Those that sleep: where a process that is not the test's own is stopped for a while, or is
/// asked again and again; and where time is what is shown or given (`pictures.spec.ts`, whose films
/// people read; `lightness.spec.ts`; `distance.py`, which is a slow way).
const SLEEPERS: [&str; 12] = [
    "integrations/testing/distance.py",
    "integrations/testing/processes.py",
    "end2end/tests/lightness.spec.ts",
    "end2end/tests/pictures.spec.ts",
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

pub(crate) fn by_the_clock(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_of_kinds(project, &["rs"]) {
        let shown = shown(project, &path);
        let all = tokens::tokens(&fs::read_to_string(&path).unwrap_or_default());
        let tests: Vec<&Token> =
            if is_for_tests(&shown) { all.iter().collect() } else { tests_alone(&all) };
        let may = |names: &[&str]| names.contains(&shown.as_str());
        // Units hand moments to what they try.
        let is_of_a_crate = shown.split('/').nth(1) == Some("tests");
        let (may_sleep, may_time) = (may(&SLEEPERS), may(&TIMED));
        found.extend(tests.into_iter().filter_map(|token| {
            let what = match &token.kind {
                Kind::Text(text) if text == "sleep" => "sleep",
                _ => token.word()?,
            };
            let offends = match what {
                "sleep" | "sleep_until" | "sleep_ms" | "park_timeout" => !may_sleep,
                "Instant" | "elapsed" => is_of_a_crate && !may_time,
                _ => false,
            };
            offends.then(|| format!("{shown}:{}: {what}", token.line))
        }));
    }
    for path in files_of_kinds(project, &["ts", "mts", "tsx", "py"]) {
        let shown = shown(project, &path);
        let is_test = shown.starts_with("end2end/") || shown.starts_with("integrations/");
        if !is_test || SLEEPERS.contains(&shown.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (at, line) in text.lines().enumerate() {
            let pauses = ["waitForTimeout(", "setTimeout(", "sleep("];
            // A browser's own turn, for no time, is none.
            let what = pauses.into_iter().find(|pause| {
                let called = line.split_once(pause).map(|(_, rest)| rest);
                called.is_some_and(|rest| *pause != "setTimeout(" || rest.contains(", "))
            });
            found.extend(what.map(|what| format!("{shown}:{}: {what}", at + 1)));
        }
    }
    found
}

/// Files that hold nothing else; in others the items for tests are looked at.
fn is_for_tests(shown: &str) -> bool {
    let is_kit = shown.starts_with("testkit/") || shown.contains("/tests/");
    let is_unit = shown.ends_with("/tests.rs") || shown.ends_with("_tests.rs");
    (is_kit || is_unit) && !shown.starts_with("desk/tests/structure")
}

/// Files that are named here and do neither any more.
pub(crate) fn named_in_vain(project: &Path) -> Vec<String> {
    let lacks = |(name, words): &(&str, &[&str])| {
        let text = fs::read_to_string(project.join(name)).unwrap_or_default();
        let is_rust = Path::new(name).extension().is_some_and(|kind| kind == "rs");
        if !is_rust {
            return !["sleep(", "setTimeout(", "waitForTimeout("]
                .iter()
                .any(|it| text.contains(it));
        }
        !tokens::tokens(&text).iter().any(|token| words.iter().any(|word| token.is_word(word)))
    };
    let sleepers = SLEEPERS.map(|name| (name, &["sleep"][..]));
    let timed = TIMED.map(|name| (name, &["Instant"][..]));
    let named = sleepers.into_iter().chain(timed).filter(lacks);
    named.map(|(name, words)| format!("{name}: {}", words.join(", "))).collect()
}
