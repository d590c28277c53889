//! Paths that a page names: each is a route, so that no link and no form stays behind when a page
//! goes to another path.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::scan::without_tests;
use crate::tokens::Kind;
use crate::width::files_of_kinds;
use crate::{files, shown};

/// Made by the tests that ask every route.
const ROUTES: &str = "docs/reference/routes.md";

/// What the paths of pages begin with.
const PAGES: [&str; 4] = ["/admin", "/help", "/login", "/settings"];

pub(crate) fn to_no_route(project: &Path) -> Vec<String> {
    let listed = fs::read_to_string(project.join(ROUTES)).unwrap_or_default();
    let routes: BTreeSet<&str> = listed.split('`').map(path_of).collect();
    let mut found = Vec::new();
    for file in files(&project.join("app/src")) {
        for token in without_tests(&file.tokens) {
            let Kind::Text(text) = &token.kind else { continue };
            let path = path_of(text);
            let is_page = PAGES.iter().any(|page| {
                path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            if is_page && !routes.contains(path) {
                found.push(format!("{}:{}: {path}", shown(project, &file.path), token.line));
            }
        }
    }
    for path in files_of_kinds(&project.join("app/src"), &["html"]) {
        let html = fs::read_to_string(&path).unwrap_or_default();
        for (at, line) in html.lines().enumerate() {
            for link in line.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let to = path_of(link);
                if to.starts_with('/') && !routes.contains(to) {
                    found.push(format!("{}:{}: {to}", shown(project, &path), at + 1));
                }
            }
        }
    }
    found
}

/// Without a query, a fragment, and what is filled in.
fn path_of(text: &str) -> &str {
    text.split(['?', '#', '{']).next().unwrap_or_default()
}
