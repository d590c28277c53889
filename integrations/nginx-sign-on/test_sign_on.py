"""Latchkey behind an nginx that logs people in: a session for whom nginx knows, and for nobody
else."""

from base64 import b64encode
from pathlib import Path

import pytest
import requests
from asking import SEPARATORS, ask, basic, received, spelled, spoofed
from desk import Desk
from nginx_server import Nginx
from processes import free_port, wait_until

HERE = Path(__file__).parent
# What Latchkey reads, as a browser sends it.
PASSED = {
    **{
        "Accept": "text/html",
        "Accept-Encoding": "br",
        "Content-Type": "a/b",
        "Cookie": "a=b",
        "User-Agent": "c",
    },
    **{
        "If-None-Match": '"1"',
        "Last-Event-ID": "1",
        "Range": "bytes=0-9",
        "Origin": "https://a.b",
        "Referer": "https://a.b/",
    },
    **{f"Sec-Fetch-{what}": what for what in ("Dest", "Mode", "Site", "User")},
}

PEOPLE = {"nora": "nora's password", "tia": "tia's password", "dave": "dave's password"}


class BehindSignOn(Desk):
    def _environment(self):
        headers = {
            f"LATCHKEY_REMOTE_{what.upper()}_HEADER": f"Remote-{what}"
            for what in ("User", "Name", "Email", "Groups")
        }
        return {
            **super()._environment(),
            **headers,
            "LATCHKEY_ADMIN_GROUPS": "campus:admins",
            "LATCHKEY_PRIVILEGED_GROUPS": "*",
        }


def nginx_before(latchkey, tmp_path_factory):
    netids = tmp_path_factory.mktemp("netids") / "netids"
    netids.write_text(
        "".join(f"{netid}:{{PLAIN}}{password}\n" for netid, password in PEOPLE.items())
    )
    changes = {"127.0.0.1:3000": latchkey, "/etc/nginx/netids": str(netids)}
    site = "latchkey.example.edu"
    files = {
        f"sites-enabled/{site}": (HERE / "latchkey.conf", changes),
        "snippets/latchkey-headers.conf": (HERE / "latchkey-headers.conf", {}),
    }
    return Nginx(tmp_path_factory.mktemp("nginx") / "etc", site, files)


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    desk = BehindSignOn(tmp_path_factory.mktemp("desk"))
    nginx = nginx_before(desk.address, tmp_path_factory)
    try:
        desk.start()
        yield nginx.start().url
    finally:
        nginx.stop()
        desk.stop()


def browser(netid, **headers):
    session = requests.Session()
    session.auth = (netid, PEOPLE[netid])
    session.headers.update({"Accept": "text/html", **headers})
    return session


def test_whom_nginx_knows_is_logged_in(behind):
    page = browser("nora").get(f"{behind}/settings/about-me", timeout=10)
    assert (page.status_code, page.url) == (200, f"{behind}/settings/about-me")
    assert "Logged in as <!>nora" in page.text


def test_news_of_an_open_page_are_not_held_back(behind):
    with browser("nora") as nora:
        nora.get(f"{behind}/settings/about-me", timeout=10)
        with nora.get(f"{behind}/live", stream=True, timeout=10) as live:
            assert live.headers["Content-Type"] == "text/event-stream"
            assert next(live.iter_lines()), "before nginx has enough of them to fill a buffer"


def test_whom_it_does_not_know_gets_no_further_than_nginx(behind):
    for authorization in ({}, {"Authorization": "Basic " + b64encode(b"nora:wrong").decode()}):
        assert (
            requests.get(
                f"{behind}/settings/about-me", headers=authorization, timeout=10
            ).status_code
            == 401
        )


def test_who_one_is_cannot_be_said_by_oneself(behind):
    page = browser("nora", **{"Remote-User": "ada"}).get(f"{behind}/settings/about-me", timeout=10)
    assert "Logged in as <!>nora" in page.text
    claims = {"Remote-Groups": "campus:admins", "Remote-Name": "Somebody Else"}
    page = browser("tia", **claims).get(f"{behind}/settings/about-me", timeout=10)
    assert (
        "Logged in as <!>tia" in page.text
        and "Somebody Else" not in page.text
        and "Administrator" not in page.text
    )
    # Where programs come in, nobody is logged in at all.
    for path in ("/auth/verify", "/api/v1/me"):
        answer = requests.get(behind + path, headers={"Remote-User": "ada"}, timeout=10)
        assert (answer.status_code, answer.cookies.get_dict()) == (401, {}), path


def test_latchkey_gets_the_headers_listed_and_no_other(service, tmp_path_factory):
    nginx = nginx_before(service.address, tmp_path_factory)
    sent = {
        **spoofed("ada"),
        **{name: "ada" for separator in SEPARATORS for name in spelled(separator, "")},
    }
    try:
        nginx.start()
        for path, person in (
            ("/settings/about-me", "nora"),
            ("/api/v1/me", None),
            ("/auth/verify", None),
        ):
            got = received(
                ask(nginx.port, path, headers={**sent, **PASSED, **basic("nora", PEOPLE["nora"])})
            )
            assert got.get("remote-user") == person
            assert "ada" not in got.values()
            assert {name: got.get(name.lower()) for name in PASSED} == PASSED
            own = {"host", "connection", "x-forwarded-for", "x-forwarded-proto"}
            assert got.keys() - {name.lower() for name in PASSED} == own | {
                "remote-user" if person else "authorization"
            }
    finally:
        nginx.stop()


def test_a_calendar_and_a_report_need_no_log_in_and_no_log_has_the_calendars_address(
    service, tmp_path_factory
):
    nginx = nginx_before(service.address, tmp_path_factory)
    signed = {"GitHub-Public-Key-Identifier": "a", "GitHub-Public-Key-Signature": "b"}
    try:
        nginx.start()
        for path in ("/calendar/s3cret.ics", "/%63alendar/s3cret.ics", "/leaks/github", "/leaks"):
            got = received(ask(nginx.port, path, headers={**spoofed("ada"), **signed}))
            assert "remote-user" not in got and "ada" not in got.values(), path
            if path.startswith("/leaks"):
                assert {name: got.get(name.lower()) for name in signed} == signed
        # A line is written after its answer, and before the next one's.
        wait_until(lambda: "/leaks " in nginx.logs(), "the log has the last")
        assert "s3cret" not in nginx.logs()
    finally:
        nginx.stop()


def test_no_log_has_a_calendars_address_where_latchkey_is_away(tmp_path_factory):
    nginx = nginx_before(f"127.0.0.1:{free_port()}", tmp_path_factory)
    try:
        nginx.start()
        for path in ("/calendar/s3cret.ics", "/leaks"):
            assert requests.get(nginx.url + path, timeout=10).status_code == 502, path
        wait_until(lambda: "connect() failed" in nginx.logs(), "the log of errors has the last")
        assert "s3cret" not in nginx.logs()
    finally:
        nginx.stop()


def test_a_disabled_account_stays_outside(behind):
    page = browser("dave").get(f"{behind}/settings/about-me", timeout=10)
    assert page.status_code == 403
    assert "Your account is disabled." in page.text


def test_the_same_browser_as_somebody_else_is_somebody_else(behind):
    session = browser("nora")
    session.get(f"{behind}/settings/about-me", timeout=10)
    session.auth = ("tia", PEOPLE["tia"])
    page = session.get(f"{behind}/settings/about-me", timeout=10)
    assert "Logged in as <!>tia" in page.text and "nora" not in page.text
