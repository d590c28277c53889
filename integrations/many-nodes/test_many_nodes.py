"""Latchkey on several nodes, with nginx before them and a SurrealDB server behind: any of them
answers anything, one that falls over takes nothing along, and each is started anew without anybody
being refused."""

import re
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from asking import ask, token
from desk import PEOPLE, SETTINGS, WITH_LOCAL_PASSWORD, Kit, binary, outside, set_own_password
from nginx_server import Nginx
from pages import Visitor
from processes import free_port, wait_until
from surreal import Surreal

HERE = Path(__file__).parent
SITE = "latchkey.example.edu"
# More than people may do in a minute.
BUSY = {
    "LATCHKEY_TOKENS_PER_MINUTE": "100000",
    "LATCHKEY_TOKENS_PER_USER": "100000",
    "LATCHKEY_LOG_INS_PER_MINUTE": "100000",
    "LATCHKEY_REQUESTS_PER_SESSION_PER_MINUTE": "0",
}
TOKEN = re.compile(r"latchkey_[0-9A-Za-z]{36}")


class Node:
    def __init__(self, name, folder, store):
        self.name, self.port, self._store = name, free_port(), store
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self._folder = folder / name
        self._folder.mkdir()
        self.settings = {**SETTINGS, **BUSY, "LATCHKEY_NODE": name}
        self._kit = Kit(self._folder)

    def start(self):
        self._kit.start(self.address, self.settings, "--store", self._store)

    def stop(self):
        self._kit.stop()

    def fall_over(self):
        self._kit.fall_over()

    def command(self, *arguments, stdin=""):
        done = subprocess.run(
            [binary(), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self._folder,
            env={**outside(), **self.settings, "LATCHKEY_STORE": self._store},
        )
        assert done.returncode == 0, f"latchkey {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def verdict(self, value):
        return ask(self.port, "/auth/verify", headers=token(value)).status


class Campus:
    """Nodes, nginx before them, the store behind them."""

    def __init__(self, folder, many):
        self.store = Surreal(folder)
        self.nodes = []
        self._folder, self._many = folder, many
        self.nginx = None

    def start(self):
        self.store.start()
        names = ["one", "two", "three", "four"][: self._many]
        self.nodes = [Node(name, self._folder, self.store.url) for name in names]
        files = {
            f"sites-enabled/{SITE}": (HERE / "latchkey.conf", {}),
            "conf.d/latchkey-nodes.conf": (
                HERE / "latchkey-nodes.conf",
                {"    server 10.0.0.11:3000;\n    server 10.0.0.12:3000;\n": self._servers()},
            ),
        }
        self.nginx = Nginx(self._folder / "nginx", SITE, files)
        for node in self.nodes:
            node.settings["LATCHKEY_PUBLIC_URL"] = self.nginx.url
        first = self.nodes[0]
        first.command("user", "import", "-", stdin=PEOPLE)
        for netid in WITH_LOCAL_PASSWORD:
            set_own_password(first.command, netid)
        for node in self.nodes:
            node.start()
        self.nginx.start()
        return self

    def stop(self):
        for program in (self.nginx, *self.nodes, self.store):
            if program is not None:
                program.stop()

    def _servers(self, without=None):
        return "".join(
            f"    server {node.address}{' down' if node is without else ''};\n"
            for node in self.nodes
        )

    @contextmanager
    def without(self, node):
        """nginx sends nobody there meanwhile."""
        self._tell_nginx(self._servers(node))
        yield
        self._tell_nginx(self._servers())

    def _tell_nginx(self, servers):
        place = self.nginx.folder / "conf.d/latchkey-nodes.conf"
        upstream = "upstream latchkey {\n" + servers + "}\n"
        place.write_text(upstream)
        self.nginx.reload()

    def visitor(self, netid):
        visitor = Visitor(self.nginx.url)
        visitor.go("/login")
        visitor.press("Log in", {"NetID": netid, "Password": f"{netid}-netid-password"})
        return visitor

    def new_token(self, visitor, netid, description):
        """A token, made on the page through nginx."""
        visitor.go("/settings/auth-tokens")
        visitor.press("Create token")
        fields = {"Description": description}
        if "Your local password" in visitor.page.text:
            fields["Your local password"] = f"{netid}-local-password"
        visitor.press("Create", fields)
        return TOKEN.search(visitor.page.text)[0]


@pytest.fixture(scope="module", params=[2, 4])
def campus(request, tmp_path_factory):
    campus = Campus(tmp_path_factory.mktemp("campus"), request.param)
    try:
        yield campus.start()
    finally:
        campus.stop()


def test_a_session_and_a_confirmation_are_every_nodes(campus):
    visitor = campus.visitor("tia")
    value = campus.new_token(visitor, "tia", "from wherever")
    for node in [*campus.nodes, *campus.nodes]:
        visitor.go(f"{node.url}/settings/auth-tokens")
        assert "from wherever" in visitor.page.text
        assert "Your local password" not in visitor.page.text, "confirmed at another node"
        assert node.verdict(value) == 200


def test_what_one_node_revokes_no_other_lets_in(campus):
    visitor = campus.visitor("rae")
    for turn, node in enumerate(campus.nodes):
        value = campus.new_token(visitor, "rae", f"turn {turn}")
        for any_node in [*campus.nodes, *campus.nodes]:
            assert any_node.verdict(value) == 200
        done = ask(node.port, "/api/v1/token", method="DELETE", headers=token(value))
        assert done.status == 204
        for any_node in campus.nodes:
            wait_until(lambda node=any_node: node.verdict(value) == 401, "it is refused")


def test_an_open_page_hears_what_is_done_at_another_node(campus):
    watching, working = campus.visitor("helen"), campus.visitor("helen")
    first, last = campus.nodes[0], campus.nodes[-1]
    cookies = watching.cookies()
    with requests.get(f"{first.url}/live", cookies=cookies, stream=True, timeout=60) as stream:
        assert stream.status_code == 200
        working.base = last.url
        working.go(f"{last.url}/settings/sessions")
        campus.new_token(working, "helen", "heard of elsewhere")
        events = (line for line in stream.iter_lines(1) if line.startswith(b"data:"))
        assert any(b"tokens" in event for event in events)


class Hands:
    """Several threads that do something over and over until they are told to stop."""

    def __init__(self, *works):
        self.over = threading.Event()
        self.faults = []
        self.times = 0
        self._threads = [threading.Thread(target=self._go_on, args=(work,)) for work in works]

    def _go_on(self, work):
        while not self.over.is_set():
            try:
                work()
                self.times += 1
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is told
                self.faults.append(fault)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self._threads:
            thread.join()

    def have_done(self, more):
        """Waits until they have done so many times more, whatever came of it."""
        enough = self.times + len(self.faults) + more
        wait_until(lambda: self.times + len(self.faults) >= enough, "hands go on")


def test_each_node_is_started_anew_and_nobody_is_refused(campus):
    visitor = campus.visitor("ada")
    value = campus.new_token(visitor, "ada", "all day long")
    port, numbers = campus.nginx.port, iter(range(1_000_000))

    def verified():
        assert ask(port, "/auth/verify", headers=token(value)).status == 200

    def looked_at():
        visitor.go("/settings/auth-tokens")

    maker = campus.visitor("tia")

    def made():
        made_now = campus.new_token(maker, "tia", f"made meanwhile {next(numbers)}")
        assert ask(port, "/auth/verify", headers=token(made_now)).status == 200

    with Hands(verified, verified, looked_at, made) as hands:
        for node in campus.nodes:
            hands.have_done(20)
            with campus.without(node):
                node.stop()
                hands.have_done(20)
                node.start()
        hands.have_done(20)
    assert hands.faults == []


def test_no_log_of_nginx_has_a_calendars_address(campus):
    for path in ("/calendar/s3cret.ics", "/help"):
        requests.get(campus.nginx.url + path, timeout=10)
    # A line is written after its answer, and before the next one's.
    wait_until(lambda: "GET /help " in campus.nginx.logs(), "the log has the last")
    assert "s3cret" not in campus.nginx.logs()


def test_one_that_falls_over_takes_nothing_along(campus):
    made, lock, numbers = [], threading.Lock(), iter(range(1_000_000))
    visitors = {netid: campus.visitor(netid) for netid in WITH_LOCAL_PASSWORD}

    def makes(netid):
        def work():
            with lock:
                number = next(numbers)
            value = campus.new_token(visitors[netid], netid, f"before the fall {number}")
            with lock:
                made.append(value)

        return work

    fallen = campus.nodes[-1]
    with Hands(*(makes(netid) for netid in visitors)) as hands:
        hands.have_done(20)
        fallen.fall_over()
        hands.have_done(40)
    # Whoever was in the middle of something heard that the gateway is bad, and nothing else.
    assert all("50" in str(fault) for fault in hands.faults), hands.faults
    assert len(made) >= 20
    for node in campus.nodes[:-1]:
        assert {node.verdict(value) for value in made} == {200}
    fallen.start()
    assert {fallen.verdict(value) for value in made} == {200}
    campus.nodes[0].command("audit", "verify")
