//! The shape of the sources, which no compiler looks at: SurrealQL stands in the store alone,
//! modules do not use each other in circles, handles without a person are asked for by their own
//! callers, routers are made by the table of routes, what a request is for follows from its route
//! and not from its path, what `docs/security.md` promises names tests that are there, each file
//! and each function is short, a file opens by saying what it is, no line is wide, no name of Rust
//! or of a script is one that the field has another word for, no document has a link that leads
//! nowhere, names a file that is not there or has a command typed that there is not, `testkit`
//! alone starts the program, each file of Rust is compiled by something, each crate takes the
//! workspace's lints, what of `app` is for the server alone is in its room, what is passed on is
//! compiled for speed throughout, and no program carries where it was compiled.
//!
//! It needs neither the crate nor its dependencies: `rustc --test --edition 2024
//! desk/tests/structure.rs -o structure` and `CARGO_MANIFEST_DIR=$PWD/desk ./structure` answer
//! within some seconds, before anything else compiles.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "structure/baked.rs"]
mod baked;
#[path = "structure/documents.rs"]
mod documents;
#[path = "structure/doors.rs"]
mod doors;
#[path = "structure/languages.rs"]
mod languages;
#[path = "structure/length.rs"]
mod length;
#[path = "structure/links.rs"]
mod links;
#[path = "structure/manifests.rs"]
mod manifests;
#[path = "structure/modules.rs"]
mod modules;
#[path = "structure/names.rs"]
mod names;
#[path = "structure/openings.rs"]
mod openings;
#[path = "structure/orphans.rs"]
mod orphans;
#[path = "structure/planted.rs"]
mod planted;
#[path = "structure/profiles.rs"]
mod profiles;
#[path = "structure/promises.rs"]
mod promises;
#[path = "structure/python.rs"]
mod python;
#[path = "structure/request_paths.rs"]
mod request_paths;
#[path = "structure/routers.rs"]
mod routers;
#[path = "structure/scan.rs"]
mod scan;
#[path = "structure/scripts.rs"]
mod scripts;
#[path = "structure/sentences.rs"]
mod sentences;
#[path = "structure/servers_part.rs"]
mod servers_part;
#[path = "structure/shell.rs"]
mod shell;
#[path = "structure/starts.rs"]
mod starts;
#[path = "structure/surrealql.rs"]
mod surrealql;
#[path = "structure/tokens.rs"]
mod tokens;
#[path = "structure/waits.rs"]
mod waits;
#[path = "structure/width.rs"]
mod width;

use std::path::{Path, PathBuf};
use std::{env, fs};

use modules::SourceFile;

#[test]
fn surrealql_stands_in_the_store_alone() {
    assert_none(
        &surrealql::outside_the_store(&project()),
        "The store has functions for what others need of it (desk/src/store).",
    );
}

#[test]
fn modules_use_each_other_in_no_circle() {
    assert_none(
        &circles(&project()),
        "Move what both sides need into a module of its own, below them.",
    );
}

#[test]
fn folders_of_app_and_server_use_each_other_in_no_circle() {
    assert_none(
        &circles_of_folders(&project()),
        "Move what both sides need into a module of its own, below them.",
    );
}

#[test]
fn handles_without_a_person_are_asked_for_by_their_own_callers_alone() {
    assert_none(
        &strangers_at_doors(&project()),
        "Only the door that checks who speaks takes this handle (desk/src/engine/doors.rs).",
    );
}

#[test]
fn no_route_is_outside_the_table_of_routes() {
    assert_none(
        &routers_outside_the_table(&project()),
        "Add it to `Routes` (server/src/web/routes.rs): what is not in its list is asked by no \
            test.",
    );
}

#[test]
fn no_program_carries_where_it_was_compiled() {
    assert_none(
        &baked::places(&project()),
        "A program that was compiled in another checkout reads its files there: cargo runs tests \
            in the folder of their crate, so name files from there (`../docs`).",
    );
}

