"""A PostgreSQL of the tests' own, reached by a socket in its folder alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from processes import start, stop, wait_until

USER = "rt_user"
DATABASE = "rt5"


class PostgreSQL:
    """It refuses to run as root: where the tests do, it is Debian's user `postgres`, in a folder
    that nobody else may enter."""

    def __init__(self):
        self.socket = Path(tempfile.mkdtemp(prefix="latchkey-postgresql-"))
        self._as = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.socket, account.pw_uid, account.pw_gid)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._process = None

    def start(self):
        data = self.socket / "data"
        made = ["--auth=trust", "--no-sync", f"--username={USER}", "--encoding=UTF8"]
        self._run("initdb", f"--pgdata={data}", *made)
        with open(self.socket / "log", "w") as log:
            self._process = start(
                [
                    _program("postgres"),
                    *("-D", data, "-k", self.socket),
                    *("-c", "listen_addresses=", "-c", "fsync=off"),
                ],
                stdout=log,
                stderr=log,
                **self._as,
                cwd=self.socket,
            )
        wait_until(self._answers, f"PostgreSQL (see {self.socket}/log)", self._process)
        self._run("createdb", f"--host={self.socket}", f"--username={USER}", DATABASE)
        return self

    def _answers(self):
        command = [_program("pg_isready"), "-q", f"--host={self.socket}"]
        return subprocess.run(command, check=False).returncode == 0

    def rows(self, query):
        output = self._run(
            *("psql", f"--host={self.socket}", f"--username={USER}", DATABASE),
            *("--tuples-only", "--no-align", f"--command={query}"),
        )
        return [tuple(line.split("|")) for line in output.splitlines()]

    @property
    def url(self):
        """As `latchkey rt import` is told it."""
        return f"postgres://{USER}@localhost/{DATABASE}?host={self.socket}"

    def stop(self):
        if self._process is not None:
            stop(self._process)
        shutil.rmtree(self.socket, ignore_errors=True)

    def _run(self, name, *arguments):
        done = subprocess.run(
            [_program(name), *arguments],
            capture_output=True,
            text=True,
            cwd=self.socket,
            **self._as,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout


def _program(name):
    """Debian keeps the server's own programs by version."""
    newest = max(Path("/usr/lib/postgresql").iterdir(), key=lambda folder: float(folder.name))
    return newest / "bin" / name
