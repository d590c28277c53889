//! The checks themselves, on small projects that are laid in a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

/// A project of a few files; it goes when it is dropped.
struct Project(PathBuf);

impl Project {
    /// One that passes every check, with these files laid over it.
    fn with(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let folder = format!(
            "latchkey-structure-{}-{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let project = Self(env::temp_dir().join(folder));
        for (path, source) in CLEAN.iter().chain(files) {
            let path = project.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, source).unwrap();
        }
        project
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl AsRef<Path> for Project {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

const CLEAN: &[(&str, &str)] = &[
    (
        "desk/src/lib.rs",
        "//! The crate.\nmod engine;\nmod moment;\nmod store;\npub use engine::*;\npub use moment::Moment;\n",
    ),
    ("desk/src/moment.rs", "//! Time.\npub struct Moment;\n"),
    (
        "desk/src/engine/mod.rs",
        "//! The engine.\nmod desk;\nmod tokens;\npub use desk::Desk;\npub use tokens::Token;\n",
    ),
    (
        "desk/src/engine/desk.rs",
        "//! The desk. It says \"SELECT * FROM user\" nowhere.\n\
         use crate::Moment;\n\
         use crate::store::rows;\n\
         pub struct Desk(Moment);\n",
    ),
    (
        "desk/src/engine/tokens.rs",
        "//! Tokens.\n\
         use super::desk::Desk;\n\
         use crate::{Moment, store};\n\
         /// `crate::engine::Token`\n\
         pub struct Token(Desk, Moment);\n\
         fn f() { store::rows(); }\n\
         #[cfg(test)]\n\
         mod tests { use crate::*; fn f() { crate::engine::Token; } }\n",
    ),
    (
        "desk/src/store/mod.rs",
        "//! The store.\nuse surrealdb::Surreal;\npub fn rows() { db.query(\"SELECT * FROM user\"); }\n",
    ),
    ("app/src/lib.rs", "//! Pages.\nfn f(uri: Uri) { uri.query(); }\n"),
    (
        "server/src/main.rs",
        "//! The program.\nconst METHODS: [&str; 2] = [\"DELETE\", \"-----BEGIN CERTIFICATE-----\"]; // SELECT * FROM user\n",
    ),
];

fn all(project: &Project) -> Vec<String> {
    let checks = [
        super::surrealql_outside_the_store,
        super::circles,
        super::strangers_at_doors,
        super::routers_outside_the_table,
        super::without_opening_line,
        super::too_long,
        super::promises::without_their_test,
    ];
    checks.iter().flat_map(|check| check(project.as_ref())).collect()
}

/// Lays the files over a clean project and expects exactly these findings, or their beginnings.
#[track_caller]
fn finds(files: &[(&str, &str)], expected: &[&str]) {
    let project = Project::with(files);
    let found = all(&project);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn a_clean_project_passes() {
    finds(&[], &[]);
}

#[test]
fn surrealql_is_found_in_any_crate() {
    finds(
        &[
            ("app/src/lib.rs", "//! Pages.\nfn f() {\n    g(r#\"DELETE token\"#);\n}"),
            (
                "server/src/main.rs",
                "//! \"\nconst QUERY: &str = \"\n    \\\"quoted\\\"\n    UPDATE token SET revoked_at = $now\";",
            ),
            (
                "desk/src/engine/more.rs",
                "//! More.\nconst CREATE: &str = concat!(\"a\", \"CREATE type::record('token', $id)\");",
            ),
        ],
        &[
            "desk/src/engine/more.rs:2: SurrealQL: CREATE type::record('token', $id)",
            "app/src/lib.rs:3: SurrealQL: DELETE token",
            "server/src/main.rs:4: SurrealQL: UPDATE token SET revoked_at = $now",
        ],
    );
}

#[test]
fn the_stores_client_is_found_outside_the_store() {
    finds(
        &[
            (
                "desk/src/engine/more.rs",
                "//! More.\nuse surrealdb::types::SurrealValue;\nfn f() { self.handle.query(g()); }",
            ),
            ("app/src/lib.rs", "//! Pages.\nfn f() { here.query(\"next\"); }"),
            ("server/src/main.rs", "//! The program.\nfn f() { desk.db.query(text); }"),
        ],
        &[
            "desk/src/engine/more.rs:2: the store's client: `surrealdb`",
            "desk/src/engine/more.rs:3: a query on a database: `handle.query(`",
            "server/src/main.rs:2: a query on a database: `db.query(`",
        ],
    );
}

#[test]
fn a_stranger_at_a_door_is_found() {
    finds(
        &[
            (
                "app/src/lib.rs",
                "//! Pages.\nfn f() { desk.console ( ); error.source(); \"desk.console()\"; }",
            ),
            (
                "server/src/cli/user.rs",
                "//! A command.\nfn f() { desk.console(); desk.source(source::Scim); }",
            ),
            (
                "server/src/scim/mod.rs",
                "//! A door.\nfn f() { desk.source(desk::source::Scim);\n desk.source(source::OpenId); scim::Scim; }",
            ),
            (
                "server/src/main.rs",
                "//! The program.\nuse desk::source::Directory;\nfn f() { console(); desk.console.print(); }",
            ),
        ],
        &[
            "app/src/lib.rs:2: console",
            "server/src/cli/user.rs:2: Scim",
            "server/src/main.rs:2: Directory",
            "server/src/scim/mod.rs:3: OpenId",
        ],
    );
}

#[test]
fn a_route_beside_the_table_is_found() {
    finds(
        &[
            (
                "server/src/web/routes.rs",
                "//! The table.\nuse axum::routing::get;\nfn f() { Router::new().route(path, get(f)) }",
            ),
            (
                "server/src/web/router.rs",
                "//! A router.\nfn f(router: Router<Shared>) -> Router { router.layer(g).merge(h); route(1); }",
            ),
            (
                "server/src/main.rs",
                "//! The program.\nuse axum::routing;\nfn f() { axum::Router::new();\n router.route(\"/x\", x) }",
            ),
            (
                "app/src/lib.rs",
                "//! Pages.\nuse axum::{Router, routing::get};\nfn f() { router.route_service(a, b) }",
            ),
        ],
        &[
            "app/src/lib.rs:2: routing",
            "app/src/lib.rs:3: route_service",
            "server/src/main.rs:2: routing",
            "server/src/main.rs:3: Router",
            "server/src/main.rs:4: route",
        ],
    );
}

#[test]
fn a_promise_without_its_test_is_found() {
    finds(
        &[
            ("desk/tests/desk/a.rs", "#[test]\nfn it_holds() {}"),
            ("end2end/tests/a.spec.ts", "test('it holds', () => {});"),
            (
                "docs/security.md",
                "`desk/tests/desk/a.rs::it_holds`, `::it_does_not`, `end2end/tests/a.spec.ts::it holds`, `Cookie::id`\n`server/none.rs`\n",
            ),
        ],
        &["docs/security.md:1: ::it_does_not", "docs/security.md:2: server/none.rs"],
    );
}

#[test]
fn a_requirement_without_its_row_is_found() {
    let project = Project::with(&[(
        "docs/security.md",
        "| 3.2.1 | a | b |\n| 3.2.1 (L1) | a | b |\n| 3.2.3 | a | b |\n",
    )]);
    let found = super::promises::without_their_row(project.as_ref());
    assert_eq!((found[0].as_str(), found[1].as_str()), ("3.2.1: 2 rows", "3.2.2: 0 rows"));
    assert_eq!(found.last().unwrap(), "3.2.3: not of these levels");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let project = Project::with(&[
        (
            "README.md",
            "[a](docs/a.md#one--two) [b](docs/b.md) `[c](code.md)` [d](#none)\n```\n[e](code.md)\n```\n",
        ),
        (
            "docs/a.md",
            "# A\n\n## One & two\n\n[up](../README.md), [web](https://example.edu/), [gone](#three)\n",
        ),
    ]);
    let found = super::documents::dead_links(project.as_ref());
    assert_eq!(found, ["README.md:1: docs/b.md", "README.md:1: #none", "docs/a.md:5: #three"]);
}

#[test]
fn a_document_outside_the_book_and_a_long_readme_are_found() {
    let long = "line\n".repeat(121);
    let project = Project::with(&[
        ("README.md", &long),
        ("docs/SUMMARY.md", "- [A](setup/a.md)\n"),
        ("docs/setup/a.md", "# A\n"),
        ("docs/b.md", "# B\n"),
    ]);
    assert_eq!(super::documents::outside_the_book(project.as_ref()), ["docs/b.md"]);
    assert_eq!(
        super::documents::long_readme(project.as_ref()),
        ["README.md: 121 lines, 120 at most"]
    );
}

#[test]
fn a_circle_is_found_through_re_exports_and_globs() {
    finds(
        &[("desk/src/moment.rs", "//! Time.\npub struct Moment;\nfn f(token: crate::Token) {}\n")],
        &["a circle of 3 modules:
    desk/src/engine/tokens.rs:3 → desk/src/moment.rs
    desk/src/moment.rs:3 → desk/src/engine/tokens.rs
  and between the same modules:
    desk/src/engine/desk.rs:2 → desk/src/moment.rs
    desk/src/engine/tokens.rs:2 → desk/src/engine/desk.rs"],
    );
}

#[test]
fn a_module_that_defines_something_itself_is_part_of_a_circle() {
    finds(
        &[
            (
                "desk/src/store/mod.rs",
                "//! The store.\npub(crate) mod rows;\npub use rows::Row;\npub fn rows() {}",
            ),
            ("desk/src/store/rows.rs", "//! Rows.\npub struct Row;\nfn f() { super::rows() }"),
        ],
        // `rows` is a module as well as a function: it is the module that is looked for first.
        &[],
    );
    finds(
        &[
            (
                "desk/src/store/mod.rs",
                "//! The store.\npub(crate) mod rows;\npub use rows::Row;\npub fn read() {}",
            ),
            ("desk/src/store/rows.rs", "//! Rows.\npub struct Row;\nfn f() { super::read() }"),
        ],
        &["a circle of 2 modules:\n    desk/src/store/mod.rs:3 → desk/src/store/rows.rs"],
    );
}

#[test]
fn nested_braces_renames_and_inline_modules_are_read() {
    finds(
        &[
            (
                "desk/src/engine/a.rs",
                "//! A.\n\
                 use std::{fmt, io as other};\n\
                 use crate::{\n\
                 moment,\n\
                 engine::{b::{self as c, inner::Thing}, Desk as D},\n\
                 };\n\
                 pub struct A;",
            ),
            (
                "desk/src/engine/b.rs",
                "//! B.\n\
                 pub mod inner {\n\
                 use super::super::a;\n\
                 pub struct Thing(a::A);\n\
                 }",
            ),
        ],
        &[
            "a circle of 2 modules:\n    desk/src/engine/a.rs:5 → desk/src/engine/b.rs\n    desk/src/engine/b.rs:3 → desk/src/engine/a.rs",
        ],
    );
}

#[test]
fn tests_draw_no_arrows() {
    finds(
        &[
            (
                "desk/src/moment.rs",
                "//! Time.\n\
                 pub struct Moment;\n\
                 #[cfg(test)]\n\
                 use crate::{Token, Desk};\n\
                 struct S {\n\
                 #[cfg(test)]\n\
                 token: crate::Token,\n\
                 }\n\
                 #[cfg(test)]\n\
                 mod tests;",
            ),
            ("desk/src/moment/tests.rs", "//! Tests.\nuse crate::Token;\nuse super::*;"),
        ],
        &[],
    );
    finds(
        &[(
            "desk/src/moment.rs",
            "//! Time.\n\
                 #[cfg(test)]\n\
                 use a;\n\
                 pub struct Moment;\n\
                 #[cfg(all(test, unix))]\n\
                 const A: [u8; 2] = [1, 2];\n\
                 #[cfg(not(test))]\n\
                 use crate::{Token, Desk};",
        )],
        &["a circle of 3 modules:"],
    );
}

#[test]
fn visibility_is_no_use() {
    finds(&[("desk/src/moment.rs", "//! Time.\npub(in crate::engine) struct Moment;\n")], &[]);
}

#[test]
fn a_file_without_an_opening_line_is_found() {
    finds(
        &[
            ("desk/src/moment.rs", "/// Time.\npub struct Moment;\n"),
            ("desk/src/moment/tests.rs", "use a;\n//! Late."),
            ("app/src/lib.rs", "#![recursion_limit = \"256\"]\n//! Pages."),
            ("server/src/main.rs", "//!\n//! The program."),
        ],
        &[
            "desk/src/moment/tests.rs:1",
            "desk/src/moment.rs:1",
            "app/src/lib.rs:1",
            "server/src/main.rs:1",
        ],
    );
}

#[test]
fn a_long_file_is_found() {
    let just = format!("//! Time.\npub struct Moment;\n{}", "\n".repeat(super::MOST_LINES - 2));
    finds(&[("desk/src/moment.rs", &just)], &[]);
    finds(
        &[("desk/src/moment.rs", &format!("{just}\n"))],
        &["desk/src/moment.rs:401: 401 lines, 400 at most"],
    );
}
