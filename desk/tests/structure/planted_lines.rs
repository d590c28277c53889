//! What is found of lines and names, and of files by how they begin and where they end.

use super::{Project, finds};
use crate::length::{MAX_LINES, MAX_LINES_OF_A_FUNCTION};
use crate::links::to_no_route;
use crate::names::old_names;
use crate::sentences;
use crate::starts::by_hand;
use crate::waits::by_the_clock;
use crate::width::wide_lines;

#[test]
fn a_file_without_an_opening_line_is_found() {
    finds(
        &[
            ("desk/src/moment.rs", "/// Time.\npub struct Moment;\n"),
            ("desk/src/moment/tests.rs", "use a;\n//! Late."),
            ("app/src/lib.rs", "#![recursion_limit = \"256\"]\n//! Pages."),
            ("server/src/main.rs", "//!\n//! The program."),
            ("end2end/tests/a.spec.ts", "import a;\n// Late."),
            ("importer/tests/a.rs", "use a;\n"),
            ("end2end/tests/b.spec.ts", "// What people see.\n"),
            ("end2end/support/c.ts", "/** Steps. */\n"),
            ("style/10-a.css", ".a {}\n/* Late. */"),
            ("style/20-b.css", "/* Lists. */\n"),
        ],
        &[
            "app/src/lib.rs:1",
            "desk/src/moment/tests.rs:1",
            "desk/src/moment.rs:1",
            "end2end/tests/a.spec.ts:1",
            "importer/tests/a.rs:1",
            "server/src/main.rs:1",
            "style/10-a.css:1",
        ],
    );
}

#[test]
fn a_long_file_is_found() {
    let just = format!("//! Time.\npub struct Moment;\n{}", "\n".repeat(MAX_LINES - 2));
    let long = format!("{just}\n");
    finds(&[("desk/src/moment.rs", &just)], &[]);
    finds(
        &[
            ("desk/src/moment.rs", &long),
            ("server/tests/server/a.rs", &long),
            ("xtask/src/main.rs", &just),
            ("end2end/tests/a.spec.ts", &long),
            ("end2end/node_modules/other.ts", &long),
            ("importer/src/target/a.rs", &long),
            ("importer/target/a.rs", &long),
            ("integrations/a.py", &long),
            ("tools/a.mjs", &long),
        ],
        &[
            "desk/src/moment.rs:401: 401 lines, 400 at most",
            "end2end/tests/a.spec.ts:401: 401 lines, 400 at most",
            "importer/src/target/a.rs:401: 401 lines, 400 at most",
            "integrations/a.py:401: 401 lines, 400 at most",
            "server/tests/server/a.rs:401: 401 lines, 400 at most",
            "tools/a.mjs:401: 401 lines, 400 at most",
        ],
    );
}

#[test]
fn a_long_function_is_found_wherever_it_stands() {
    let with = |lines: usize, head: &str, indent: &str| {
        format!("{indent}{head} {{\n{}{indent}}}\n", format!("{indent}    f();\n").repeat(lines))
    };
    let (just, long) = (MAX_LINES_OF_A_FUNCTION - 2, MAX_LINES_OF_A_FUNCTION - 1);
    finds(
        &[
            (
                "desk/src/moment.rs",
                &format!(
                    "//! Time.\ntrait A {{\n    fn a();\n    fn b() {{}}\n}}\n{}{}mod m {{\n{}}}\n",
                    with(just, "fn short(f: fn(u8) -> u8)", ""),
                    with(long, "pub(crate) const fn first()", ""),
                    with(long, "pub async fn second<T>(a: T) -> T", "    "),
                ),
            ),
            (
                "importer/tests/a.rs",
                &format!("//! A.\n{}", with(long, "pub(in crate::a) fn fourth()", "")),
            ),
            (
                "server/tests/server/a.rs",
                &format!(
                    "//! A.\n{}fn fifth() {{\n    let a = r#\"{{\n}}\n\"#;\n{}}} // Of it.\n{}{}",
                    with(long, "async fn third()", ""),
                    "    f();\n".repeat(long),
                    with(long, "macro_rules! f {{ ($f:ident) => {{ fn $sixth()", "") + "}}\n",
                    with(long, "#[test] extern \"system\" fn seventh()", ""),
                ),
            ),
            ("desk/tests/a.rs", &with(long, "//! not a fn of ours; it is", "")),
        ],
        &[
            "desk/src/moment.rs:86: first has 81 lines, 80 at most",
            "desk/src/moment.rs:168: second has 81 lines, 80 at most",
            "importer/tests/a.rs:2: fourth has 81 lines, 80 at most",
            "server/tests/server/a.rs:2: third has 81 lines, 80 at most",
            "server/tests/server/a.rs:83: fifth has 84 lines, 80 at most",
            "server/tests/server/a.rs:167: sixth has 81 lines, 80 at most",
            "server/tests/server/a.rs:249: seventh has 81 lines, 80 at most",
        ],
    );
}

