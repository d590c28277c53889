"""Request Tracker moves in: what RT itself has made, its people's tokens and passwords, goes on
working before, while and after `latchkey rt import` brings it over; on SQLite and PostgreSQL."""

import itertools
import sqlite3
import statistics
import threading
import time

import pytest
import requests
import rt.rest2
from asking import ask, basic, token
from browser import Browser
from desk import Desk
from postgresql import PostgreSQL
from request_tracker import RequestTracker

# sam and vic may have tokens and have no local password yet.
VIC = "netid,name,email,privileged,password\nvic,Vic,vic@example.edu,yes,vic-netid-password\n"
MAP = "rt name,netid\nUma@example.edu,uma\n"
NAMES = "Set(%LatchkeyNames, 'uma' => 'Uma@example.edu');"
FRONT = f"{NAMES} Set($LatchkeyURL, 'https://latchkey.example.edu');"
KEPT = [
    "SELECT id, Owner, Description, Token FROM AuthTokens ORDER BY id",
    "SELECT id, Name, Password FROM Users ORDER BY id",
]


class Moved:
    """A Request Tracker, and two sites before it: `before`, where RT still checks its own strings,
    and `after`, where Latchkey does."""

    def __init__(self, kind, nginx_before, new_folder):
        self._running = []
        self._folder = new_folder("moving")
        self.database = None
        self.desk = Desk(new_folder("desk"))
        self.desk.command("user", "import", "-", stdin=VIC)
        self._start(self.desk)
        if kind == "postgresql":
            self.database = self._start(PostgreSQL())
        socket = self._folder / "fcgi" / "rt.sock"
        ours = {'# "~*^token': '"~*^token'}
        self.before = nginx_before(socket, self.desk.address, self._folder / "before", ours)
        self.after = nginx_before(socket, self.desk.address, self._folder / "after")
        settings = {"front": NAMES, "postgresql": self.database and self.database.socket}
        self.rt = RequestTracker(self._folder / "fcgi", self.after.port, **settings)
        for program in (self.rt, self.before, self.after):
            self._start(program)

    def _start(self, program):
        self._running.append(program)
        program.start()
        return program

    def stop(self):
        for program in reversed(self._running):
            program.stop()

    def rows(self, query):
        if self.database:
            return self.database.rows(query)
        with sqlite3.connect(f"file:{self.rt.database}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()

    def bring(self):
        """`latchkey rt import`, as the guide has it; what it says."""
        names = self._folder / "names.csv"
        names.write_text(MAP)
        url = self.database.url if self.database else f"sqlite://{self.rt.database}"
        self.desk.stop()
        try:
            brought = ("--database", url, "--map", str(names), "--yes")
            return self.desk.command("rt", "import", *brought)
        finally:
            self.desk.start()


def who(nginx, value, name):
    return ask(nginx.port, f"/REST/2.0/user/{name}", headers=token(value)).status


def one_of_each(tracker):
    """People who may go on, and a string of each."""
    return [(name, tracker.rt.own[name][0]) for name in ("tia", "rae", "sam", "Uma@example.edu")]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def moved(request, nginx_before, tmp_path_factory):
    moved = None
    try:
        moved = Moved(request.param, nginx_before, tmp_path_factory.mktemp)
        moved.kept = [moved.rows(query) for query in KEPT]
        assert {who(moved.before, value, name) for name, value in one_of_each(moved)} == {200}
        assert {who(moved.after, value, name) for name, value in one_of_each(moved)} == {401}
        moved.meanwhile = []
        done = threading.Event()
        asking = threading.Thread(target=ask_on, args=[moved, done])
        asking.start()
        try:
            moved.output = moved.bring()
        finally:
            done.set()
            asking.join()
        yield moved
    finally:
        if moved is not None:
            moved.stop()


def ask_on(moved, done):
    """Asks for as long as the import takes, at least once."""
    people = itertools.cycle(one_of_each(moved))
    while not (done.is_set() and moved.meanwhile):
        name, value = next(people)
        moved.meanwhile.append(who(moved.before, value, name))


def test_while_it_is_brought_over_the_old_strings_work(moved):
    assert set(moved.meanwhile) == {200}


def test_request_tracker_is_only_read(moved):
    assert [moved.rows(query) for query in KEPT] == moved.kept


def test_the_old_strings_work_unchanged_on_either_site(moved):
    for name, value in one_of_each(moved):
        assert who(moved.before, value, name) == 200, "RT checks"
        assert who(moved.after, value, name) == 200, "Latchkey checks"
    for value in moved.rt.own_tokens_of_rae:
        assert who(moved.after, value, "rae") == 200
    assert who(moved.after, moved.rt.own["gus"][0], "tia") == 401, "disabled in RT"


def test_the_old_strings_are_their_owners(moved):
    for value in (moved.rt.own_token, f"{moved.rt.own_token} "):
        got = ask(moved.after.port, "/show-environment", headers=token(value)).json
        assert got["REMOTE_USER"] == "tia"
    got = ask(
        moved.after.port, "/show-environment", headers=token(moved.rt.own["Uma@example.edu"][0])
    )
    assert got.json["REMOTE_USER"] == "uma"


def test_by_python_rt_an_old_string_costs_bcrypt_once(moved):
    url = f"{moved.after.url}/REST/2.0/"
    # RT itself is warm.
    rt.rest2.Rt(url, token=moved.desk.token("tia")).get_user("vic")
    with_old = rt.rest2.Rt(url, token=moved.rt.own["vic"][0])
    first, *later = [milliseconds(with_old.get_user, "vic") for _ in range(9)]
    assert first > 5 * statistics.median(later), (first, later)


def milliseconds(call, *arguments):
    begin = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - begin) * 1000


