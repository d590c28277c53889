"""What holds before a service whichever proxy asks. Imported by the tests of each of them, which
say where it is: the fixtures `port`, `recorder` and `recorded_port`, and `proxy_before`, which
makes a proxy before a service; with `websockets`, one that passes these."""

import socket
import urllib.request

import pytest
from asking import OVERRIDES, ask, basic, received, spoofed, token

# What browsers and programs send, and a service is to know.
PASSED = {
    "Accept": "text/html;q=0.9, */*",
    "Accept-Encoding": "br, gzip",
    "Accept-Language": "de, en;q=0.5",
    "Access-Control-Request-Method": "PUT",
    "Cache-Control": "no-cache",
    "Content-Language": "de",
    "Content-Type": "application/json; charset=utf-8",
    "Cookie": "session=1; theme=dark",
    "Idempotency-Key": "8e03978e-40d5",
    "If-Match": '"1", W/"2"',
    "If-Modified-Since": "Sat, 29 Oct 2022 19:43:31 GMT",
    "If-None-Match": "*",
    "If-Range": '"1"',
    "Last-Event-ID": "17",
    "Origin": "https://app.example.edu",
    "Prefer": "return=minimal",
    "Range": "bytes=0-99",
    "Referer": "https://app.example.edu/page",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "a program/1.0 {env.PATH} $http_host",
    "X-CSRF-Token": "c1",
    "X-CSRFToken": "c2",
    "X-Requested-With": "XMLHttpRequest",
}
# Of the proxy, and of Latchkey.
OWN = {
    "Connection",
    "Content-Length",
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "Via",
}
IDENTITY_HEADERS = {"Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Latchkey-Token"}


@pytest.mark.parametrize("way", ["token", "Bearer", "Basic", "Basic without a name"])
def test_a_token_is_let_in_as_its_owner(desk, port, way):
    value = desk.token("tia")
    headers = {"Basic": basic("tia", value), "Basic without a name": basic("", value)}.get(
        way, {"Authorization": f"{way} {value}"}
    )
    got = received(ask(port, "/some/page?x=1", headers=headers))
    assert (got["remote-user"], got["remote-name"]) == ("tia", "Tia Token")
    assert (got["remote-email"], got["remote-groups"]) == ("tia@example.edu", "staff")
    assert len(got["latchkey-token"]) == 16
    assert "authorization" not in got, "the token stays at the proxy"


def test_who_it_is_cannot_be_said_by_the_client(desk, port):
    got = received(ask(port, headers={**spoofed("ada"), **token(desk.token("tia"))}))
    assert got["remote-user"] == "tia"
    assert "ada" not in got.values()


def test_a_service_gets_the_headers_listed_and_no_other(desk, port):
    value = desk.token("tia")
    others = {
        "X-Something": "x",
        "Te": "trailers",
        "Proxy-Authorization": "x",
        "Upgrade": "h2c",
        "HTTP2-Settings": "x",
    }
    got = received(
        ask(port, method="POST", headers={**PASSED, **others, **token(value)}, body="{}")
    )
    assert {name: got.get(name.lower()) for name in PASSED} == PASSED, "as they were sent"
    assert got.keys() <= {name.lower() for name in {*PASSED, *OWN, *IDENTITY_HEADERS}}
    assert got["x-forwarded-for"] == "127.0.0.1"
    # One that was not sent is not there, rather than empty.
    assert received(ask(port, headers=token(value))).keys() <= {
        name.lower() for name in {"Accept-Encoding", *OWN, *IDENTITY_HEADERS}
    }


def test_a_read_only_token_reads_and_changes_nothing(desk, port, service):
    service.seen.clear()
    value = desk.token("tia", access="read")
    for method in ("GET", "HEAD", "OPTIONS"):
        assert ask(port, method=method, headers=token(value)).status == 200
    assert len(service.seen) == 3
    sent = {
        "X-Original-Method": "GET",
        "X-Forwarded-Method": "GET",
        "X-HTTP-Method-Override": "GET",
    }
    for method in ("POST", "PUT", "DELETE"):
        for more in ({}, sent, {**sent, "Connection": "close, X-Forwarded-Method"}):
            answer = ask(port, method=method, headers={**more, **token(value)}, body="x")
            assert answer.status == 403, more
    assert len(service.seen) == 3


