"""A SurrealDB server of the tests' own, built from tools/surreal."""

import os
import subprocess

from desk import ROOT
from processes import free_port, listens, start, stop, wait_until


class Surreal:
    def __init__(self, folder):
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self._log = folder / "surreal.log"
        self._process = None

    def start(self):
        with open(self._log, "w") as log:
            self._process = start(
                [server(), "start", "--bind", f"127.0.0.1:{self.port}", "--unauthenticated"]
                + ["--log", "warn", "memory"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: listens(self.port), f"SurrealDB (see {self._log})", self._process)
        return self

    def stop(self):
        if self._process is not None:
            stop(self._process)


def server():
    found = os.environ.get("LATCHKEY_TEST_SURREAL", "")
    assert os.access(found, os.X_OK), (
        f"no SurrealDB server at “{found}”: run tools/test-integrations many-nodes under {ROOT}"
    )
    return found
