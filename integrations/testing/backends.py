"""Real programs behind a proxy, each with its own idea of what a header is called. They answer with
all they know of a request."""

import os
import shutil
import sys
from pathlib import Path

from processes import free_port, listens, start, stop, wait_until

HERE = Path(__file__).parent / "backends"
SYSTEM = f"{os.environ['PATH']}:/usr/sbin"

KINDS = ["PHP", "CGI by lighttpd", "PHP by lighttpd", "WSGI", "WSGI by gunicorn", "Node"]
if shutil.which("javac"):
    KINDS.append("Java")  # which is too large to be installed for this

LIGHTTPD = """
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}/www"
server.errorlog = "{folder}/lighttpd.log"
server.upload-dirs = ("{folder}")
server.modules = ("mod_cgi", "mod_rewrite")
url.rewrite-once = ("" => "/who.{kind}")
cgi.assign = (".cgi" => "", ".php" => "/usr/bin/php-cgi")
"""


class Backend:
    """A program on a port of its own; with `fastcgi` it speaks that and no HTTP."""

    def __init__(self, kind, folder):
        self.kind = kind
        self.fastcgi = kind == "PHP by FastCGI"
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._folder = folder
        self._process = None

    def start(self):
        with open(self._folder / "backend.log", "w") as log:
            outside = {**os.environ, "PATH": SYSTEM}
            self._process = start(self._command(), cwd=HERE, env=outside, stdout=log, stderr=log)
        wait_until(lambda: listens(self.port), f"{self.kind} (see {log.name})", self._process)
        return self

    def stop(self):
        if self._process is not None:
            stop(self._process)

    def _command(self):
        match self.kind:
            case "PHP":
                return ["php", "-S", self.address, HERE / "who.php"]
            case "PHP by FastCGI":
                return ["php-cgi", "-b", self.address]
            case "CGI by lighttpd" | "PHP by lighttpd":
                return self._lighttpd("cgi" if self.kind.startswith("CGI") else "php")
            case "WSGI":
                return [sys.executable, HERE / "who.py", str(self.port)]
            case "WSGI by gunicorn":
                return [
                    "gunicorn",
                    "--bind",
                    self.address,
                    "--worker-tmp-dir",
                    self._folder,
                    "who:application",
                ]
            case "Node":
                return ["node", HERE / "who.mjs", str(self.port)]
            case "Java":
                return ["java", HERE / "Who.java", str(self.port)]
        raise ValueError(self.kind)

    def _lighttpd(self, kind):
        place = self._folder / "www" / f"who.{kind}"
        place.parent.mkdir()
        shutil.copy(HERE / place.name, place)
        settings = self._folder / "lighttpd.conf"
        settings.write_text(LIGHTTPD.format(port=self.port, folder=self._folder, kind=kind))
        return ["lighttpd", "-D", "-f", settings]