def test_a_read_only_token_cannot_name_another_method(desk, port, service):
    service.seen.clear()
    for name in (*OVERRIDES, *(name.replace("-", "_") for name in OVERRIDES)):
        answer = ask(port, headers={name: "DELETE", **token(desk.token("tia", access="read"))})
        assert "DELETE" not in received(answer).values()
    assert {request["method"] for request in service.seen} == {"GET"}


WEBSOCKET = {
    "Connection": "Upgrade, Remote-User",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_a_service_gets_no_websocket_unasked(desk, port):
    assert (
        not {"upgrade", "sec-websocket-key"}
        & received(ask(port, headers={**WEBSOCKET, **token(desk.token("tia"))})).keys()
    )


def test_a_websocket_needs_a_token_that_may_change_things(desk, service, proxy_before, tmp_path):
    service.seen.clear()
    proxy = proxy_before(service, tmp_path / "etc", websockets=True)
    try:
        proxy.start()
        for headers, status in ((token(desk.token("tia", access="read")), 403), ({}, 401)):
            assert ask(proxy.port, headers={**WEBSOCKET, **headers}).status == status
        assert service.seen == []
        assert "upgrade" not in received(
            ask(proxy.port, headers=token(desk.token("tia", access="read")))
        )
        sent = {**WEBSOCKET, **spoofed("ada"), **token(desk.token("tia"))}
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as connection:
            lines = [
                "GET /live HTTP/1.1",
                "Host: 127.0.0.1",
                *(f"{name}: {value}" for name, value in sent.items()),
                "",
                "",
            ]
            connection.sendall("\r\n".join(lines).encode())
            stream = connection.makefile("rwb")
            head = iter(stream.readline, b"\r\n")
            assert next(head).startswith(b"HTTP/1.1 101 ")
            # RFC 6455's own example.
            assert b"sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in b"".join(head).lower()
            for message in (b"one", b"two"):
                stream.write(message)
                stream.flush()
                assert stream.read(3) == message
        got = {name.lower(): value for name, value in service.seen[-1]["headers"]}
        assert (got["remote-user"], got["upgrade"]) == ("tia", "websocket")
        assert "ada" not in got.values() and "authorization" not in got
    finally:
        proxy.stop()


def test_no_token_is_in_the_proxys_log(desk, service, proxy_before, tmp_path):
    value, other = desk.token("tia"), desk.token("tia", access="read")
    proxy = proxy_before(service, tmp_path / "etc")
    try:
        proxy.start()
        doubled = [*token(value).items(), *token(other).items()]
        for headers in (token(value), basic("tia", value), {"Authorization": value}, doubled):
            ask(proxy.port, "/logged", headers=headers)
        ask(proxy.port, "/logged", method="POST", headers=token(other))
        # What goes wrong is logged more fully.
        desk.stop()
        try:
            assert ask(proxy.port, "/logged", headers=token(value)).status in (502, 503)
        finally:
            desk.start()
        service.down = True
        try:
            assert ask(proxy.port, "/logged", headers=token(value)).status == 502
        finally:
            service.down = False
    finally:
        proxy.stop()
    assert "/logged" in proxy.logs()
    assert "latchkey_" not in proxy.logs()
    assert basic("tia", value)["Authorization"].partition(" ")[2] not in proxy.logs()


PREFLIGHT = {
    "Origin": "https://pages.example.edu",
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization",
}


def test_a_preflight_reaches_nobody_unless_it_is_let(desk, port, service):
    service.seen.clear()
    assert ask(port, method="OPTIONS", headers=PREFLIGHT).status == 401
    assert service.seen == []


def test_a_preflight_that_is_let_reaches_the_service_as_nobodys(
    desk, service, proxy_before, tmp_path
):
    service.seen.clear()
    proxy = proxy_before(service, tmp_path / "etc", preflights=True)
    try:
        proxy.start()
        sent = {**spoofed("ada"), "Cookie": "a=b", "X-Api-Key": "x", **token(desk.token("tia"))}
        got = received(ask(proxy.port, "/page?x=1", "OPTIONS", {**PREFLIGHT, **sent}))
        assert {name: got.get(name.lower()) for name in PREFLIGHT} == PREFLIGHT
        assert (
            got.keys()
            <= {name.lower() for name in {*PREFLIGHT, "User-Agent", "Accept-Encoding", *OWN}}
            and "ada" not in got.values()
        )
        assert (service.seen[0]["method"], service.seen[0]["path"]) == ("OPTIONS", "/page?x=1")
        # Nothing else goes that way.
        nearly = [
            ("GET", PREFLIGHT),
            ("POST", PREFLIGHT),
            ("OPTIONS", {"Origin": "https://pages.example.edu"}),
            ("OPTIONS", {"Access-Control-Request-Method": "PUT"}),
            ("OPTIONS", {}),
            ("OPTIONS", {**PREFLIGHT, "Access-Control-Request-Method": ""}),
            ("OPTIONS", {**PREFLIGHT, "Origin": ""}),
        ]
        for method, headers in nearly:
            answer = ask(
                proxy.port, method=method, headers={**headers, "X-HTTP-Method-Override": "OPTIONS"}
            )
            assert answer.status == 401, (method, headers)
        assert len(service.seen) == 1
        assert received(ask(proxy.port, headers=token(desk.token("tia"))))["remote-user"] == "tia"
    finally:
        proxy.stop()


def test_a_pages_script_opens_no_box_for_a_password(port):
    for headers in (
        {"Sec-Fetch-Mode": "cors"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Sec-Fetch-Mode": "cors", **token("x")},
    ):
        answer = ask(port, headers=headers)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (
            401,
            'Bearer realm="Latchkey"',
        )
    for headers in ({}, {"Sec-Fetch-Mode": "navigate"}):
        answer = ask(port, headers=headers)
        assert (answer.status, answer.headers.get_all("WWW-Authenticate")) == (
            401,
            ['Basic realm="Latchkey", charset="UTF-8"'],
        )


@pytest.mark.parametrize(
    "pair", ["git:{}", "x-access-token:{}", "tia@example.edu:{}", "{}:", "{}:x-oauth-basic"]
)
def test_a_token_is_let_in_as_programs_write_it(desk, port, pair):
    user, _, password = pair.format(desk.token("tia")).partition(":")
    got = received(ask(port, headers=basic(user, password)))
    assert got["remote-user"] == "tia" and "authorization" not in got


def test_clients_that_wait_to_be_asked_are_asked(desk, port):
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, f"http://127.0.0.1:{port}/", "tia", desk.token("tia"))
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
    with opener.open(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200


def test_a_token_bound_to_networks_is_good_from_them_alone(desk, port):
    for networks, status in (("127.0.0.0/8", 200), ("192.0.2.0/24", 403)):
        value = desk.token("tia", networks=networks)
        for sent in (
            {},
            {"X-Forwarded-For": "192.0.2.1"},
            {"X-Forwarded-For": "192.0.2.1, 127.0.0.1", "X-Real-IP": "192.0.2.1"},
        ):
            assert ask(port, headers={**sent, **token(value)}).status == status


def test_a_revoked_token_is_refused_at_the_next_request(desk, port):
    value = desk.token("tia")
    assert ask(port, headers=token(value)).status == 200
    desk.revoke(value)
    assert ask(port, headers=token(value)).status == 401


def test_a_body_reaches_the_service_whole(desk, port):
    answer = ask(port, method="POST", headers=token(desk.token("tia")), body="x" * 100_000)
    assert len(answer.json["body"]) == 100_000


def test_questions_share_a_connection(recorder, recorded_port):
    for _ in range(20):
        ask(recorded_port, headers=token("x"))
    assert len(recorder.seen) == 20
    assert recorder.connections == 1
