//! What is found in documents.

use super::{Project, finds};

#[test]
fn a_promise_without_its_test_is_found() {
    finds(
        &[
            ("desk/tests/desk/a.rs", "#[test]\nfn it_holds() {}"),
            ("end2end/tests/a.spec.ts", "// A.\ntest('it holds', () => {});"),
            (
                "docs/security.md",
                "`desk/tests/desk/a.rs::it_holds`, `::it_does_not`, \
                 `end2end/tests/a.spec.ts::it holds`, `Cookie::id`\n\
                 `server/none.rs`\n",
            ),
        ],
        &["docs/security.md:1: ::it_does_not", "docs/security.md:2: server/none.rs"],
    );
}

#[test]
fn a_file_that_is_named_and_not_there_is_found() {
    let project = Project::with(&[
        (
            "docs/a.md",
            "`desk/src/{moment,none}.rs`, `desk/src/store/`, `desk/src/moment.rs::Moment`,\n\
             `tools/x COMMAND`, `desk/src/…`, `app/none.rs`\n",
        ),
        ("app/src/a.rs", "//! Tests: `app/src/none.rs`.\nconst A: &str = \"`app/none`\";\n"),
    ]);
    let found = crate::promises::without_their_file(project.as_ref());
    let expected = [
        "app/src/a.rs:1: app/src/none.rs",
        "docs/a.md:1: desk/src/none.rs",
        "docs/a.md:2: app/none.rs",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_requirement_without_its_row_is_found() {
    let project = Project::with(&[(
        "docs/security.md",
        "| 3.2.1 | a | b |\n| 3.2.1 (L1) | a | b |\n| 3.2.3 | a | b |\n",
    )]);
    let found = crate::promises::without_their_row(project.as_ref());
    assert_eq!((found[0].as_str(), found[1].as_str()), ("3.2.1: 2 rows", "3.2.2: 0 rows"));
    assert_eq!(found.last().unwrap(), "3.2.3: not of these levels");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let project = Project::with(&[
        (
            "README.md",
            "[a](docs/a.md#one--two) [b](docs/b.md) `[c](code.md)` [d](#none)\n\
             ```\n\
             [e](code.md)\n\
             ```\n",
        ),
        (
            "docs/a.md",
            "# A\n\
             \n\
             ## One & two\n\
             \n\
             [up](../README.md), [web](https://example.edu/), [gone](#three)\n",
        ),
    ]);
    let found = crate::documents::dead_links(project.as_ref());
    assert_eq!(found, ["README.md:1: docs/b.md", "README.md:1: #none", "docs/a.md:5: #three"]);
}

#[test]
fn a_document_outside_the_book_and_a_long_readme_are_found() {
    let long = "line\n".repeat(121);
    let project = Project::with(&[
        ("README.md", &long),
        ("docs/SUMMARY.md", "- [A](setup/a.md)\n- [C](../integrations/c.md)\n"),
        (
            "docs/setup/a.md",
            "# A\n[B](../b.md) [C](../../integrations/c.md) [D](../../integrations/d.conf)\n\
             [E](../../integrations) [F](../../README.md) [A](#a)\n",
        ),
        ("docs/b.md", "# B\n"),
        ("integrations/c.md", "# C\n"),
        ("integrations/d.conf", "d\n"),
    ]);
    assert_eq!(
        crate::documents::outside_the_book(project.as_ref()),
        [
            "docs/b.md",
            "docs/setup/a.md:2: ../b.md",
            "docs/setup/a.md:3: ../../integrations",
            "docs/setup/a.md:3: ../../README.md",
        ]
    );
    assert_eq!(
        crate::documents::long_readme(project.as_ref()),
        ["README.md: 121 lines, 120 at most"]
    );
}
