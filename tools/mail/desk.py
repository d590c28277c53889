"""A desk with demo accounts beside a mail server, whose clock can be put forward while it runs, and
several of them on one store."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from servers import free_port

BINARY, TESTKIT = os.environ["LATCHKEY_BINARY"], os.environ["LATCHKEY_TESTKIT"]
# Whatever else is set there is not ours.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("LATCHKEY_")}
WITHIN = 60


def until(what, is_so, within=WITHIN):
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.1)


def settings(server, security="none", **more):
    name = "127.0.0.1" if security == "none" else "localhost"
    return {
        "LATCHKEY_MAIL_SERVER": name,
        "LATCHKEY_MAIL_PORT": str(server.port),
        "LATCHKEY_MAIL_SECURITY": security,
        "LATCHKEY_MAIL_FROM": "Latchkey <latchkey@example.edu>",
    } | more


class Desk:
    """A node with demo accounts, whose clock can be put forward while it runs."""

    def __init__(self, env, folder=None, store=None, forward=0):
        self.own = None if folder else tempfile.mkdtemp(prefix="latchkey-mail-")
        self.folder = folder or self.own
        self.clock = os.path.join(self.folder, "clock")
        self.put_forward(forward)
        self.env, port = dict(env), free_port()
        self.url = f"http://127.0.0.1:{port}"
        is_new = not os.path.exists(os.path.join(self.folder, "data"))
        self.env |= {
            "LATCHKEY_PUBLIC_URL": self.url,
            "LD_PRELOAD": os.environ["CLOCK_LIBRARY"],
            "CLOCK": self.clock,
        }
        command = [TESTKIT, "--demo", "--folder", self.folder, "--listen", f"127.0.0.1:{port}"]
        command += ["--store", store] if store else []
        for name, value in self.env.items():
            command += ["--env", f"{name}={value}"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=PLAIN | {"LATCHKEY_BIN": BINARY},
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, "it does not start"
        self.facts = json.loads(line)
        if is_new:
            # In a new store notices begin with what happens about a second after the start.
            time.sleep(3)

    def put_forward(self, seconds):
        with open(self.clock + ".new", "w") as file:
            file.write(f"{seconds} 0 0")
        os.replace(self.clock + ".new", self.clock)

    def visit(self, *arguments):
        what, *more = arguments
        visited = subprocess.run(
            ["node", "tools/visit.mjs", what, self.url, *more], capture_output=True, text=True
        )
        assert visited.returncode == 0, visited.stderr
        return visited.stdout.strip()

    def log(self):
        with open(self.facts["log"]) as file:
            return file.read()

    def kill(self):
        os.kill(self.facts["pid"], signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own:
            shutil.rmtree(self.own, ignore_errors=True)


class Nodes:
    """Several on one store, or one in a folder that is kept."""

    def __init__(self, server, many, store=None):
        self.server, self.store = server, store
        self.folder = tempfile.mkdtemp(prefix="latchkey-mail-")
        self.desks = [self.start(number) for number in range(many)]

    def start(self, number):
        own = os.path.join(self.folder, str(number))
        os.makedirs(own, exist_ok=True)
        env = settings(self.server) | {"LATCHKEY_NODE": f"node-{number}"}
        return Desk(env, own, self.store)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for desk in self.desks:
            desk.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
