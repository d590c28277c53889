"""Latchkey behind an nginx that logs people in: a session for whom nginx knows, and for nobody else."""

from base64 import b64encode
from pathlib import Path

import pytest
import requests
from desk import Desk
from nginx_server import Nginx

HERE = Path(__file__).parent
PEOPLE = {"nora": "nora's password", "tia": "tia's password", "dave": "dave's password"}


class BehindSignOn(Desk):
    def _environment(self):
        headers = {f"LATCHKEY_REMOTE_{what.upper()}_HEADER": f"Remote-{what}" for what in ("User", "Name", "Email", "Groups")}
        return {**super()._environment(), **headers, "LATCHKEY_ADMIN_GROUPS": "campus:admins"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    desk = BehindSignOn(folder)
    netids = tmp_path_factory.mktemp("netids") / "netids"
    netids.write_text("".join(f"{netid}:{{PLAIN}}{password}\n" for netid, password in PEOPLE.items()))
    changes = {"127.0.0.1:3000": desk.address, "/etc/nginx/netids": str(netids)}
    site = "latchkey.example.edu"
    files = {
        f"sites-enabled/{site}": (HERE / "latchkey.conf", changes),
        "snippets/latchkey-headers.conf": (HERE / "latchkey-headers.conf", {}),
    }
    nginx = Nginx(tmp_path_factory.mktemp("nginx") / "etc", site, files)
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
        assert requests.get(f"{behind}/settings/about-me", headers=authorization, timeout=10).status_code == 401


def test_who_one_is_cannot_be_said_by_oneself(behind):
    page = browser("nora", **{"Remote-User": "ada"}).get(f"{behind}/settings/about-me", timeout=10)
    assert "Logged in as <!>nora" in page.text
    claims = {"Remote-Groups": "campus:admins", "Remote-Name": "Somebody Else"}
    page = browser("tia", **claims).get(f"{behind}/settings/about-me", timeout=10)
    assert "Logged in as <!>tia" in page.text and "Somebody Else" not in page.text and "Administrator" not in page.text
    # Where programs come in, nobody is logged in at all.
    for path in ("/auth/verify", "/api/v1/me"):
        answer = requests.get(behind + path, headers={"Remote-User": "ada"}, timeout=10)
        assert (answer.status_code, answer.cookies.get_dict()) == (401, {}), path


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
