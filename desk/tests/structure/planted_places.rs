//! What is found of where things stand: in a file that nothing compiles, in another's manifest, in
//! the browser's part of `app`, by another name.

use super::{Project, finds};
use crate::baked::places;
use crate::documents::commands_of_none;
use crate::links::to_no_route;
use crate::orphans::{by_another_path, compiled_by_nothing};
use crate::waits::by_the_clock;
use crate::{manifests, sentences, servers_part, starts};

#[test]
fn a_file_that_no_mod_declares_is_found() {
    let project = Project::with(&[
        ("desk/Cargo.toml", ""),
        ("desk/tests/a.rs", "//! A crate.\n#[path = \"a/b.rs\"]\nmod b;\n"),
        ("desk/tests/a/b.rs", "//! B.\nmod c;\n"),
        ("desk/tests/a/c.rs", "//! C.\n// mod d;\n"),
        ("desk/tests/a/d.rs", "//! D.\n"),
        ("frontend/Cargo.toml", ""),
        ("frontend/src/bin/e.rs", "//! E.\n"),
        ("desk/src/engine/f.rs", "//! F.\nmod tests {}\n"),
        ("desk/src/engine/f/tests.rs", "//! F.\n"),
    ]);
    assert_eq!(
        compiled_by_nothing(project.as_ref()),
        ["desk/src/engine/f/tests.rs", "desk/src/engine/f.rs", "desk/tests/a/d.rs"]
    );
}

#[test]
fn a_module_that_comes_by_another_path_is_found() {
    let project = Project::with(&[(
        "app/src/lib.rs",
        "//! Pages.\n#[cfg_attr(unix, path = \"a.rs\")]\nmod b;\ninclude!(\"c.rs\");\n\
         include!(concat!(env!(\"OUT_DIR\"), \"/d.rs\"));\n#[path = \"e.rs\"]\nmod e;\n\
         #[cfg(test)]\n#[path = \"tests.rs\"]\nmod tests;\n",
    )]);
    assert_eq!(
        by_another_path(project.as_ref()),
        ["app/src/lib.rs:2", "app/src/lib.rs:4", "app/src/lib.rs:6"]
    );
}

#[test]
fn a_manifest_that_goes_its_own_way_is_found() {
    let project = Project::with(&[
        (
            "Cargo.toml",
            "[workspace]\n[workspace.dependencies]\n# One.\nserde = { version = \"1\", \
             features = [\n    \"derive\",\n] }\nserde_json = \"1\"\nsurrealdb = \"=3\"\n\
             [profile.release]\n",
        ),
        ("desk/Cargo.toml", "surrealdb.workspace = true\n[lints]\nworkspace = true\n"),
        (
            "app/Cargo.toml",
            "# No surrealdb.\nserde = { workspace = true }\ndb = { package = \"surrealdb\" }\n\
             [lints.rust]\n",
        ),
        ("tools/surreal/Cargo.toml", "[workspace]\n[dependencies]\nsurrealdb = \"=3\"\n"),
    ]);
    assert_eq!(
        manifests::amiss(project.as_ref()),
        [
            "app/Cargo.toml: no [lints] with workspace = true",
            "app/Cargo.toml:3: surrealdb: db = { package = \"surrealdb\" }",
            "Cargo.toml: serde_json is used by no crate",
        ]
    );
}

#[test]
fn what_is_for_the_server_alone_is_found_outside_its_room() {
    let project = Project::with(&[
        (
            "app/src/lib.rs",
            "//! Pages.\n#[cfg(feature = \"ssr\")]\npub mod server;\n#[cfg(feature = \"ssr\")]\n\
             impl crate::server::PageRoute for Help {}\n#[cfg(all(unix, feature = \"ssr\"))]\n\
             #[must_use]\npub(crate) fn secret() {}\nfn f() { cfg!(feature = \"ssr\") }\n\
             #[cfg(feature = \"ssr\")]\nmod inner { fn f() {} }\n#[cfg(feature = \"ssr\")]\n\
             impl Help {}\n#[cfg(feature = \"hydrate\")]\nfn g() {}\n",
        ),
        ("app/src/server/mod.rs", "//! S.\n#[cfg(feature = \"ssr\")]\nfn f() {}\n"),
    ]);
    let found = servers_part::outside_its_room(project.as_ref());
    let lines: Vec<_> = found.iter().map(|it| it.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["6", "9", "10", "12"]);
}

