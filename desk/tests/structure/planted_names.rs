//! What is found of names in scripts: in Python, in the shell, and where only the first line says
//! which of them it is.

use super::Project;
use crate::names::old_names;

/// Expects exactly these findings, or their beginnings.
#[track_caller]
fn finds(files: &[(&str, &str)], expected: &[&str]) {
    let project = Project::with(files);
    let found = old_names(project.as_ref());
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn an_old_name_in_python_is_found() {
    finds(
        &[
            (
                "integrations/caddy/test_a.py",
                "\"\"\"It is told, \"said\" so.\"\"\"\n\
                 from other import begun as started  # told\n\
                 def test_what_is_told(place, said):\n    call(asked=f\"{told}\", b=r'said')\n\
                 class Known(Told):\n    def _arrive(self, _was_told):\n\
                 \x20       self._said = '''told\n'''\n\
                 def test_more():\n    test_what_is_told(Known, foretold)\n\
                 SAID_MOST = {'told': b\"said\"}\n",
            ),
            ("integrations/caddy/__pycache__/b.py", "told = 1\n"),
            ("integrations/nginx/test_b.py", "from test_a import test_what_is_told\n"),
            ("tools/mail/asked.py", "test_told = 1\n"),
        ],
        &[
            "integrations/caddy/test_a.py:2: begun: ",
            "integrations/caddy/test_a.py:3: said: ",
            "integrations/caddy/test_a.py:4: asked: ",
            "integrations/caddy/test_a.py:5: Told: ",
            "integrations/caddy/test_a.py:6: _arrive: ",
            "integrations/caddy/test_a.py:6: _was_told: ",
            "integrations/caddy/test_a.py:7: _said: ",
            "integrations/caddy/test_a.py:11: SAID_MOST: ",
            "integrations/caddy/test_a.py:5: Known: ",
            "tools/mail/asked.py:1: test_told: ",
            "tools/mail/asked.py:1: a file called asked",
        ],
    );
}

#[test]
fn an_old_name_in_the_shell_is_found() {
    finds(
        &[
            (
                "tools/a",
                "#!/usr/bin/env bash\n# It is told.\nlocal what=\"$1\" said\n\
                 said=\"$(program --told told/said 2>&1)\" || echo \"said: $said\"\n\
                 was_told() { echo 'told $said' >told.log; }\n\
                 cat <<END\ntold=$said\nEND\n\
                 TOLD=told; read -r begun <<<\"${asked:-said}\"\n",
            ),
            ("tools/checks.sh", "arrived 1\n"),
            ("deploy/debian/postinst", "#!/bin/sh\nswept=1\n"),
            ("tools/said", "#!/usr/bin/env bash\n"),
        ],
        &[
            "deploy/debian/postinst:2: swept: ",
            "tools/a:3: said: ",
            "tools/a:4: said: ",
            "tools/a:4: said: ",
            "tools/a:5: was_told: ",
            "tools/a:9: TOLD: ",
            "tools/a:9: begun: ",
            "tools/a:9: asked: ",
            "tools/checks.sh:1: arrived: ",
            "tools/said:1: a file called said",
        ],
    );
}

#[test]
fn what_a_first_line_names_says_the_language() {
    finds(
        &[
            ("tools/a", "#!/usr/bin/env python3\ntold = '''said'''\n"),
            ("integrations/b.cgi", "#!/usr/bin/python3\nsaid = 1\n"),
            ("tools/c", "#!/usr/bin/env node\nconst told = 1; // '\nconst said = `${told}`;\n"),
            ("tools/d", "told = 1\n"),
            ("tools/e", "#!/usr/bin/env perl\nmy $told = 1;\n"),
            ("docs/told.md", "# told\n"),
        ],
        &[
            "integrations/b.cgi:2: said: ",
            "tools/a:2: told: ",
            "tools/c:2: told: ",
            "tools/c:3: said: ",
            "tools/c:3: told: ",
        ],
    );
}
