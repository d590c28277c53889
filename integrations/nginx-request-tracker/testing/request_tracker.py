"""A real Request Tracker of the tests' own, run as Debian's rt5-fcgi runs it."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
from collections import defaultdict
from pathlib import Path

from files import copied
from processes import start, stop

HERE = Path(__file__).parent
INTEGRATION = HERE.parent
SERVER = "/usr/share/request-tracker5/libexec/rt-server.fcgi"
ROOT_PASSWORD = "root-rt-password"
NAMES = "# Set( %LatchkeyNames, 'kim' => 'Kim.Example@example.edu' );"
WORKERS = 2


class RequestTracker:
    """`front`: more of what RT's settings say, in Perl. `names`: the line of 80-latchkey.pm about
    them. Without `extension` it is RT as it was before. `postgresql`: the folder of its
    socket, in place of SQLite."""

    def __init__(self, folder, port, front="", names=NAMES, extension=True, postgresql=None):
        self.sessions = folder / "sessions"
        self.socket = folder / "rt.sock"
        self._folder = folder
        self._workers = []
        cache = _cache()
        self._environment = _environment(folder, cache, port)
        self.sessions.mkdir(parents=True)
        if postgresql:
            self._environment["RT_TEST_POSTGRESQL"] = str(postgresql)
            # RT's own strings, by their owners' names.
            self.own = _by_owner(self._filled())
        else:
            template = cache / "rt.db"
            if not template.exists():
                self._make(template)
            shutil.copy(template, self.database)
            self.own = _by_owner((cache / "own-tokens").read_text())
        self.own_token = self.own["tia"][0]
        self.own_tokens_of_rae = self.own["rae"]
        # From here on as an operator sets it up.
        if extension:
            target = folder / "config" / "80-latchkey.pm"
            copied(INTEGRATION / "80-latchkey.pm", target, {NAMES: names})
        (folder / "config" / "85-front.pm").write_text(f"{front}\n1;\n")
        (folder / "config" / "90-show-environment.pm").write_text(
            "Plugin('RT::Extension::ShowEnvironment');\n1;\n"
        )

    @property
    def database(self):
        """The file of SQLite."""
        return self._folder / "rt.db"

    def take_the_extension_out(self):
        """As the way back says: the settings' file goes, and RT starts again."""
        self.stop()
        (self._folder / "config" / "80-latchkey.pm").unlink()
        (self._folder / "config" / "85-front.pm").unlink()
        self.socket.unlink()
        self.start()

    def start(self):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        listener.listen()
        with open(self._folder / "rt.log", "w") as log:
            for _ in range(WORKERS):
                self._workers.append(
                    start([SERVER], env=self._environment, stdin=listener, stdout=log, stderr=log)
                )
        listener.close()
        return self

    def stop(self):
        for worker in self._workers:
            stop(worker)
        self._workers = []

    def log(self):
        return (self._folder / "rt.log").read_text()

    def _make(self, template):
        """An empty database with RT's own contents and the tests' people; once for each version of
        RT."""
        for former in template.parent.parent.glob("rt-*"):
            if former != template.parent:
                shutil.rmtree(former)
        strings = self._filled()
        template.parent.mkdir(parents=True, exist_ok=True)
        (template.parent / "own-tokens").write_text(strings)
        shutil.move(self.database, template)

    def _filled(self):
        """Makes its tables, and what seed.pl puts in them; what that prints."""
        password = self._folder / "root-password"
        password.write_text(ROOT_PASSWORD)
        self._run(
            "rt-setup-database-5",
            "--action",
            "init",
            "--skip-create",
            "--root-password-file",
            password,
        )
        return self._run("perl", HERE / "seed.pl")

    def _run(self, *command):
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
        return done.stdout


def _by_owner(printed):
    strings = defaultdict(list)
    for name, value in re.findall(r"^(\S+) (1-\d+-[0-9a-f]{32})$", printed, re.M):
        strings[name].append(value)
    return strings


def _cache():
    version = subprocess.check_output(
        ["dpkg-query", "-W", "-f", "${Version}", "request-tracker5"], text=True
    )
    contents = (HERE / "seed.pl").read_bytes() + (HERE / "RT_SiteConfig.pm").read_bytes()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (
        home
        / "latchkey"
        / "integrations"
        / f"rt-{version}-{hashlib.sha256(contents).hexdigest()[:12]}"
    )


def _environment(folder, cache, port):
    (folder / "config").mkdir(parents=True)
    (cache / "pages").mkdir(parents=True, exist_ok=True)
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RT_", "PERL"))
        },
        "RT_SITE_CONFIG": str(HERE / "RT_SiteConfig.pm"),
        "RT_SITE_CONFIG_DIR": str(folder / "config"),
        "RT_TEST_FOLDER": str(folder),
        "RT_TEST_CACHE": str(cache),
        "RT_TEST_PORT": str(port),
        "RT_TEST_PLUGINS": str(INTEGRATION),
        "PERL5LIB": str(HERE / "lib"),
    }
