//! The checks themselves, on small projects that are laid in a temporary folder.

mod planted_documents;
mod planted_lines;
mod planted_modules;
mod planted_names;
mod planted_places;
mod planted_profiles;

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
        "//! The crate.\n\
         mod engine;\n\
         mod moment;\n\
         mod store;\n\
         pub use engine::*;\n\
         pub use moment::Moment;\n",
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
        "//! The store.\n\
         use surrealdb::Surreal;\n\
         pub fn rows() { db.query(\"SELECT * FROM user\"); }\n",
    ),
    ("app/src/lib.rs", "//! Pages.\nfn f(uri: Uri) { uri.query(); }\n"),
    ("testkit/src/lib.rs", "//! For tests.\n"),
    (
        "server/src/main.rs",
        "//! The program.\n\
         const METHODS: [&str; 2] = [\"DELETE\", \"-----BEGIN CERTIFICATE-----\"]; // SELECT * \
         FROM user\n",
    ),
];

fn all(project: &Project) -> Vec<String> {
    let checks = [
        super::surrealql::outside_the_store,
        super::circles,
        super::circles_of_folders,
        super::strangers_at_doors,
        super::routers_outside_the_table,
        super::requests_by_path,
        super::openings::without,
        super::length::too_long,
        super::length::too_long_functions,
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
                "//! \"\n\
                 const QUERY: &str = \"\n    \\\"quoted\\\"\n    UPDATE token SET revoked_at = \
                 $now\";",
            ),
            (
                "desk/src/engine/more.rs",
                "//! More.\n\
                 const CREATE: &str = concat!(\"a\", \"CREATE type::record('token', $id)\");",
            ),
        ],
        &[
            "app/src/lib.rs:3: SurrealQL: DELETE token",
            "desk/src/engine/more.rs:2: SurrealQL: CREATE type::record('token', $id)",
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
                "//! More.\n\
                 use surrealdb::types::SurrealValue;\n\
                 fn f() { self.handle.query(g()); }",
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
                "//! A door.\n\
                 fn f() { desk.source(desk::source::Scim);\n desk.source(source::OpenId); \
                 scim::Scim; }",
            ),
            (
                "server/src/main.rs",
                "//! The program.\n\
                 use desk::source::Directory;\n\
                 fn f() { console(); desk.console.print(); }",
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
                "//! The table.\n\
                 use axum::routing::get;\n\
                 fn f() { Router::new().route(path, get(f)) }",
            ),
            (
                "server/src/router.rs",
                "//! A router.\n\
                 fn f(router: Router<Shared>) -> Router { router.layer(g).merge(h); route(1); }",
            ),
            (
                "server/src/main.rs",
                "//! The program.\n\
                 use axum::routing;\n\
                 fn f() { axum::Router::new();\n router.route(\"/x\", x) }",
            ),
            (
                "app/src/lib.rs",
                "//! Pages.\n\
                 use axum::{Router, routing::get};\n\
                 fn f() { router.route_service(a, b) }",
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
fn a_request_that_is_told_apart_by_its_path_is_found() {
    finds(
        &[
            (
                "app/src/lib.rs",
                "//! Pages.\n\
                 fn f() { path.starts_with(\"/admin\");\n path == \"/login\"; path == \"/\"; }",
            ),
            ("app/src/paths.rs", "//! Paths.\nfn f() { path.starts_with(\"/fn/\"); }"),
            (
                "server/src/web/layer.rs",
                "//! A layer.\n\
                 fn f() { path.strip_prefix(\"/pkg/\"); text.starts_with(\"//\");\n path != \
                 \"/fn/log_in\"; path.contains(prefix); }",
            ),
        ],
        &[
            "app/src/lib.rs:2: compared with /admin",
            "app/src/lib.rs:3: compared with /login",
            "server/src/web/layer.rs:2: compared with /pkg/",
            "server/src/web/layer.rs:3: compared with /fn/log_in",
        ],
    );
}
