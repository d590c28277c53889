//! What is found in documents.

use super::{Project, finds};

#[test]
fn a_promise_without_its_test_is_found() {
    finds(
        &[
            (
                "desk/tests/desk/a.rs",
                "//! A.\n#[test]\nfn it_holds() {}\n// fn it_is_said() {}\nfn it_helps() {}\n\
                 #[test]\n#[ignore = \"slow\"]\nfn it_waits() {}\n",
            ),
            (
                "integrations/test_a.py",
                "def test_a():\n# def test_b():\n@pytest.mark.skip\ndef test_c():\n",
            ),
            (
                "end2end/tests/a.spec.ts",
                "// A. It is said.\ntest('it holds', () => {});\ntest.skip('it waits', f);",
            ),
            (
                "docs/security.md",
                "`desk/tests/desk/a.rs::it_holds`, `::it_does_not`, \
                 `end2end/tests/a.spec.ts::it holds`, `Cookie::id`\n\
                 `server/none.rs`\n`desk/tests/desk/a.rs::it_is_said`\n\
                 `desk/tests/desk/a.rs::it_helps`\n`desk/tests/desk/a.rs::it_waits`\n\
                 `end2end/tests/a.spec.ts::It is said`, `::it waits`\n\
                 `integrations/test_a.py::test_a`, `::test_b`, `::test_c`\n\
                 `desks/tests/a.rs::it_holds`\n",
            ),
        ],
        &[
            "docs/security.md:1: ::it_does_not",
            "docs/security.md:2: server/none.rs",
            "docs/security.md:3: desk/tests/desk/a.rs::it_is_said",
            "docs/security.md:4: desk/tests/desk/a.rs::it_helps",
            "docs/security.md:5: desk/tests/desk/a.rs::it_waits",
            "docs/security.md:6: end2end/tests/a.spec.ts::It is said",
            "docs/security.md:6: ::it waits",
            "docs/security.md:7: ::test_b",
            "docs/security.md:7: ::test_c",
            "docs/security.md:8: desks/tests/a.rs::it_holds",
        ],
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
        (
            "docs/c.md",
            "It is `one\ntwo` of [a](d.md)\n\n[b]: e.md\n[f](/etc/passwd) <img src=\"g.png\">\n\
             #tag\n~~~\n# Code\n~~~\n[h](#code) [i](#tag)\n",
        ),
    ]);
    let found = crate::documents::dead_links(project.as_ref());
    assert_eq!(
        found,
        [
            "README.md:1: docs/b.md",
            "README.md:1: #none",
            "docs/a.md:5: #three",
            "docs/c.md:2: d.md",
            "docs/c.md:4: e.md",
            "docs/c.md:5: /etc/passwd",
            "docs/c.md:5: g.png",
            "docs/c.md:10: #code",
            "docs/c.md:10: #tag",
        ]
    );
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