#[test]
fn the_stores_client_and_its_files_are_found_by_whatever_name() {
    finds(
        &[
            ("importer/src/main.rs", "//! A new crate.\nextern crate surrealdb_types;\n"),
            ("server/src/a.rs", "//! A.\nuse surrealdb_core as core;\nlet surrealdb_url = 1;\n"),
            ("server/src/b.surql", "SELECT * FROM user;\n"),
            ("testkit/src/a.rs", "//! A.\nconst A: &str = \"select * from user\";\n"),
        ],
        &[
            "importer/src/main.rs:2: the store's client: `surrealdb_types`",
            "server/src/a.rs:2: the store's client: `surrealdb_core`",
            "server/src/b.surql:1: a file of SurrealQL",
            "testkit/src/a.rs:2: SurrealQL: select * from user",
        ],
    );
}

#[test]
fn a_door_a_router_and_a_path_are_found_by_another_way() {
    finds(
        &[
            ("server/src/a.rs", "//! A.\nuse desk::source::{Scim, OpenId};\n"),
            ("server/src/b.rs", "//! B.\nuse desk::{Desk, source as s};\nfn f() { s::Scim }\n"),
            ("server/src/c.rs", "//! C.\nuse desk::source::*;\nfn f() { Desk::console(&d) }\n"),
            (
                "server/src/d.rs",
                "//! D.\nuse axum::Router as R;\nfn f(source: u8) { source as u16 }",
            ),
            (
                "server/src/e.rs",
                "//! E.\nfn f() { match path { \"/admin\" => 1 }\n\"/login\" == path;\n\
                 matches!(path, \"/a\" | \"/b\")\n}\n",
            ),
            ("server/src/scim/a.rs", "//! A.\nuse desk::source::{self, Scim};\n"),
        ],
        &[
            "server/src/a.rs:2: Scim",
            "server/src/a.rs:2: OpenId",
            "server/src/b.rs:2: source",
            "server/src/c.rs:2: source",
            "server/src/c.rs:3: console",
            "server/src/d.rs:2: Router",
            "server/src/e.rs:2: compared with /admin",
            "server/src/e.rs:3: compared with /login",
            "server/src/e.rs:4: compared with /a",
            "server/src/e.rs:4: compared with /b",
        ],
    );
}

#[test]
fn a_pause_is_found_in_units_in_the_kit_and_in_other_languages() {
    let project = Project::with(&[
        ("desk/src/engine/tests.rs", "//! T.\nfn f() { sleep(Instant::now()) }\n"),
        (
            "server/src/a.rs",
            "//! A.\nfn f() { sleep() }\n#[cfg(test)]\nmod t { fn f() { sleep() } }\n",
        ),
        (
            "server/tests/server/a.rs",
            "//! A.\nfn f() { Command::new(\"sleep\"); park_timeout(1) }\n",
        ),
        ("testkit/src/pause.rs", "//! P.\npub fn pause() { sleep(1) }\n"),
        ("end2end/tests/a.ts", "page.waitForTimeout(5);\nsetTimeout(f);\nsetTimeout(f, 5);\n"),
        ("integrations/test_a.py", "time.sleep(1)\n"),
        ("tools/a.mjs", "setTimeout(f, 5);\n"),
    ]);
    assert_eq!(
        by_the_clock(project.as_ref()),
        [
            "desk/src/engine/tests.rs:2: sleep",
            "server/src/a.rs:4: sleep",
            "server/tests/server/a.rs:2: sleep",
            "server/tests/server/a.rs:2: park_timeout",
            "testkit/src/pause.rs:2: sleep",
            "end2end/tests/a.ts:1: waitForTimeout(",
            "end2end/tests/a.ts:3: setTimeout(",
            "integrations/test_a.py:1: sleep(",
        ]
    );
}

