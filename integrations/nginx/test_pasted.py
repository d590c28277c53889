"""Lines that people paste from the page Help, where a ~/.netrc names the host with something
else."""

import html
import os
import re
import subprocess
import sys

import pytest
from desk import ROOT

ADDRESS = "https://tickets.example.edu/REST/2.0/ticket/1"


def pasted(language):
    guides = (ROOT / "app/src/server/guides.html").read_text()
    lines = re.search(
        rf"<figcaption>{language}</figcaption>\s*<pre[^>]*><code>(.*?)</code>", guides, re.DOTALL
    )[1]
    return html.unescape(lines)


@pytest.fixture(
    params=["machine 127.0.0.1 login tia password old", "default login tia password old"]
)
def environment(request, desk, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"{request.param}\n")
    netrc.chmod(0o600)
    others = {name: value for name, value in os.environ.items() if name != "NETRC"}
    return {**others, "HOME": str(tmp_path), "TOKEN": desk.token("tia")}


def test_the_python_lines_present_the_token(desk, environment):
    lines = pasted("Python")
    assert ADDRESS in lines
    command = [sys.executable, "-c", lines.replace(ADDRESS, f"{desk.url}/api/v1/me")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "'tia'" in done.stdout, done.stderr


def test_the_curl_lines_present_the_token(desk, environment):
    lines = (
        pasted("curl")
        .replace(ADDRESS, f"{desk.url}/api/v1/me")
        .replace("netid:", "tia:")
        .splitlines()
    )
    assert len(lines) == 2
    for line in lines:
        done = subprocess.run(
            ["sh", "-c", f"{line} --fail --silent --show-error"],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 and '"tia"' in done.stdout, (line, done.stderr)
