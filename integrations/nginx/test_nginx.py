"""nginx before a service: who a request is, Latchkey says, and nobody else."""

import re
from pathlib import Path

import pytest
from any_backend import *  # noqa: F403, the tests of any proxy are collected here too
from any_proxy import *  # noqa: F403
from asking import SEPARATORS, ask, no_good, received, spelled, spoofed, token
from backends import KINDS
from nginx_server import Nginx
from processes import wait_until

HERE = Path(__file__).parent


def nginx_before(service, latchkey, folder, further=None):
    files = {
        "conf.d/latchkey.conf": (HERE / "latchkey.conf", {"127.0.0.1:3000": latchkey}),
        "snippets/latchkey-ask.conf": (
            HERE / "latchkey-ask.conf",
            {"proxy_read_timeout    5s": "proxy_read_timeout    1s"},
        ),
        "snippets/latchkey-required.conf": (HERE / "latchkey-required.conf", {}),
        "snippets/latchkey-websocket.conf": (HERE / "latchkey-websocket.conf", {}),
        "snippets/latchkey-preflight.conf": (HERE / "latchkey-preflight.conf", {}),
        "sites-enabled/app.example.edu": (
            HERE / "service.conf",
            {"127.0.0.1:8080": service.address, **(further or {})},
        ),
    }
    return Nginx(folder, "app.example.edu", files)


def pytest_generate_tests(metafunc):
    if "behind" in metafunc.fixturenames:
        metafunc.parametrize("behind", KINDS, indirect=True, scope="module")


@pytest.fixture(scope="module")
def proxy_before(desk):
    def proxy_before(behind, folder, websockets=False, preflights=False):
        changes = (
            {"# include snippets/latchkey-websocket": "include snippets/latchkey-websocket"}
            if websockets
            else {}
        )
        if preflights:
            changes["# error_page 418"] = "error_page 418"
        return nginx_before(behind, desk.address, folder, changes)

    return proxy_before


@pytest.fixture(scope="module")
def port(desk, service, tmp_path_factory):
    nginx = nginx_before(service, desk.address, tmp_path_factory.mktemp("nginx") / "etc")
    try:
        yield nginx.start().port
    finally:
        nginx.stop()


@pytest.fixture
def recorded_port(recorder, service, tmp_path):
    nginx = nginx_before(service, recorder.address, tmp_path / "etc")
    try:
        yield nginx.start().port
    finally:
        nginx.stop()


def test_without_a_good_token_nobody_is_let_in(desk, port, service):
    service.seen.clear()
    value = desk.token("tia")
    for headers in no_good(value):
        answer = ask(port, f"/?token={value}", headers=headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Latchkey", charset="UTF-8"'
    assert service.seen == []


def test_no_name_slips_through_where_nginx_leaves_out_none(desk, service, tmp_path):
    lax = {
        "    server_name app": "    ignore_invalid_headers off;\n"
        "    underscores_in_headers on;\n"
        "    server_name app"
    }
    nginx = nginx_before(service, desk.address, tmp_path / "etc", lax)
    sent = {name: "ada" for separator in SEPARATORS for name in spelled(separator, "")}
    try:
        nginx.start()
        got = received(
            ask(nginx.port, headers={**sent, **spoofed("ada"), **token(desk.token("tia"))})
        )
    finally:
        nginx.stop()
    assert got["remote-user"] == "tia" and "ada" not in got.values()


def test_two_authorization_headers_never_both_count(desk, port):
    good = f"token {desk.token('tia')}"
    assert ask(
        port, headers=[("Authorization", "token nonsense"), ("Authorization", good)]
    ).status in (400, 401)


def test_the_services_own_failure_passes_as_it_is(desk, port, service):
    service.answer = (500, {})
    try:
        answer = ask(port, headers=token(desk.token("tia")))
    finally:
        service.answer = (200, {})
    assert answer.status == 500
    assert answer.json["path"] == "/", "the service's own words"


def test_nginx_reads_its_files_before_a_site_is_switched_on_and_after_all_are_off(tmp_path):
    alone = {"conf.d/latchkey.conf": (HERE / "latchkey.conf", {})}
    assert Nginx(tmp_path / "etc", "app.example.edu", alone).check() == ""


def test_the_log_names_who_was_let_in_and_nobody_else(desk, service, tmp_path):
    nginx = nginx_before(service, desk.address, tmp_path / "etc")
    try:
        nginx.start()
        for path, headers in [("/in", token(desk.token("tia"))), ("/out", {})]:
            ask(nginx.port, path, headers=headers)
        name = "app.example.edu.access.log"
        wait_until(lambda: "/out" in nginx.log(name), "a line in nginx's log")
        let_in, refused = nginx.log(name).splitlines()
    finally:
        nginx.stop()
    assert re.match(r'127\.0\.0\.1 "tia" [0-9a-f]{16} \[', let_in), let_in
    assert refused.startswith('127.0.0.1 ""  ['), refused


def test_the_question_cannot_be_asked_from_outside(port):
    assert ask(port, "/.latchkey").status in (401, 404)


def test_without_latchkey_nobody_is_let_in(desk, port, service):
    value = desk.token("tia")
    service.seen.clear()
    desk.stop()
    try:
        answer = ask(port, headers=token(value))
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "5"
        assert service.seen == []
    finally:
        desk.start()
    assert ask(port, headers=token(value)).status == 200, "and it goes on by itself"


def test_while_latchkey_hangs_nobody_is_let_in(desk, port, service):
    value = desk.token("tia")
    service.seen.clear()
    with desk.hanging():
        answer = ask(port, headers=token(value))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert service.seen == []
    assert ask(port, headers=token(value)).status == 200, "and it goes on by itself"


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_an_answer_that_is_no_yes_lets_nobody_in(recorder, recorded_port, service, status):
    service.seen.clear()
    recorder.answer = (status, {"Location": "/elsewhere"} if status == 302 else {})
    answer = ask(recorded_port, headers=token("x"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert service.seen == []


def test_a_yes_that_names_nobody_is_nobody(recorder, recorded_port):
    recorder.answer = (200, {})
    got = received(ask(recorded_port, headers={**spoofed("ada"), **token("x")}))
    assert "remote-user" not in got
    assert "ada" not in got.values()


def test_latchkey_is_told_the_method_and_the_address_and_no_more(recorder, recorded_port):
    sent = {
        "Cookie": "a=b",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Method": "GET",
        "X-Original-Method": "GET",
        "Referer": "x",
    }
    ask(recorded_port, "/page?secret", "POST", {**sent, **token("x")}, body="the body")
    (question,) = recorder.seen
    headers = {name.lower(): value for name, value in question["headers"]}
    assert (question["method"], question["path"], question["body"]) == ("HEAD", "/auth/verify", "")
    assert headers.pop("host") == "latchkey"
    assert headers == {
        "authorization": "token x",
        "x-original-method": "POST",
        "x-forwarded-for": "127.0.0.1",
    }