#[test]
fn a_wide_line_is_told_from_a_link_a_table_and_data() {
    let (just, wide) = ("so wide ".repeat(12) + "it is", "so wide ".repeat(12) + "it isn’t");
    let project = Project::with(&[
        ("desk/src/moment.rs", &format!("//! {}\n//! {wide}\n//! | {wide} |\n", &just[..96])),
        (
            "docs/a.md",
            &format!("{wide}\n| {wide} |\n{wide} http://a/\n{} http://a/\n", &just[..99]),
        ),
        ("style/a.css", &format!("/* {wide} */\n")),
        ("tools/a", &format!("# {wide}\n{0} {just}\n# {0} {just}\n", "data".repeat(16))),
        ("integrations/caddy/Caddyfile", &format!("# {wide}\n")),
        ("docs/reference/routes.md", &wide),
        ("docs/reference/by_hand.md", &wide),
        ("deploy/a.service", &format!("# {wide}\n")),
        ("server/src/results/mod.rs", &format!("//! A.\n// {wide}\n")),
        ("docs/a.svg", &wide),
    ]);
    assert_eq!(
        wide_lines(project.as_ref()),
        [
            "deploy/a.service:1: 106 columns, 100 at most",
            "desk/src/moment.rs:2: 108 columns, 100 at most",
            "desk/src/moment.rs:3: 112 columns, 100 at most",
            "docs/a.md:1: 104 columns, 100 at most",
            "docs/a.md:3: 114 columns, 100 at most",
            "docs/reference/by_hand.md:1: 104 columns, 100 at most",
            "integrations/caddy/Caddyfile:1: 106 columns, 100 at most",
            "server/src/results/mod.rs:2: 107 columns, 100 at most",
            "style/a.css:1: 110 columns, 100 at most",
            "tools/a:1: 106 columns, 100 at most",
            "tools/a:3: 168 columns, 100 at most",
        ]
    );
}

