"""The rules and the plugin of this folder find what is a token, and nothing that only looks like
one where they can tell.

detect-secrets is run as people run it. gitleaks and TruffleHog come by no registry of packages:
their expressions are read from the files that people copy and tried here, in what Go's and Python's
expressions share, and gitleaks itself is run where the machine has it. Where the program is built
(LATCHKEY_BIN), `latchkey scan` has to find the same as the plugin. Run by tools/test-scanners.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from latchkey_detect_secrets import DIGITS, checksum  # noqa: E402

PLUGIN = HERE / "latchkey_detect_secrets.py"

# A token of nobody's, as the program's own tests have it; in two, so that nobody takes this for a
# leak.
SAMPLE = "latchkey_" + "ThisOneIsMadeForTestsAndNobody" + "1nl6nP"

# What Go's expressions have too, and no more is used: no look-around, no reference back.
SHARED = re.compile(r"(\\b|\(|\)|\[[0-9A-Za-z-]+\]|\{\d+\}|[a-z_])+")


def token() -> str:
    body = "latchkey_" + "".join(secrets.choice(DIGITS) for _ in range(30))
    return body + checksum(body)


def written(folder: Path) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Files with tokens, and with what looks like them: each by its name and line."""
    good, alike = token(), token()
    wrong = alike[:-1] + ("0" if alike[-1] != "0" else "1")
    (folder / "settings.py").write_text(f'HOST = "x"\nTOKEN = "{good}"\n')
    (folder / ".env").write_text(f"TOKEN={SAMPLE}\n")
    (folder / "curl.sh").write_text(f"#!/bin/sh\n\ncurl -H 'Authorization: token {token()}' x\n")
    (folder / "notes.md").write_text(f"`latchkey_` begins each.\nNo token: {wrong}\n")
    (folder / "short.md").write_text(f"{good[:-1]} and latchkey_nonsense\n")
    return [(".env", 1), ("curl.sh", 3), ("settings.py", 2)], [("notes.md", 2)]


class Scanners(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        self.tokens, self.alike = written(self.folder)

    def by_expression(self, expression: str) -> list[tuple[str, int]]:
        self.assertTrue(SHARED.fullmatch(expression), expression)
        found = []
        for path in sorted(self.folder.iterdir()):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found += [(path.name, number) for _ in re.findall(expression, line)]
        return found

    def expected(self) -> list[tuple[str, int]]:
        return sorted(self.tokens + self.alike)

    def test_the_sample_of_the_program_has_the_plugins_checksum(self) -> None:
        self.assertEqual(checksum(SAMPLE[:-6]), SAMPLE[-6:])
        self.assertNotEqual(checksum(SAMPLE[:-7] + "x"), SAMPLE[-6:])

    def test_detect_secrets_finds_tokens_and_nothing_that_only_looks_like_one(self) -> None:
        scanner = Path(sys.executable).parent / "detect-secrets"
        ended = subprocess.run(
            [scanner, "scan", "--all-files", "--plugin", PLUGIN, "."],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(ended.returncode, 0, ended.stderr)
        results = json.loads(ended.stdout)["results"]
        found = [
            (name, one["line_number"])
            for name, all_of_file in results.items()
            for one in all_of_file
            if one["type"] == "Latchkey Token"
        ]
        self.assertEqual(sorted(found), self.tokens)

    def test_the_rule_for_gitleaks_finds_what_looks_like_a_token(self) -> None:
        rules = tomllib.loads((HERE / "gitleaks.toml").read_text())["rules"]
        [rule] = rules
        self.assertEqual(sorted(self.by_expression(rule["regex"])), self.expected())
        self.assertTrue(all(keyword in SAMPLE for keyword in rule["keywords"]))

    def test_the_detector_for_trufflehog_finds_what_looks_like_a_token(self) -> None:
        [detector] = yaml.safe_load((HERE / "trufflehog.yaml").read_text())["detectors"]
        [expression] = detector["regex"].values()
        self.assertEqual(sorted(self.by_expression(expression)), self.expected())
        self.assertTrue(all(keyword in SAMPLE for keyword in detector["keywords"]))

    @unittest.skipUnless(shutil.which("gitleaks"), "gitleaks is not on this machine")
    def test_gitleaks_itself_finds_what_looks_like_a_token(self) -> None:
        report = self.folder.parent / f"{self.folder.name}.json"
        self.addCleanup(lambda: report.unlink(missing_ok=True))
        command = ["gitleaks", "dir", "--config", HERE / "gitleaks.toml", "--exit-code", "0"]
        command += ["--report-format", "json", "--report-path", report, "."]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=120)
        found = [
            (one["File"], one["StartLine"])
            for one in json.loads(report.read_text())
            if one["RuleID"] == "latchkey-token"
        ]
        self.assertEqual(sorted(found), self.expected())

    @unittest.skipUnless(os.environ.get("LATCHKEY_BIN"), "the program is not built")
    def test_latchkey_scan_finds_the_same_as_the_plugin(self) -> None:
        ended = subprocess.run(
            [os.environ["LATCHKEY_BIN"], "scan", "--json", "."],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual((ended.returncode, ended.stderr), (3, ""))
        found = [
            (one["file"].removeprefix("./"), one["line"]) for one in json.loads(ended.stdout)
        ]
        self.assertEqual(sorted(found), self.tokens)


def main() -> int:
    outcome = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(Scanners)
    )
    failed = len(outcome.failures) + len(outcome.errors)
    passed = outcome.testsRun - failed - len(outcome.skipped)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