#[test]
fn nobody_but_testkit_starts_the_program() {
    assert_none(
        &starts::by_hand(&project()),
        "`testkit` starts it, waits until it listens, and stops it (docs/development/testing.md).",
    );
}

#[test]
fn what_is_passed_on_is_compiled_for_speed_throughout() {
    assert_none(
        &profiles::not_for_speed(&project()),
        "A package that [profile.release] lowers is at 3 in [profile.dist], and no other is named.",
    );
}

#[test]
fn no_request_is_told_apart_by_its_path() {
    assert_none(
        &requests_by_path(&project()),
        "Put the layer around the routes that it is for (server/src/router.rs), or ask the \
            request's `Kind`.",
    );
}

#[test]
fn no_page_names_a_path_that_is_no_route() {
    assert_none(
        &links::to_no_route(&project()),
        "It is not in docs/reference/routes.md. A page's is its `PATH`: `tools/update routes`.",
    );
}

#[test]
fn what_is_promised_names_tests_that_are_there() {
    assert_none(
        &promises::without_their_test(&project()),
        "There is no such file, or no such test in it.",
    );
}

#[test]
fn what_a_document_or_a_comment_names_is_there() {
    assert_none(&promises::without_their_file(&project()), "There is no such file.");
}

#[test]
fn each_requirement_has_its_row() {
    assert_none(&promises::without_their_row(&project()), "Each requirement has one row.");
}

#[test]
fn no_link_of_a_document_leads_nowhere() {
    assert_none(
        &documents::dead_links(&project()),
        "There is no such file, or no such heading in it.",
    );
}

#[test]
fn the_book_has_every_document() {
    assert_none(
        &documents::outside_the_book(&project()),
        "Add it, or what it links to, to the book's table of contents (docs/SUMMARY.md).",
    );
}

#[test]
fn what_documents_have_typed_is_there() {
    assert_none(
        &documents::commands_of_none(&project()),
        "There is no such target (Makefile), or no such program (tools).",
    );
}

#[test]
fn each_file_of_rust_is_compiled() {
    assert_none(&orphans::compiled_by_nothing(&project()), "No `mod` declares it.");
}

#[test]
fn each_module_is_where_its_name_says() {
    assert_none(&orphans::by_another_path(&project()), "Move the file, and leave the path out.");
}

#[test]
fn no_text_of_a_view_is_unquoted() {
    assert_none(&sentences::without_quotes(&project()), "In quotes it is in the list.");
}

#[test]
fn manifests_take_the_lints_and_leave_the_store_to_the_desk() {
    assert_none(&manifests::amiss(&project()), "As the other crates have it.");
}

#[test]
fn what_is_for_the_server_alone_is_in_its_room() {
    assert_none(
        &servers_part::outside_its_room(&project()),
        "Move it to app/src/server, and call it from there.",
    );
}

#[test]
fn readme_is_short() {
    assert_none(
        &documents::long_readme(&project()),
        "What is not for everybody belongs into the book (docs/).",
    );
}

#[test]
fn what_a_page_of_html_says_is_read_a_block_at_a_time() {
    let html = "<nav aria-label=\"x\"><a href=\"#a\">One</a></nav>\n<p>Choose <strong>Save\n  \
        it</strong>.</p><img alt=\"A picture.\"><pre><code>curl it</code></pre><p>Done.</p>";
    let blocks = sentences::of_html(html);
    assert_eq!(blocks, ["One", "Choose Save it.", "A picture.", "Done."]);
}

#[test]
fn the_list_of_sentences_is_of_these_sources() {
    let list = sentences::list(&project());
    let kept = sentences::kept(&project(), &list);
    assert!(
        kept == list,
        "{}: run this test with UPDATE_SENTENCES=1, and read what changed",
        sentences::LIST
    );
}

