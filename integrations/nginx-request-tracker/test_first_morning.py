"""Many old strings of RT's come for the first time: they have the time that it takes, and who is
told to come again is told when."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from asking import ask, token

HERE = Path(__file__).parent
OURS, OLD = HERE.parent / "nginx" / "latchkey-ask.conf", HERE / "latchkey-ask-old.conf"


def lines(file):
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def test_an_old_string_is_asked_about_as_any_other_but_for_the_time():
    assert [pair for pair in zip(lines(OURS), lines(OLD), strict=True) if pair[0] != pair[1]] == [
        ("proxy_read_timeout    5s;", "proxy_read_timeout    30s;")
    ]


def test_an_old_string_is_waited_for_longer_than_any_other(desk, nginx_before, tracker, tmp_path):
    value, old = desk.token("tia"), tracker.rt.own_token
    short = {"proxy_read_timeout    5s": "proxy_read_timeout    1s"}
    site = nginx_before(
        tracker.rt.socket,
        desk.address,
        tmp_path / "etc",
        more={"snippets/latchkey-ask.conf": (OURS, short)},
    )
    try:
        site.start()
        with ThreadPoolExecutor() as others:
            with desk.hanging():
                waiting = [
                    others.submit(ask, site.port, "/REST/2.0/rt", headers=headers)
                    for headers in (token(old), {"Authorization": f"Bearer {old}"})
                ]
                assert ask(site.port, "/REST/2.0/rt", headers=token(value)).status == 503
            # Nobody has brought it over: the answer is Latchkey's own.
            assert [one.result().status for one in waiting] == [401, 401]
    finally:
        site.stop()


@pytest.mark.parametrize("form", ["latchkey_x", f"1-14-{'0' * 32}"])
@pytest.mark.parametrize(
    ("status", "retry_after", "expected"), [(429, "7", "7"), (503, "1", "1"), (500, "", "5")]
)
def test_when_to_come_again_is_what_latchkey_says(
    nginx_before, recorder, tracker, tmp_path, form, status, retry_after, expected
):
    recorder.answer = (status, {"Retry-After": retry_after} if retry_after else {})
    site = nginx_before(tracker.rt.socket, recorder.address, tmp_path / "etc")
    try:
        site.start()
        answer = ask(site.port, "/REST/2.0/rt", headers=token(form))
        assert (answer.status, answer.headers["Retry-After"]) == (503, expected)
    finally:
        site.stop()