#[test]
fn an_old_name_is_found() {
    let project = Project::with(&[
        ("app/src/lib.rs", "//! Here.\nmod told;\nfn here(of: Hereby) -> Here { \"Here\" }\n"),
        ("frontend/src/lib.rs", "//! The browser’s part.\nuse app::told;\n"),
        (
            "server/tests/server/a.rs",
            "//! It is said.\nlet said = \"told\"; // told\nenum Kind { Known, Told }\n\
             struct Known;\nfn is_told() {}\nstruct NotBegun;\nconst AS_SAID: u8 = 1;\n\
             #[test]\nfn what_is_told() {}\nfn foretold(retold_twice: u8) {}\n",
        ),
        (
            "server/tests/server/b.rs",
            "//! B.\n#[cfg(test)]\nfn is_told() {}\n#[tokio::test(a = \"b\")]\nfn it_is_told() {}\n\
             fn told2() {}\n",
        ),
        ("importer/src/main.rs", "//! A new crate.\nfn f() { told }\n"),
        ("xtask/src/main.rs", "//! Tasks.\nconst MOST: usize = MOST_LINES;\n"),
    ]);
    let found = old_names(project.as_ref());
    let expected = [
        "app/src/lib.rs:2: told: ",
        "app/src/lib.rs:3: Here: ",
        "app/src/lib.rs:2: mod told",
        "frontend/src/lib.rs:2: told: ",
        "importer/src/main.rs:2: told: ",
        "server/tests/server/a.rs:2: said: ",
        "server/tests/server/a.rs:3: Told: ",
        "server/tests/server/a.rs:5: is_told: ",
        "server/tests/server/a.rs:6: NotBegun: ",
        "server/tests/server/a.rs:7: AS_SAID: ",
        "server/tests/server/a.rs:4: Known: ",
        "server/tests/server/b.rs:3: is_told: ",
        "server/tests/server/b.rs:6: told2: ",
        "xtask/src/main.rs:2: MOST: ",
        "xtask/src/main.rs:2: MOST_LINES: ",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn an_old_name_in_a_script_is_found() {
    let project = Project::with(&[
        (
            "end2end/support/a.ts",
            "// It is told.\nexport function told(asked: string, { said }: Known) {}\n\
             const TOLD = `told ${wasAsked('told')}`, foretold = /said/;\n\
             interface Known {}\nclass Fate { #begun = PATIENCE; }\n\
             test('What is told', () => {});\n",
        ),
        ("end2end/node_modules/other.ts", "const told = 1;\n"),
        ("end2end/c.mts", "let told = 1;\n"),
        ("integrations/b.js", "let a = (told) => told.length / told;\n"),
        ("tools/mixed/told.mjs", "// What it is.\n"),
    ]);
    let found = old_names(project.as_ref());
    let expected = [
        "end2end/c.mts:1: told: ",
        "end2end/support/a.ts:2: told: ",
        "end2end/support/a.ts:2: asked: ",
        "end2end/support/a.ts:2: said: ",
        "end2end/support/a.ts:3: TOLD: ",
        "end2end/support/a.ts:3: wasAsked: ",
        "end2end/support/a.ts:5: Fate: ",
        "end2end/support/a.ts:5: begun: ",
        "end2end/support/a.ts:5: PATIENCE: ",
        "end2end/support/a.ts:4: Known: ",
        "integrations/b.js:1: told: ",
        "integrations/b.js:1: told: ",
        "integrations/b.js:1: told: ",
        "tools/mixed/told.mjs:1: a file called told",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn a_test_that_sleeps_or_looks_at_the_clock_is_found() {
    let project = Project::with(&[
        ("desk/tests/desk/outcomes.rs", "//! A.\nfn f() { sleep(began.elapsed()); }\n"),
        ("desk/tests/desk/strangers.rs", "//! B.\nfn f() { sleep(1);\n began.elapsed() }\n"),
        ("server/tests/server/a.rs", "//! C.\nuse std::time::Instant;\nfn f() { sleep(1) }\n"),
        ("server/src/a.rs", "//! D.\nfn f() { sleep(Instant::now()) }\n"),
    ]);
    assert_eq!(
        by_the_clock(project.as_ref()),
        [
            "desk/tests/desk/strangers.rs:3: elapsed",
            "server/tests/server/a.rs:2: Instant",
            "server/tests/server/a.rs:3: sleep",
        ]
    );
}

#[test]
fn a_path_that_is_no_route_is_found() {
    let project = Project::with(&[
        ("docs/reference/routes.md", "| GET `/admin/users/{netid}`: tia | 200 |\n| `/help` |\n"),
        (
            "app/src/lib.rs",
            "//! Pages.\nconst A: &str = \"/help#tokens\";\nformat!(\"/admin/users/{}\", a);\n\
             format!(\"/admin/user/{a}?b\");\n\"/helper\";\n\"/settings/about\";\n\
             #[cfg(test)]\nmod tests { const A: &str = \"/help/none\"; }\n",
        ),
    ]);
    assert_eq!(
        to_no_route(project.as_ref()),
        ["app/src/lib.rs:4: /admin/user/", "app/src/lib.rs:6: /settings/about"]
    );
}

#[test]
fn sentences_are_read_past_what_is_for_tests() {
    let project = Project::with(&[(
        "server/src/a.rs",
        "//! A.\n#[cfg(test)]\nmod reference;\nconst A: &str = \"One is read.\";\n\
         struct B { #[cfg(test)] seen: u8, kept: u8 }\n\
         fn f() {\n    #[cfg(test)]\n    note(\"None of tests.\");\n    g(\"Two are.\");\n}\n\
         #[cfg(test)]\nmod tests {\n    fn f() { g(\"None of theirs.\"); }\n}\n\
         const C: &str = \"Three are.\";\n",
    )]);
    let list = sentences::list(project.as_ref());
    let found: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(found, ["One is read.", "Two are.", "Three are."]);
}

#[test]
fn a_start_beside_the_kit_is_found() {
    let project = Project::with(&[
        ("server/tests/server/a.rs", "//! A.\nlet a = [\"serve\"];\n\"Latchkey listens on http\""),
        ("end2end/support/a.ts", "spawn(latchkey, ['serve']);\n/listens on/;\n"),
        (
            "integrations/testing/a.py",
            "start([binary(), \"serve\"])\n# serve, it listens on 3000\n",
        ),
        ("tools/a", "\"$LATCHKEY_BINARY\" serve --demo\n"),
        ("tools/dev", "\"$LATCHKEY_BINARY\" serve --demo\n"),
        ("testkit/src/main.rs", "//! The kit.\n\"Latchkey listens on http\""),
        ("end2end/node_modules/a.mjs", "'serve'"),
    ]);
    let found = by_hand(project.as_ref());
    let places: Vec<_> = found.iter().map(|found| found.rsplit_once(": ").unwrap().0).collect();
    assert_eq!(
        places,
        [
            "server/tests/server/a.rs:3",
            "end2end/support/a.ts:1",
            "end2end/support/a.ts:2",
            "integrations/testing/a.py:1",
            "tools/a:1",
        ]
    );
}