#[test]
fn no_line_is_too_wide() {
    assert_none(&width::wide_lines(&project()), "Break it, or say it in fewer words.");
}

#[test]
fn few_tests_sleep_or_look_at_the_clock() {
    assert_none(
        &waits::by_the_clock(&project()),
        "Wait for what it waits for, by the world's clock, or name the file and its reason \
            (desk/tests/structure/waits.rs).",
    );
    assert_none(&waits::named_in_vain(&project()), "It does so no more: name it no longer.");
}

#[test]
fn no_old_name_comes_back() {
    assert_none(&names::old_names(&project()), "The field has another word for it.");
}

#[test]
fn each_file_opens_with_what_it_is() {
    assert_none(
        &openings::without(&project()),
        "The first line, `//! …` (`// …` in TypeScript, `/* …` in a style sheet), says what the \
            file is for.",
    );
}

#[test]
fn no_file_is_too_long() {
    assert_none(&length::too_long(&project()), "Split the file by what it does.");
}

#[test]
fn no_function_is_too_long() {
    assert_none(&length::too_long_functions(&project()), "Give a part of it a name of its own.");
}

fn assert_none(offenders: &[String], remedy: &str) {
    assert!(offenders.is_empty(), "{remedy}\n{}", offenders.join("\n"));
}

/// The folder that holds `desk`, `app` and `server`. Asked when the test runs, so that one build
/// can look at any checkout.
fn project() -> PathBuf {
    let desk = env::var_os("CARGO_MANIFEST_DIR").expect("CARGO_MANIFEST_DIR: the folder desk");
    Path::new(&desk).parent().unwrap().to_owned()
}

fn circles(project: &Path) -> Vec<String> {
    let folder = project.join("desk/src");
    modules::circles(&folder, &files(&folder), |path| shown(project, path))
}

/// In `app` no arrow leads to `server`: a server function's body and a page's `PageRoute` stand
/// beside what the browser has of them, and call what is there. That nothing else does is the
/// compiler's to find, since the browser's build has no such module.
fn circles_of_folders(project: &Path) -> Vec<String> {
    let of = |folder: &str, not_followed: Option<&str>| {
        let folder = project.join(folder);
        modules::circles_of_folders(&folder, &files(&folder), not_followed, |path| {
            shown(project, path)
        })
    };
    [of("app/src", Some("server")), of("server/src", None)].concat()
}

fn strangers_at_doors(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["app/src", "server/src"] {
        for file in files(&project.join(folder)) {
            let shown = shown(project, &file.path);
            found.extend(
                doors::strangers(&shown, &file.tokens)
                    .into_iter()
                    .map(|(line, handle)| format!("{shown}:{line}: {handle}")),
            );
        }
    }
    found
}

fn routers_outside_the_table(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["app/src", "server/src"] {
        for file in files(&project.join(folder)) {
            let shown = shown(project, &file.path);
            if shown != routers::TABLE {
                found.extend(
                    routers::makers(&file.tokens)
                        .into_iter()
                        .map(|(line, what)| format!("{shown}:{line}: {what}")),
                );
            }
        }
    }
    found
}

fn requests_by_path(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["app/src", "server/src"] {
        for file in files(&project.join(folder)) {
            let shown = shown(project, &file.path);
            found.extend(
                request_paths::compared(&shown, &file)
                    .into_iter()
                    .map(|(line, what)| format!("{shown}:{line}: {what}")),
            );
        }
    }
    found
}

fn shown(project: &Path, path: &Path) -> String {
    path.strip_prefix(project).unwrap_or(path).display().to_string()
}

fn files(folder: &Path) -> Vec<SourceFile> {
    let read = |path: PathBuf| SourceFile {
        tokens: tokens::tokens(&fs::read_to_string(&path).unwrap()),
        path,
    };
    paths(folder).into_iter().map(read).collect()
}

/// All Rust sources in a folder and those below it, in order.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(paths(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
