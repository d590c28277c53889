"""An OpenID provider of the tests' own."""

import subprocess
from pathlib import Path

import requests
from processes import free_port, listens, start, stop, wait_until

PROVIDER = Path(__file__).resolve().parents[1] / "provider"


class ProviderServer:
    def __init__(self, folder, desk):
        self.folder, self.desk = folder, desk
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self.process = None

    def start(self):
        with open(self.folder / "provider.log", "a") as log:
            command = ["node", PROVIDER / "provider.js", str(self.port), self.desk]
            self.process = start(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), f"the provider (see {self.folder})", self.process)
        return self

    def stop(self):
        if self.process is not None:
            stop(self.process)
            self.process = None

    def tell(self, **otherwise):
        """What its next answers say otherwise than they should; nothing: as they should."""
        assert requests.post(f"{self.issuer}/tell", json=otherwise, timeout=10).ok
