"""A Latchkey that asks a directory. The demo accounts are in it too: they log in with what it knows
itself."""

import json
import re
import subprocess

import requests
from desk import ROOT, Desk, binary
from pages import Visitor
from slapd_server import GROUPS, PEOPLE, SERVICE, SERVICE_PASSWORD

INCORRECT = "Your NetID or password is incorrect."


def documented(heading):
    """The configuration file below a heading, in whichever guide that is."""
    guides = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    parts = [part for guide in guides for part in guide.read_text().split(f"## {heading}\n")[1:]]
    below = [re.split(r"^##+ ", part, flags=re.MULTILINE)[0] for part in parts]
    (file,) = [part.split("```toml\n")[1].split("```")[0] for part in below if "```toml\n" in part]
    return file


class Refusable(Visitor):
    """A visitor to whom a page may say no."""

    def _open(self, page):
        assert page.ok or page.status_code in (401, 403, 429, 503), (
            f"{page.url} answers {page.status_code}"
        )
        self.page = page


class DirectoryDesk(Desk):
    def __init__(self, folder, **settings):
        super().__init__(folder)
        settings = {"privileged_groups": "*", **settings}
        self.settings = {f"LATCHKEY_{key.upper()}": str(value) for key, value in settings.items()}

    def _environment(self):
        return {**super()._environment(), "LATCHKEY_LOG_INS_PER_MINUTE": "0", **self.settings}

    def asking(self, *slapds, **settings):
        """Configures it for these servers."""
        keys = {
            "ldap_urls": ",".join(slapd.url for slapd in slapds),
            "ldap_ca_file": slapds[0].certificates / "ca.pem",
            "ldap_bind_dn": SERVICE,
            "ldap_bind_password": SERVICE_PASSWORD,
            "ldap_base": PEOPLE,
            "ldap_group_base": GROUPS,
            "ldap_timeout_seconds": 1,
            "directory_sync_minutes": 0,
            "help_desk_groups": "help-desk",
            "admin_groups": "admins",
            **settings,
        }
        self.settings.update(
            {
                f"LATCHKEY_{key.upper()}": str(value)
                for key, value in keys.items()
                if value is not None
            }
        )
        return self

    def configured(self, heading, **settings):
        """Configures it by the very file that a guide has below a heading, and by what none can
        know."""
        (self._folder / "latchkey.toml").write_text(documented(heading))
        self.settings = {f"LATCHKEY_{key.upper()}": str(value) for key, value in settings.items()}
        return self

    def log_in(self, netid, password=None):
        """A visitor who has tried to log in, wherever that has led."""
        visitor = Refusable(self.url)
        visitor.go("/login")
        visitor.press(
            "Log in",
            {"NetID": netid, "Password": f"{netid}'s password" if password is None else password},
        )
        return visitor

    def is_in(self, visitor):
        visitor.go("/settings/about-me")
        return visitor.page.url == f"{self.url}/settings/about-me"

    def audit(self, subject):
        """What happened to somebody, newest first: actor, action, outcome and detail.

        That it is looked at here is left out."""
        rows = self.visitor("ada")._session.get(
            f"{self.url}/admin/audit.jsonl?subject={subject}", timeout=30
        )
        assert rows.ok and rows.url.startswith(f"{self.url}/admin/audit"), rows.url
        rows = map(json.loads, rows.text.splitlines())
        rows = [row for row in rows if row["action"] != "audit.read"]
        return [
            f"{row['actor']} {row['action']} {row['outcome']} {row['detail']}".strip()
            for row in rows
        ]

    def verify(self, token):
        return requests.get(
            f"{self.url}/auth/verify", headers={"Authorization": f"Bearer {token}"}, timeout=10
        ).status_code

    def tokened(self, netid, netid_password=None):
        """A token of somebody from the directory, the way the Help Desk and they go."""
        self.log_in(netid, netid_password)
        helen = self.visitor("helen")
        helen.go(f"/admin/users/{netid}")
        initial = "seven otters cross the quiet weir"
        fields = {f"New password for {netid}": initial, "Retype new password": initial}
        if "Your local password" in helen.page.text:
            fields["Your local password"] = "helen-local-password"
        helen.press("Save Changes", fields)
        visitor = self.log_in(netid, netid_password)
        visitor.go("/settings/about-me")
        own = f"{netid} keeps nine lanterns lit"
        visitor.press(
            "Save Changes",
            {"Current password": initial, "New password": own, "Retype new password": own},
        )
        self._visitors[netid] = visitor
        self._passwords = {**getattr(self, "_passwords", {}), netid: own}
        return self.another_token(netid)

    def another_token(self, netid):
        visitor = self._visitors[netid]
        visitor.go("/settings/auth-tokens")
        visitor.press("Create token")
        fields = {"Description": f"Token {next(self._numbers)}"}
        if "Your local password" in visitor.page.text:
            fields["Your local password"] = self._passwords[netid]
        visitor.press("Create", fields)
        return re.search(r"latchkey_[0-9A-Za-z]{36}", visitor.page.text)[0]

    def run(self, *arguments, stdin=""):
        """A command while the desk is stopped: its exit code and what it says."""
        where = {"cwd": self._folder, "env": self._environment()}
        done = subprocess.run(
            [binary(), *arguments], input=stdin, capture_output=True, text=True, **where
        )
        return done.returncode, done.stdout, done.stderr

    def sync(self, *arguments):
        """Synchronises, the desk stopped for the while."""
        self.stop()
        self._visitors.clear()
        try:
            return self.run("directory", "sync", *arguments)
        finally:
            self.start()

    def log(self):
        return (self._folder / "latchkey.log").read_text()
