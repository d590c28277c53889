"""Traefik and Envoy before a service, by the lines of integrations/README.md."""

import http.client

import pytest

# The tests of any proxy that do not need a list of the headers passed on are collected here too.
from any_proxy import (  # noqa: F401
    WEBSOCKET,
    test_a_body_reaches_the_service_whole,
    test_a_revoked_token_is_refused_at_the_next_request,
    test_a_token_is_let_in_as_its_owner,
    test_a_token_is_let_in_as_programs_write_it,
    test_clients_that_wait_to_be_asked_are_asked,
    test_questions_share_a_connection,
)
from asking import Answer, ask, basic, no_good, received, token
from other_proxy import README, Envoy, Traefik

IDENTITY_HEADERS = ["Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Latchkey-Token"]


@pytest.fixture(scope="module", params=[Traefik, Envoy])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def port(desk, service, kind, tmp_path_factory):
    proxy = kind(tmp_path_factory.mktemp("proxy"), desk.address, service.address)
    try:
        yield proxy.start().port
    finally:
        proxy.stop()


@pytest.fixture
def recorded_port(recorder, service, kind, tmp_path):
    proxy = kind(tmp_path, recorder.address, service.address)
    try:
        proxy.start()
        recorder.seen.clear()
        yield proxy.port
    finally:
        proxy.stop()