def test_what_is_no_string_of_anybodys_is_refused(moved):
    good = moved.rt.own_token
    version, number, digits = good.split("-")
    for value in (
        f"{version}-{number}-{'0' * 32}",
        f"{version}-0{number}-{digits}",
        f"{version}-{int(number) + 1}-{digits}",
        f"2-{number}-{digits}",
        f"{version}-{number}-{digits.upper()}",
        f"{good} {good}",
        *(row[0] for row in moved.rows("SELECT Token FROM AuthTokens ORDER BY id")),
        *(row[0] for row in moved.rows("SELECT Password FROM Users ORDER BY id")),
    ):
        if value != good:  # digits may be digits alone
            assert who(moved.after, value, "tia") == 401, value


def test_a_flood_of_invented_ones_buys_no_bcrypt_and_keeps_nobody_out(moved):
    number = moved.rt.own["helen"][0].split("-")[1]  # none of hers has come by
    assert who(moved.after, moved.rt.own_token, "tia") == 200
    began = time.monotonic()
    invented = (f"1-{number}-{attempt:032x}" for attempt in range(120))
    answers = [who(moved.after, one, "tia") for one in invented]
    assert set(answers) <= {401, 503}, "refused, or told to come again"
    # An address has sixty a minute, of which each takes one for every hash that it is compared to.
    hashes = len(moved.rt.own["helen"])
    minutes = 1 + (time.monotonic() - began) / 60
    assert answers.count(401) <= 60 / hashes * minutes + 1
    assert who(moved.after, moved.rt.own_token, "tia") == 200
    assert who(moved.after, moved.desk.token("tia"), "tia") == 200


def test_an_old_string_opens_what_a_token_opens_and_no_more(moved):
    value = moved.rt.own["sam"][0]
    sam = Browser(moved.after.url)
    page = sam.get("/", token(value))
    assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
    assert ask(moved.after.port, "/REST/1.0/user/sam", headers=token(value)).text.startswith("RT/5")
    assert ask(moved.after.port, "/REST/2.0/user/sam", headers=basic("rae", value)).status == 401


def test_a_password_of_rts_makes_a_token_on_latchkeys_page(moved):
    sam = moved.desk.visitor("sam")
    for number in ("first", "second"):  # by its old form, and by the one that it has been given
        sam.go("/settings/auth-tokens")
        sam.press("Create token")
        fields = {"Description": f"The {number}", "Allowed networks": ""}
        if "Your local password" in sam.page.text:
            fields["Your local password"] = "a mild brown lantern"
        sam.press("Create", fields)
        value = sam.token()
        assert who(moved.after, value, "sam") == 200
    sam.go("/settings/auth-tokens")
    assert "Request Tracker" in sam.page.text, "where the old one came from"


def test_a_password_that_everybody_knows_only_leads_to_another(moved):
    vic = moved.desk.visitor("vic")
    vic.go("/settings/auth-tokens")
    vic.press("Create token")
    vic.press("Create", {"Description": "By a weak one", "Your local password": "password"})
    assert vic.token() is None
    assert "Choose your own local password" in vic.page.text


