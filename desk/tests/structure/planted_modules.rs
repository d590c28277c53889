//! What is found of modules that use each other.

use super::finds;

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
        &["a circle of 2 modules:
    desk/src/engine/a.rs:5 → desk/src/engine/b.rs
    desk/src/engine/b.rs:3 → desk/src/engine/a.rs"],
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
fn a_circle_of_folders_is_found_and_none_within_a_folder() {
    finds(
        &[
            ("server/src/web/mod.rs", "//! W.\nmod a;\nmod b;\npub use a::A;\n"),
            ("server/src/web/a.rs", "//! A.\nuse super::b::B;\npub struct A(crate::Limits);\n"),
            ("server/src/web/b.rs", "//! B.\nuse super::A;\npub struct B;\n"),
            ("server/src/lib.rs", "//! C.\nmod limits;\nmod web;\npub use limits::Limits;\n"),
            ("server/src/limits.rs", "//! L.\nfn f() { crate::web::A }\npub struct Limits;\n"),
        ],
        &["a circle of 2 modules:
    server/src/limits.rs:2 → server/src/web
    server/src/web/a.rs:3 → server/src/limits.rs"],
    );
}

#[test]
fn what_calls_the_servers_part_of_app_is_in_no_circle_with_it() {
    let page = "//! P.\nuse leptos::prelude::*;\nuse serde::*;\nfn f() { crate::server::g() }\n";
    let server = "//! S.\npub fn g() { crate::page::f() }\n";
    finds(&[("app/src/page.rs", page), ("app/src/server/mod.rs", server)], &[]);
    let layout = "//! L.\npub fn g() { crate::page::f() }\n";
    finds(
        &[
            ("app/src/page.rs", "//! P.\npub fn f() { crate::layout::g() }\n"),
            ("app/src/layout/mod.rs", layout),
        ],
        &["a circle of 2 modules:"],
    );
}