def ask_from(address, port, headers, method="GET", path="/", body=None):
    """From another address than the proxy's own."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=60, source_address=(address, 0)
    )
    try:
        connection.request(method, path, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def test_without_a_good_token_nobody_is_let_in(desk, port, service):
    service.seen.clear()
    value = desk.token("tia")
    doubled = [("Authorization", "token nonsense"), ("Authorization", f"token {value}")]
    for headers in [*no_good(value), doubled]:
        answer = ask(port, f"/?token={value}", headers=headers)
        assert answer.status in (400, 401) if headers is doubled else answer.status == 401
    assert ask(port).headers.get_all("WWW-Authenticate") == [
        'Basic realm="Latchkey", charset="UTF-8"'
    ]
    assert service.seen == []


def test_who_it_is_cannot_be_said_by_the_client(desk, port):
    value = desk.token("tia")
    for spelled in (str, str.lower, str.upper):
        sent = {spelled(name): "ada" for name in IDENTITY_HEADERS}
        got = received(ask(port, headers={**sent, **token(value)}))
        assert (got["remote-user"], got["remote-groups"]) == ("tia", "staff")
        assert "ada" not in got.values()
        doubled = [*sent.items(), *token(value).items(), *sent.items()]
        assert "ada" not in received(ask(port, headers=doubled)).values()
    for listed in ("close, Remote-User", "close, Remote-Groups, Latchkey-Token"):
        got = received(ask(port, headers={"Connection": listed, **token(value)}))
        assert (got["remote-user"], got["remote-groups"]) == ("tia", "staff")


def test_what_latchkey_leaves_empty_the_client_does_not_fill(recorder, recorded_port):
    recorder.answer = (200, {"Remote-User": "tia", "Remote-Email": ""})
    got = received(ask(recorded_port, headers={"Remote-Email": "ada@example.edu", **token("x")}))
    assert got["remote-user"] == "tia" and got.get("remote-email", "") == ""


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
def test_a_read_only_token_reads_and_changes_nothing(desk, port, service, method):
    service.seen.clear()
    value = desk.token("tia", access="read")
    reads = method in ("GET", "HEAD", "OPTIONS")
    for sent in (
        {},
        {"X-Original-Method": "GET"},
        {"X-Forwarded-Method": "GET", "X-HTTP-Method-Override": "GET"},
    ):
        for path in ("/", "/some/page?x=1"):
            answer = ask(port, path, method, {**sent, **token(value)}, body=None if reads else "x")
            assert answer.status == (200 if reads else 403)
    assert len(service.seen) == (6 if reads else 0)


def test_a_token_bound_to_networks_is_good_from_them_alone(desk, port):
    for networks, status in (("127.0.0.2/32", 200), ("192.0.2.0/24", 403)):
        value = desk.token("tia", networks=networks)
        for sent in (
            {},
            {"X-Forwarded-For": "192.0.2.1"},
            {"X-Forwarded-For": "192.0.2.1, 127.0.0.1", "X-Real-IP": "192.0.2.1"},
        ):
            assert ask_from("127.0.0.2", port, {**sent, **token(value)}).status == status, sent


def test_a_pages_script_opens_no_box_for_a_password(port):
    browser = {"User-Agent": "Mozilla/5.0"}
    for headers in ({"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}):
        assert (
            ask(port, headers={**browser, **headers}).headers["WWW-Authenticate"]
            == 'Bearer realm="Latchkey"'
        )
    assert (
        ask(port, headers={**browser, "Sec-Fetch-Mode": "navigate"})
        .headers["WWW-Authenticate"]
        .startswith("Basic")
    )


def test_a_read_only_token_opens_no_websocket_where_that_is_said(desk, service, kind, tmp_path):
    if kind is Traefik:
        documented = README.read_text().split("say ``")[1].split("``")[0]
        kind = type("Traefik", (Traefik,), {"rule": f"{Traefik.rule} {documented}"})
    proxy = kind(tmp_path, desk.address, service.address)
    try:
        proxy.start()
        service.seen.clear()
        # Envoy passes none on unless it is told to.
        assert ask(
            proxy.port, headers={**WEBSOCKET, **token(desk.token("tia", access="read"))}
        ).status in (403, 404)
        assert service.seen == []
        assert ask(proxy.port, headers=token(desk.token("tia", access="read"))).status == 200
    finally:
        proxy.stop()


def test_latchkey_is_told_the_method_and_the_address_and_neither_body_nor_cookie(
    kind, recorder, recorded_port
):
    sent = {"Cookie": "a=b", "X-Forwarded-Method": "GET", "X-Original-Method": "GET"}
    ask_from("127.0.0.2", recorded_port, {**sent, **token("x")}, "POST", "/page?query", "the body")
    (question,) = recorder.seen
    headers = {name.lower(): value for name, value in question["headers"]}
    assert (
        headers["authorization"] == "token x"
        and headers["x-forwarded-for"] == "127.0.0.2"
        and question["body"] == ""
    )
    if kind is Envoy:
        assert (question["method"], question["path"].partition("?")[0]) == (
            "POST",
            "/auth/verify/envoy/page",
        )
        assert not {"cookie", "x-original-method", "x-forwarded-method"} & headers.keys()
    else:
        assert (question["path"], headers["x-forwarded-method"]) == ("/auth/verify", "POST")


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_an_answer_that_is_no_yes_lets_nobody_in(recorder, recorded_port, service, status):
    service.seen.clear()
    recorder.answer = (status, {"Remote-User": "tia", "Retry-After": "1"})
    assert ask(recorded_port, headers=token("x")).status >= 300
    assert service.seen == []


def test_without_latchkey_nobody_is_let_in(desk, port, service):
    value = desk.token("tia")
    service.seen.clear()
    desk.stop()
    try:
        assert ask(port, headers=token(value)).status >= 400
        assert service.seen == []
    finally:
        desk.start()
    assert ask(port, headers=token(value)).status == 200, "and it goes on by itself"


def test_no_token_is_in_the_proxys_log(desk, service, kind, tmp_path):
    value = desk.token("tia")
    proxy = kind(tmp_path, desk.address, service.address)
    try:
        proxy.start()
        for headers in (token(value), basic("tia", value), {"Authorization": value}):
            ask(proxy.port, "/logged", headers=headers)
        service.down = True
        try:
            assert ask(proxy.port, "/logged", headers=token(value)).status >= 500
        finally:
            service.down = False
    finally:
        proxy.stop()
    assert "/logged" in proxy.logs()
    assert "latchkey_" not in proxy.logs()
