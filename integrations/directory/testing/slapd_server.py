"""An OpenLDAP server of the tests' own, with a campus of a few people and TLS."""

import shutil
import subprocess
from urllib.parse import quote

from processes import free_port, listens, start, stop, wait_until

SUFFIX = "dc=example,dc=edu"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
SERVICES = f"ou=services,{SUFFIX}"
ADMIN = f"cn=manager,{SUFFIX}"
ADMIN_PASSWORD = "manager's password"
SERVICE = f"cn=latchkey,{SERVICES}"
SERVICE_PASSWORD = "latchkey's own password"

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {folder}/slapd.pid
loglevel stats
TLSCACertificateFile {certificates}/ca.pem
TLSCertificateFile {certificates}/server.pem
TLSCertificateKeyFile {certificates}/server.key
# Nothing is said before the connection is encrypted, the password least of all.
security ssf={ssf}
database mdb
suffix {suffix}
rootdn "{admin}"
rootpw "{password}"
directory {folder}/data
maxsize 4294967296
dbnosync
index objectClass,uid,cn,member,memberUid eq
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by anonymous auth by * none
limits dn.exact="{service}" size=unlimited time=unlimited
"""

TREE = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ou=old,{PEOPLE}
objectClass: organizationalUnit
ou: old

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {SERVICES}
objectClass: organizationalUnit
ou: services

dn: {SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: latchkey
userPassword: {SERVICE_PASSWORD}
"""


def person(netid, name=None, email=None, where=PEOPLE, rdn="uid"):
    name = name or f"{netid.title()} Sample"
    first = f"uid={netid}" if rdn == "uid" else f"cn={name}"
    return f"""
dn: {first},{where}
objectClass: inetOrgPerson
uid: {netid}
cn: {name}
sn: {name.split()[-1]}
mail: {email or netid + "@example.edu"}
userPassword: {netid}'s password
"""


def dn(netid):
    return f"uid={netid},{PEOPLE}"


def group(name, *members):
    lines = "".join(f"member: {member}\n" for member in members)
    return f"\ndn: cn={name},{GROUPS}\nobjectClass: groupOfNames\ncn: {name}\n{lines}"


def group_dn(name):
    return f"cn={name},{GROUPS}"


# nora is at the Help Desk; otto is a warden, and wardens are administrators; pia is in two groups
# that contain each other, and quin may have no tokens. Two people say that they are twin.
CAMPUS = (
    TREE
    + person("nora", "Nora Nöhl", "nora@example.edu")
    + person("otto")
    + person("pia")
    + person("quin")
    + person("twin")
    + person("twin", "Twin Other", where=f"ou=old,{PEOPLE}", rdn="cn")
    + group("staff", dn("nora"), dn("otto"), dn("pia"), dn("twin"))
    + group("help-desk", dn("nora"))
    + group("wardens", dn("otto"))
    + group("admins", group_dn("wardens"))
    + group("ring-a", group_dn("ring-b"))
    + group("ring-b", group_dn("ring-a"), dn("pia"))
)


def certificates(folder):
    """An authority, a certificate of it for localhost, and an authority of somebody else's."""
    folder.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "stranger"):
        new = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
        ]
        openssl(
            *new,
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
        )
    request = [
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=localhost",
    ]
    openssl(
        *request,
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
    )
    signed = [
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-days",
        "2",
        "-copy_extensions",
        "copy",
    ]
    openssl(*signed, "-out", "server.pem")
    return folder


class Slapd:
    """Without `ldif` with the campus above."""

    def __init__(self, folder, certificates, ldif=CAMPUS, ssf=1):
        self.folder = folder
        self.certificates = certificates
        self.port, self.tls_port = free_port(), free_port()
        self.url = f"ldap://localhost:{self.port}"
        self.tls_url = f"ldaps://localhost:{self.tls_port}"
        # For its manager: a socket that nobody else can reach needs no encryption.
        self.socket = f"ldapi://{quote(str(folder / 'ldapi'), safe='')}"
        self.process = None
        (folder / "data").mkdir(parents=True)
        values = {
            "suffix": SUFFIX,
            "admin": ADMIN,
            "password": ADMIN_PASSWORD,
            "service": SERVICE,
            "ssf": ssf,
        }
        (folder / "slapd.conf").write_text(
            CONFIGURATION.format(folder=folder, certificates=certificates, **values)
        )
        (folder / "campus.ldif").write_text(ldif)
        # A copy: the system may confine the installed one, by its path, to the installed one's
        # folders (AppArmor).
        self.program = folder / "slapd"
        shutil.copy(shutil.which("slapd"), self.program)
        # Quick mode does not run overlays: groups are read by their members there.
        add = [
            self.program,
            "-T",
            "add",
            "-q",
            "-f",
            folder / "slapd.conf",
            "-l",
            folder / "campus.ldif",
        ]
        done = subprocess.run(add, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def start(self):
        with open(self.folder / "slapd.log", "a") as log:
            listen = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port} {self.socket}"
            self.process = start(
                [self.program, "-h", listen, "-f", self.folder / "slapd.conf", "-d", "stats"],
                stdout=log,
                stderr=log,
            )
        wait_until(
            lambda: listens(self.port) and listens(self.tls_port),
            f"slapd (see {self.folder})",
            self.process,
        )
        return self

    def stop(self):
        if self.process is not None:
            stop(self.process)
            self.process = None

    def log(self):
        return (self.folder / "slapd.log").read_text(errors="replace")

    def change(self, ldif):
        self._run("ldapmodify", stdin=ldif)

    def add(self, ldif):
        self._run("ldapadd", stdin=ldif)

    def remove(self, dn):
        self._run("ldapdelete", dn)

    def rename(self, dn, first):
        self._run("ldapmodrdn", "-r", dn, first)

    def move(self, dn, where):
        """It stays the same entry."""
        self._run("ldapmodrdn", "-s", where, dn, dn.partition(",")[0])

    def _run(self, command, *arguments, stdin=""):
        who = ["-x", "-H", self.socket, "-D", ADMIN, "-w", ADMIN_PASSWORD]
        done = subprocess.run(
            [command, *who, *arguments], input=stdin, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
