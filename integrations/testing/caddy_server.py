"""A Caddy of the tests' own, with an operator's Caddyfile."""

import os

from files import copied
from processes import free_port, listens, start, stop, wait_until

# What keeps it to itself: no port for administration, no certificates.
GLOBAL = "{\n\tadmin off\n\tauto_https off\n}\n\n"


class Caddy:
    def __init__(self, folder, source, site, changes):
        self.port = free_port()
        self._folder = folder
        self._file = folder / "Caddyfile"
        self._process = None
        copied(source, self._file, {**changes, site: f"http://127.0.0.1:{self.port}"})
        self._file.write_text(GLOBAL + self._file.read_text())

    def start(self):
        home = {name: str(self._folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        with open(self._folder / "caddy.log", "w") as log:
            command = ["caddy", "run", "--config", self._file]
            self._process = start(command, env={**os.environ, **home}, stdout=log, stderr=log)
        wait_until(lambda: listens(self.port), f"Caddy (see {log.name})", self._process)
        return self

    def stop(self):
        if self._process is not None:
            stop(self._process)

    def logs(self):
        """All that it has written."""
        return (self._folder / "caddy.log").read_text()
