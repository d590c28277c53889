"""What real programs behind a proxy take a request for, however its headers are spelled. Imported
by the tests of each proxy, which say by the fixture `proxy_before` how it is put before a
program."""

import pytest
from asking import OVERRIDES, SEPARATORS, ask, raw, spelled, spoofed, token
from backends import Backend

# No part of a token's id, which is hexadecimal, nor of a program's environment.
IMPOSTOR = "mallory"


@pytest.fixture(scope="module")
def behind(request, proxy_before, tmp_path_factory):
    """A proxy's port, and what is behind it."""
    backend = Backend(request.param, tmp_path_factory.mktemp("backend"))
    proxy = proxy_before(backend, tmp_path_factory.mktemp("proxy") / "etc")
    try:
        proxy.fastcgi = backend.fastcgi
        backend.start()
        yield proxy.start()
    finally:
        proxy.stop()
        backend.stop()


def known(answer, value):
    """What the program knows of the request: its owner as such, and neither the token nor anybody
    else."""
    assert answer.status == 200, answer.text
    assert value not in answer.text, "the token stays at the proxy"
    assert IMPOSTOR not in answer.text, answer.text
    knows = {
        name.lower().replace("_", "-").removeprefix("http-"): text
        for name, text in answer.json.items()
    }
    assert (knows["remote-user"], knows["remote-groups"]) == ("tia", "staff")
    return knows


@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_spelling_of_a_header_says_who_it_is(desk, behind, separator):
    value = desk.token("tia", access="read")
    sent = spelled(separator, IMPOSTOR)
    upper, lower = (
        {case(name): text for name, text in sent.items()} for case in (str.upper, str.lower)
    )
    for way in (sent, upper, lower):
        # Before the token and behind it: of two that are one to the program, some programs take the
        # first and some the last.
        known(ask(behind.port, headers={**way, **token(value)}), value)
        known(ask(behind.port, headers={**token(value), **way}), value)


def test_no_header_of_another_proxy_says_who_it_is(desk, behind):
    value = desk.token("tia", access="read")
    known(ask(behind.port, headers={**spoofed(IMPOSTOR), **token(value)}), value)
    mixed = {name: IMPOSTOR for separator in SEPARATORS for name in spelled(separator, "")}
    known(ask(behind.port, headers={**mixed, **token(value)}), value)


# No names of headers at all, which a proxy refuses or leaves out.
NO_NAMES = [
    *("Remote User", "Remote\tUser", "Remote-User ", "Remote-User\t", "Remote\0User"),
    *("Remote/User", "Remote(User", "Remote@User", "Remote\xadUser", "R\xe9mote-User"),
    *("Remote-User:Remote-User", "X: y\r\n Remote-User", "X: y\rRemote-User", "X: y\nRemote-User"),
]


@pytest.mark.parametrize("name", NO_NAMES)
def test_no_odd_name_says_who_it_is(desk, behind, name):
    value = desk.token("tia", access="read")
    head = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    head += f"Authorization: token {value}\r\n"
    answer = raw(behind.port, f"{head}{name}: {IMPOSTOR}\r\n\r\n")
    if answer.status != 400:
        known(answer, value)


def test_no_trailer_says_who_it_is(desk, behind):
    if behind.fastcgi:
        # It knows no trailers, and its Caddy 2.6 waits for a length that a body in chunks does not
        # have.
        return
    value = desk.token("tia")
    head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    head += f"Authorization: token {value}\r\n"
    head += "Transfer-Encoding: chunked\r\n"
    for declared in ("", "Trailer: Remote-User, Remote.User, X-Remote-User\r\n"):
        trailer = (
            f"Remote-User: {IMPOSTOR}\r\nRemote.User: {IMPOSTOR}\r\nX-Remote-User: {IMPOSTOR}\r\n"
        )
        known(raw(behind.port, f"{head}{declared}\r\n1\r\nx\r\n0\r\n{trailer}\r\n"), value)


def test_no_header_turns_a_reading_request_into_a_change(desk, behind):
    value = desk.token("tia", access="read")
    for separator in SEPARATORS:
        sent = {name.replace("-", separator): "DELETE" for name in OVERRIDES}
        assert (
            "DELETE"
            not in known(ask(behind.port, headers={**sent, **token(value)}), value).values()
        )
