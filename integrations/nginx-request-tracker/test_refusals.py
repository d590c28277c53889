"""Whoever is not to be let in is refused, on web pages and by REST, at the next request."""

import re

import pytest
from asking import ask, basic, spoofed, token
from processes import wait_until

PAGES = ["/", "/REST/2.0/user/tia", "/REST/1.0/ticket/1/show"]


def statuses(tracker, headers):
    return [ask(tracker.port, page, headers=headers).status for page in PAGES]


def test_a_revoked_token_is_refused_at_the_next_request(desk, tracker):
    value = desk.token("tia")
    assert ask(tracker.port, "/REST/2.0/user/tia", headers=token(value)).status == 200
    desk.revoke(value)
    assert statuses(tracker, token(value)) == [401, 401, 401]


def test_a_user_disabled_in_rt_is_refused(desk, tracker, anybody):
    value = desk.token("rae")
    assert ask(tracker.port, "/REST/2.0/user/rae", headers=token(value)).status == 200
    assert ask(tracker.port, "/", headers=token(value)).status == 200
    anybody.log_in("root", "root-rt-password")
    assert anybody.session.delete(f"{tracker.url}/REST/2.0/user/rae").status_code == 204, "disabled"
    try:
        # More often than there are workers: none of them remembers better days.
        for _ in range(4):
            assert statuses(tracker, token(value)) == [403, 403, 403]
    finally:
        enabled = anybody.session.put(f"{tracker.url}/REST/2.0/user/rae", json={"Disabled": 0})
    assert enabled.ok
    assert ask(tracker.port, "/REST/2.0/user/rae", headers=token(value)).status == 200


def test_a_user_disabled_in_latchkey_is_refused(desk, tracker):
    value = desk.token("helen")
    assert ask(tracker.port, "/REST/2.0/user/helen", headers=token(value)).status == 200
    desk.disable("helen")
    assert statuses(tracker, token(value)) == [401, 401, 401]


def test_a_user_whom_rt_does_not_know_is_refused(desk, tracker):
    assert statuses(tracker, token(desk.token("ada"))) == [403, 403, 403]


def test_a_netid_that_rt_would_take_for_its_own_is_refused(desk, tracker, dangerous):
    assert statuses(tracker, token(desk.token(dangerous))) == [403, 403, 403]


def test_who_it_is_cannot_be_said_by_the_client(desk, tracker):
    for headers in ({}, token(desk.token("tia"))):
        answer = ask(tracker.port, "/show-environment", headers={**spoofed("root"), **headers})
        assert answer.status == 200
        assert "root" not in answer.json.values()
        assert answer.json["REMOTE_USER"] == ("tia" if headers else "")
        assert not [name for name in answer.json if name.startswith("HTTP_") and "REMOTE" in name]
        assert "HTTP_AUTHORIZATION" not in answer.json
    assert ask(tracker.port, "/REST/2.0/user/root", headers=spoofed("root")).status == 401
    assert 'name="pass"' in ask(tracker.port, "/", headers=spoofed("root")).text


def test_two_authorization_headers_are_refused(desk, tracker):
    good = f"token {desk.token('tia')}"
    for first in ("", "token nonsense", f"token {tracker.rt.own_token}"):
        headers = [("Authorization", first), ("Authorization", good)]
        assert ask(tracker.port, "/REST/2.0/user/tia", headers=headers).status in (400, 401)


def test_the_name_in_basic_alone_is_nobody(tracker):
    assert statuses(tracker, basic("root", "")) == [401, 401, 401]
    assert statuses(tracker, {"Authorization": ""})[1] == 401


def test_the_question_cannot_be_asked_from_outside(tracker):
    assert ask(tracker.port, "/.latchkey").status == 404


@pytest.mark.parametrize("access", ["full", "read"])
def test_without_latchkey_a_token_is_refused_and_rts_own_log_in_goes_on(
    desk, tracker, anybody, access
):
    value = desk.token("tia", access=access)
    desk.stop()
    try:
        for page in PAGES:
            answer = ask(tracker.port, page, headers=token(value))
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        anybody.log_in("tia", "tia-rt-password")
        assert anybody.who() == "tia"
    finally:
        desk.start()
    assert ask(tracker.port, "/REST/2.0/user/tia", headers=token(value)).status == 200, (
        "and it goes on by itself"
    )


def test_what_is_logged_tells_who_and_by_which_token_and_no_secret(desk, tracker):
    value = desk.token("tia")
    ask(tracker.port, "/REST/2.0/user/tia/logged?secret=word", headers=token(value))
    # nginx writes its line after the answer.
    wait_until(
        lambda: "/logged" in tracker.log("request-tracker.access.log"), "a line in nginx's log"
    )
    log = tracker.log("request-tracker.access.log")
    assert re.search(
        r'^127\.0\.0\.1 "tia" [0-9a-f]{16} \[.*\] "GET /REST/2\.0/user/tia/logged" 404 ', log, re.M
    )
    assert value not in log + tracker.log("error.log") + tracker.rt.log()
    assert "word" not in log
