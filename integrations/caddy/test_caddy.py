"""Caddy before a service: who a request is, Latchkey says, and nobody else."""

from pathlib import Path

import pytest
from any_backend import *  # noqa: F403, the tests of any proxy are collected here too
from any_proxy import *  # noqa: F403
from asking import ask, no_good, received, spoofed, token
from backends import HERE as BACKENDS
from backends import KINDS
from caddy_server import Caddy

CADDYFILE = Path(__file__).parent / "Caddyfile"


def caddy_before(service, latchkey, folder, further=None):
    folder.mkdir(exist_ok=True)
    changes = {
        "127.0.0.1:3000": latchkey,
        "response_header_timeout 5s": "response_header_timeout 1s",
        **(further or {}),
    }
    if "127.0.0.1:8080" not in "".join(changes):
        changes["127.0.0.1:8080"] = service.address
    return Caddy(folder, CADDYFILE, "app.example.edu", changes)


def pytest_generate_tests(metafunc):
    if "behind" in metafunc.fixturenames:
        metafunc.parametrize("behind", [*KINDS, "PHP by FastCGI"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def proxy_before(desk):
    def proxy_before(behind, folder, websockets=False, preflights=False):
        changes = {"# import latchkey-websocket": "import latchkey-websocket"} if websockets else {}
        if preflights:
            changes["# import latchkey-preflight"] = "import latchkey-preflight"
        if getattr(behind, "fastcgi", False):
            # As Caddy's documentation has it for PHP.
            place = (
                "\t\trewrite * /who.php\n"
                f"\t\tphp_fastcgi {behind.address} {{\n\t\t\troot {BACKENDS}\n\t\t}}"
            )
            changes["\t\treverse_proxy 127.0.0.1:8080"] = place
        return caddy_before(behind, desk.address, folder, changes)

    return proxy_before


@pytest.fixture(scope="module")
def port(desk, service, tmp_path_factory):
    caddy = caddy_before(service, desk.address, tmp_path_factory.mktemp("caddy"))
    try:
        yield caddy.start().port
    finally:
        caddy.stop()


@pytest.fixture
def recorded_port(recorder, service, tmp_path):
    caddy = caddy_before(service, recorder.address, tmp_path)
    try:
        yield caddy.start().port
    finally:
        caddy.stop()


def test_without_a_good_token_nobody_is_let_in(desk, port, service):
    service.seen.clear()
    value = desk.token("tia")
    doubled = [("Authorization", "token nonsense"), ("Authorization", f"token {value}")]
    for headers in [*no_good(value), doubled]:
        answer = ask(port, f"/?token={value}", headers=headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Latchkey", charset="UTF-8"'
    assert service.seen == []


def test_who_it_is_cannot_be_taken_out_by_the_client(desk, port):
    value = desk.token("tia")
    for listed in (
        "close, Remote-User",
        "close, remote-user, X-Other",
        "close, Remote-Groups, Latchkey-Token",
    ):
        got = received(ask(port, headers={"Connection": listed, **token(value)}))
        assert (got["remote-user"], got["remote-groups"]) == ("tia", "staff")
    doubled = [("Connection", "close"), ("Connection", "Remote-User"), *token(value).items()]
    assert received(ask(port, headers=doubled))["remote-user"] == "tia"


def test_without_latchkey_nobody_is_let_in(desk, port, service):
    value = desk.token("tia")
    service.seen.clear()
    desk.stop()
    try:
        assert ask(port, headers=token(value)).status == 502
        assert service.seen == []
    finally:
        desk.start()
    assert ask(port, headers=token(value)).status == 200, "and it goes on by itself"


def test_while_latchkey_hangs_nobody_is_let_in(desk, port, service):
    value = desk.token("tia")
    service.seen.clear()
    with desk.hanging():
        assert ask(port, headers=token(value)).status == 504
    assert service.seen == []
    assert ask(port, headers=token(value)).status == 200, "and it goes on by itself"


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_an_answer_that_is_no_yes_lets_nobody_in(recorder, recorded_port, service, status):
    service.seen.clear()
    recorder.answer = (status, {"Remote-User": "tia", "Retry-After": "1"})
    answer = ask(recorded_port, headers=token("x"))
    assert (answer.status, answer.headers["Retry-After"]) == (status, "1")
    assert service.seen == []


@pytest.mark.parametrize("headers", [{}, {"Remote-User": ""}])
def test_a_yes_that_names_nobody_lets_nobody_in(recorder, recorded_port, service, headers):
    service.seen.clear()
    recorder.answer = (200, headers)
    assert ask(recorded_port, headers={**spoofed("ada"), **token("x")}).status == 503
    assert service.seen == []


def test_latchkey_is_told_the_method_and_the_address_and_neither_body_nor_cookie(
    recorder, recorded_port
):
    sent = {
        "Cookie": "a=b",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Method": "GET",
        "X-Original-Method": "GET",
    }
    ask(recorded_port, "/page?query", "POST", {**sent, **token("x")}, body="the body")
    (question,) = recorder.seen
    headers = {name.lower(): value for name, value in question["headers"]}
    assert (question["method"], question["path"], question["body"]) == ("HEAD", "/auth/verify", "")
    assert (
        headers["authorization"],
        headers["x-forwarded-method"],
        headers["x-forwarded-for"],
    ) == ("token x", "POST", "127.0.0.1")
    assert not {"cookie", "x-original-method"} & headers.keys()