def test_revoked_in_latchkey_means_refused_and_a_second_import_brings_nothing_back(moved):
    value = moved.rt.own_tokens_of_rae[0]
    assert who(moved.after, value, "rae") == 200
    revoke(moved, value)
    assert who(moved.after, value, "rae") == 401
    moved.bring()
    assert who(moved.after, value, "rae") == 401
    assert who(moved.after, moved.rt.own_tokens_of_rae[1], "rae") == 200


def revoke(moved, value):
    """As whoever finds it does."""
    report = {"data": value, "headers": {"Content-Type": "text/plain"}, "timeout": 10}
    assert requests.post(f"{moved.desk.url}/leaks", **report).status_code == 202


def test_disabled_in_rt_later_means_refused(moved):
    value = moved.rt.own_token
    root = Browser(moved.after.url)
    root.log_in("root", "root-rt-password")
    assert root.session.delete(f"{root.url}/REST/2.0/user/tia", timeout=60).status_code == 204
    try:
        assert who(moved.after, value, "tia") == 403
    finally:
        enabled = root.session.put(f"{root.url}/REST/2.0/user/tia", json={"Disabled": 0})
    assert enabled.ok
    assert who(moved.after, value, "tia") == 200


def test_once_rt_leads_to_latchkey_no_string_opens_it_by_another_way(moved):
    """Until then RT itself is asked about a string in an address, and knows nothing of what was
    revoked or disabled at Latchkey."""
    revoked, disabled = moved.rt.own_tokens_of_rae[2], moved.rt.own["helen"][0]
    revoke(moved, revoked)
    moved.desk.disable("helen")
    for value, name in ((revoked, "rae"), (disabled, "helen")):
        assert who(moved.after, value, name) == 401
        assert set(other_ways(moved, value, name)) == {200, 201}
    moved.rt.set(FRONT)
    try:
        for value, name in ((revoked, "rae"), (disabled, "helen"), (moved.rt.own_token, "tia")):
            assert set(other_ways(moved, value, name)) == {401}
            page = Browser(moved.before.url)
            assert page.who(token(value)) is None
            page.get(f"/?token={value}")
            assert page.who() is None, "nor is a session left"
        assert who(moved.after, moved.rt.own_token, "tia") == 200, "Latchkey lets it in"
        assert who(moved.after, revoked, "rae") == 401
    finally:
        moved.rt.set(NAMES)


def other_ways(moved, value, name):
    """What RT says to a string that it is asked about itself: in an address, in a body of either
    kind and, where nginx lets it through, in a header."""
    url, ticket = f"{moved.after.url}/REST/2.0", '{"Queue": "General", "Subject": "By RT itself"}'
    form = {"token": (None, value), "JSON": (None, ticket)}
    yield requests.get(f"{url}/user/{name}", params={"token": value}, timeout=60).status_code
    yield requests.post(f"{url}/ticket", files=form, timeout=60).status_code
    in_body = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ask(moved.after.port, f"/REST/2.0/user/{name}", "GET", in_body, f"token={value}")
    yield answer.status
    yield who(moved.before, value, name)


def test_no_old_string_is_written_down(moved):
    kept = moved.after.log("request-tracker.access.log") + moved.after.log("error.log")
    kept += moved.desk.log() + moved.output
    for value in (moved.rt.own_token, *moved.rt.own_tokens_of_rae):
        assert value not in kept
        assert value.split("-")[2] not in kept
    assert "!bcrypt!" not in kept


def test_the_way_back_leaves_rt_as_it_was(moved, nginx_before, tmp_path):
    """The last of them: the former site, RT without the extension, and Latchkey off."""
    assert [moved.rows(query) for query in KEPT] == moved.kept
    moved.desk.stop()
    moved.rt.take_the_extension_out()
    site = nginx_before(
        moved.rt.socket, moved.desk.address, tmp_path / "etc", {"default yes;": "default no;"}
    )
    try:
        site.start()
        for name, value in one_of_each(moved):
            assert who(site, value, name) == 200
        assert who(site, moved.rt.own_tokens_of_rae[0], "rae") == 200, "RT had it all along"
        assert who(site, moved.rt.own["gus"][0], "tia") == 401
        sam = Browser(site.url)
        sam.log_in("sam", "a mild brown lantern")
        assert sam.who() == "sam"
    finally:
        site.stop()
