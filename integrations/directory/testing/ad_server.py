"""An Active Directory of the tests' own: Samba as a domain controller, of which only LDAP is
started."""

import subprocess
from pathlib import Path

from processes import listens, start, stop, wait_until

SUFFIX = "DC=example,DC=edu"
PEOPLE = f"OU=People,{SUFFIX}"
GROUPS = f"OU=Groups,{SUFFIX}"
SERVICE = f"CN=Latchkey,OU=Services,{SUFFIX}"
PASSWORD = "Seven-0tters of {}"


def password(netid):
    return PASSWORD.format(netid)


class ActiveDirectory:
    """Its ports are below 1024 and cannot be others: it needs root, and nobody else's directory on
    this machine."""

    def __init__(self, folder, certificates):
        self.folder = folder
        self.url = "ldaps://localhost"
        self.process = None
        options = {
            "interfaces": "127.0.0.1",
            "bind interfaces only": "yes",
            # What files are shared by is not started; it is asked for all the same.
            "vfs objects": "acl_xattr xattr_tdb",
            "log file": folder / "samba.log",
            "tls certfile": certificates / "server.pem",
            "tls keyfile": certificates / "server.key",
            "tls cafile": certificates / "ca.pem",
            "server services": "ldap",
        }
        # Samba insists that nobody else may read the key.
        (certificates / "server.key").chmod(0o600)
        self.options = [f"--option={name}={value}" for name, value in options.items()]
        domain = [
            "--realm=EXAMPLE.EDU",
            "--domain=EXAMPLE",
            "--server-role=dc",
            "--dns-backend=NONE",
            f"--targetdir={folder}",
        ]
        self._tool(
            "domain",
            "provision",
            *domain,
            f"--adminpass={password('admin')}",
            *self.options,
            where=(),
        )
        for unit in (PEOPLE, GROUPS, f"OU=Services,{SUFFIX}"):
            self._tool("ou", "create", unit)
        self._tool(
            "user",
            "create",
            "latchkey",
            password("latchkey"),
            "--userou=OU=Services",
            "--surname=Latchkey",
        )

    def person(self, netid, given, surname):
        named = [
            f"--given-name={given}",
            f"--surname={surname}",
            f"--mail-address={netid}@example.edu",
        ]
        self._tool("user", "create", netid, password(netid), "--userou=OU=People", *named)

    def group(self, name, *members):
        self._tool("group", "add", name, "--groupou=OU=Groups")
        if members:
            self._tool("group", "addmembers", name, ",".join(members))

    def disable(self, netid):
        self._tool("user", "disable", netid)

    def start(self):
        with open(self.folder / "start.log", "a") as log:
            command = ["samba", "-i", "-s", self.folder / "etc/smb.conf", *self.options]
            self.process = start(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(lambda: listens(636), f"Samba (see {self.folder})", self.process)
        return self

    def stop(self):
        if self.process is not None:
            stop(self.process)
            self.process = None

    def _tool(self, *arguments, where=None):
        database = Path(self.folder) / "private/sam.ldb"
        at = (
            where
            if where is not None
            else ("-H", f"tdb://{database}", "-s", f"{self.folder}/etc/smb.conf")
        )
        done = subprocess.run(["samba-tool", *arguments, *at], capture_output=True, text=True)
        assert done.returncode == 0, (
            f"samba-tool {' '.join(arguments[:2])}: {done.stdout}{done.stderr}"
        )
