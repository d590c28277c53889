"""A Latchkey of the tests' own. Its people are the demo's, in a real store: behind a proxy, or with
a directory, there is no demo."""

import atexit
import functools
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import requests
from pages import Visitor
from processes import free_port, start, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = {"LATCHKEY_TRUSTED_PROXIES": "127.0.0.1"}


PEOPLE = """\
netid,name,email,role,privileged,disabled,password
sam,Sam Sample,sam@example.edu,staff,yes,no,sam-netid-password
tia,Tia Token,tia@example.edu,staff,yes,no,tia-netid-password
rae,Rae Representative,rae@example.edu,rep,yes,no,rae-netid-password
helen,Helen Helpdesk,helen@example.edu,help_desk,yes,no,helen-netid-password
ada,Ada Admin,ada@example.edu,admin,yes,no,ada-netid-password
guest,Guest Visitor,guest@example.edu,staff,no,no,guest-netid-password
dave,Dave Departed,dave@example.edu,staff,yes,yes,dave-netid-password
"""

WITH_LOCAL_PASSWORD = ["tia", "rae", "helen", "ada"]


class Kit:
    """The binary as `latchkey-testkit` runs it, which says where it is once that listens, and stops
    it with itself."""

    def __init__(self, folder):
        self._folder = folder
        # The kit, and the binary's own process.
        self._process = self.pid = None

    def start(self, address, settings, *more):
        settings = [f"--env={name}={value}" for name, value in settings.items()]
        self._process = start(
            [testkit(), "--folder", self._folder, "--listen", address, *more, *settings],
            env={**os.environ, "LATCHKEY_BIN": binary()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        assert line, f"Latchkey does not start: see {self._folder}/latchkey.log"
        self.pid = json.loads(line)["pid"]

    def stop(self):
        if self._process is not None:
            stop(self._process)
            self._process = None

    def fall_over(self):
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


class Desk:
    def __init__(self, folder):
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self._folder = folder
        # More of the environment.
        self.further = {}
        self._kit = Kit(folder)
        self._visitors = {}
        self._tokens = {}
        self._numbers = itertools.count(1)

    def start(self):
        self._fill()
        environment = self._environment().items()
        settings = {name: value for name, value in environment if name.startswith("LATCHKEY_")}
        self._kit.start(self.address, settings)

    def _fill(self):
        if not (self._folder / "data").exists():
            shutil.copytree(store_with_people(), self._folder / "data")

    def stop(self):
        self._kit.stop()

    @contextmanager
    def hanging(self):
        """For a while it takes connections and does not answer."""
        os.kill(self._kit.pid, signal.SIGSTOP)
        wait_until(lambda: stands_still(self._kit.pid), "Latchkey stands still")
        try:
            yield
        finally:
            os.kill(self._kit.pid, signal.SIGCONT)

    def add(self, *netids):
        """People with tokens, as an operator adds them. The store is one program's at a time."""
        self.stop()
        rows = [
            f"{netid},Person {netid},{netid}@example.edu,yes,{netid}-netid-password\n"
            for netid in netids
        ]
        self.command(
            "user", "import", "-", stdin="netid,name,email,privileged,password\n" + "".join(rows)
        )
        for netid in netids:
            set_own_password(self.command, netid)
        self.start()

    def command(self, *arguments, stdin=""):
        """Another of the binary's commands on the same store, which must be free: the desk is
        stopped."""
        self._fill()
        where = {"cwd": self._folder, "env": self._environment()}
        done = subprocess.run(
            [binary(), *arguments], input=stdin, capture_output=True, text=True, **where
        )
        assert done.returncode == 0, f"latchkey {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def token(self, netid, access="full", networks=""):
        """A token, made on the page Auth Tokens where there is none of the kind yet: a person makes
        only so many a minute."""
        wanted = (netid, access, networks)
        if wanted not in self._tokens:
            self._tokens[wanted] = self._made(*wanted)
        return self._tokens[wanted]

    def _made(self, netid, access, networks):
        visitor = self.visitor(netid)
        visitor.go("/settings/auth-tokens")
        visitor.press("Create token")
        fields = {
            "Description": f"Integration {next(self._numbers)}",
            "Access": access,
            "Allowed networks": networks,
        }
        if "Your local password" in visitor.page.text:
            fields["Your local password"] = f"{netid}-local-password"
        visitor.press("Create", fields)
        value = visitor.token()
        assert value, f"{netid} was given no token"
        return value

    def revoke(self, token):
        self._tokens = {wanted: value for wanted, value in self._tokens.items() if value != token}
        done = requests.delete(
            f"{self.url}/api/v1/token", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        assert done.status_code == 204

    def disable(self, netid):
        """As an administrator does, on the user's page."""
        visitor = self.visitor("ada")
        visitor.go(f"/admin/users/{netid}")
        visitor.press(
            "Save account", {"Disabled": True, "Your local password": "ada-local-password"}
        )

    def log(self):
        """What the server has written."""
        return (self._folder / "latchkey.log").read_text()

    def visitor(self, netid):
        """Their browser, in which they have logged in."""
        if netid not in self._visitors:
            visitor = Visitor(self.url)
            visitor.go("/login")
            visitor.press("Log in", {"NetID": netid, "Password": f"{netid}-netid-password"})
            self._visitors[netid] = visitor
        return self._visitors[netid]

    def _environment(self):
        return {
            **outside(),
            **SETTINGS,
            **self.further,
            "LATCHKEY_STORE": f"rocksdb://{self._folder}/data",
        }


def outside():
    """The environment without anybody's settings for their own desk."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}


@functools.cache
def store_with_people():
    """A store with all of them, made once, for every desk to begin with a copy of its own."""
    folder = Path(tempfile.mkdtemp(prefix="latchkey-people-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = {**outside(), **SETTINGS, "LATCHKEY_STORE": f"rocksdb://{folder}/data"}

    def command(*arguments, stdin):
        subprocess.run(
            [binary(), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
            env=environment,
        )

    command("user", "import", "-", stdin=PEOPLE)
    for netid in WITH_LOCAL_PASSWORD:
        set_own_password(command, netid)
    return folder / "data"


def set_own_password(command, netid):
    words = ("user", "set-password", netid, "--own", "--password-stdin")
    command(*words, stdin=f"{netid}-local-password\n")


def stands_still(pid):
    try:
        return all(
            ") T " in (thread / "stat").read_text()
            for thread in Path(f"/proc/{pid}/task").iterdir()
        )
    except FileNotFoundError:
        return False  # a thread has just ended: look again


def binary():
    found = (
        os.environ.get("LATCHKEY_BIN")
        or subprocess.check_output(["make", "-s", "where"], cwd=ROOT, text=True).strip()
    )
    assert os.access(found, os.X_OK), (
        f"no binary at {found}: run “make build” first, or name one in LATCHKEY_BIN"
    )
    return os.path.abspath(found)


def testkit():
    """What starts it, built beside it."""
    return Path(binary()).with_name("latchkey-testkit")
