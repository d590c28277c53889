"""An nginx of the tests' own, with an operator's files in it."""

import getpass
import signal
import subprocess
from pathlib import Path

from files import copied
from processes import free_port, listens, start, stop, wait_until

# None of the machine's dynamic modules: their paths are relative to nginx's own folder, and none is
# needed.
MAIN = """
daemon off;
user {user};
pid {folder}/nginx.pid;
worker_processes 1;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include conf.d/*.conf;
    include sites-enabled/*;
}}
"""

# What an operator has and a test does not: a certificate, and the ports that need root.
PLAIN = {
    "    listen      443 ssl;\n    listen      [::]:443 ssl;\n": "    listen 127.0.0.1:{port};\n",
    "    ssl_certificate     /etc/ssl/certs/{site}.pem;\n": "",
    "    ssl_certificate_key /etc/ssl/private/{site}.key;\n": "",
    "/var/log/nginx/": "{folder}/",
}


class Nginx:
    """Each of `files` is a place under /etc/nginx, the file that goes there, and what is changed in
    it."""

    def __init__(self, folder, site, files):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        values = {"folder": folder, "site": site, "port": self.port}
        plain = {old.format(**values): new.format(**values) for old, new in PLAIN.items()}
        folder.mkdir(parents=True)
        for place, (source, changes) in files.items():
            copied(
                source,
                folder / place,
                {**plain, **changes} if place.startswith("sites-enabled/") else changes,
            )
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=getpass.getuser()))
        self._process = None

    def check(self):
        """As `nginx -t`; what it complains of."""
        command = ["nginx", "-t", "-q", "-e", "stderr", "-p", self.folder]
        done = subprocess.run(
            [*command, "-c", self.folder / "nginx.conf"], capture_output=True, text=True
        )
        return done.stderr if done.returncode else ""

    def start(self):
        with open(self.folder / "start.log", "w") as log:
            self._process = start(
                ["nginx", "-e", "stderr", "-p", self.folder, "-c", self.folder / "nginx.conf"],
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: listens(self.port), f"nginx (see {self.folder})", self._process)
        return self

    def reload(self):
        """As `nginx -s reload`: comes back once nobody goes by what was there before."""
        before = self._workers()
        self._process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: self._workers() and not before & self._workers(),
            f"nginx has read it again (see {self.folder})",
            self._process,
        )

    def _workers(self):
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return set(children.read_text().split())

    def stop(self):
        if self._process is not None:
            stop(self._process)

    def log(self, name):
        return (self.folder / name).read_text()

    def logs(self):
        """All that it has written."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))