#[test]
fn a_start_is_found_however_it_is_written() {
    let project = Project::with(&[
        (
            "tools/a",
            "latchkey serve &\n\"$LATCHKEY_BINARY\" serve &\n$bin serve --demo\n# latchkey serve\n\
             same '/usr/bin/latchkey serve'\nman latchkey-serve serve\n",
        ),
        (".ci/a", "/usr/bin/latchkey serve\n"),
        ("integrations/a.pm", "exec('latchkey', 'serve')\n"),
        ("integrations/b.py", "re.compile(r\"listens on (http.*)\")\n"),
        ("end2end/a.mts", "spawn(latchkey, [`serve`]);\n/** `latchkey serve` */\n"),
    ]);
    let found = starts::by_hand(project.as_ref());
    let places: Vec<_> = found.iter().map(|it| it.split(": ").next().unwrap()).collect();
    assert_eq!(
        places,
        [
            ".ci/a:1",
            "end2end/a.mts:1",
            "integrations/a.pm:1",
            "integrations/b.py:1",
            "tools/a:1",
            "tools/a:2",
            "tools/a:3",
        ]
    );
}

#[test]
fn a_command_that_a_document_has_typed_and_is_not_there_is_found() {
    let project = Project::with(&[
        ("Makefile", ".PHONY: run\nrun: build ## run\nbuild:\n"),
        ("tools/there", "#!/bin/sh\n"),
        (
            "docs/a.md",
            "`make run`, `make nothing`, make up\n```sh\nA=b make -s gone\ntools/there x\n\
             tools/gone x\nmake build\n```\n",
        ),
    ]);
    assert_eq!(
        commands_of_none(project.as_ref()),
        ["docs/a.md:3: A=b make -s gone", "docs/a.md:5: tools/gone x", "docs/a.md:1: make nothing"]
    );
}

#[test]
fn a_link_in_a_page_of_html_that_is_no_route_is_found() {
    let project = Project::with(&[
        ("docs/reference/routes.md", "| `/help` |\n"),
        ("app/src/a.html", "<a href=\"/help#a\">A</a>\n<a href=\"/gone\">B</a> <a href=\"#c\">\n"),
    ]);
    assert_eq!(to_no_route(project.as_ref()), ["app/src/a.html:2: /gone"]);
}

#[test]
fn sentences_are_read_wherever_they_stand() {
    let project = Project::with(&[
        ("server/src/contests.rs", "//! A.\nconst A: &str = \"Press <kbd>one</kbd> of them.\";\n"),
        ("server/src/a_tests.rs", "//! A.\nconst A: &str = \"None of tests.\";\n"),
        ("app/src/a.js", "alert('Two of a script.'); // Not this one.\n"),
        ("app/src/b.html", "<p>Three of a page.</p>\n"),
        (
            "app/src/b.rs",
            "//! B.\nfn f() -> impl Is as A { view! { <p>Four is bare.</p> <p>{a}</p> <A/> } }\n",
        ),
    ]);
    let list = sentences::list(project.as_ref());
    let found: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(found, ["Press one of them.", "Three of a page.", "Two of a script."]);
    assert_eq!(sentences::without_quotes(project.as_ref()), ["app/src/b.rs:2: Four"]);
}

#[test]
fn a_place_that_a_program_would_carry_is_found() {
    let project = Project::with(&[
        (
            "desk/tests/desk/a.rs",
            "//! A.\nlet a = env!(\"CARGO_MANIFEST_DIR\");\nenv!(\"CARGO_PKG_VERSION\");\n\
             // env!(\"CARGO_MANIFEST_DIR\")\nconcat!(env!(\n\"CARGO_MANIFEST_PATH\"), \"\");\n",
        ),
        ("server/src/a.rs", "//! A.\nstd::env::var(\"CARGO_MANIFEST_DIR\");\n"),
        ("xtask/src/a.rs", "//! A.\noption_env![\"CARGO_MANIFEST_DIR\"];\n"),
    ]);
    assert_eq!(
        places(project.as_ref()),
        ["desk/tests/desk/a.rs:2", "desk/tests/desk/a.rs:5", "xtask/src/a.rs:2"]
    );
}
