"""Request Tracker's own clients as they are: the command `rt`, the mail gateway, python-rt by REST
1.0 and 2.0, and readers of feeds."""

import html
import os
import re
import subprocess

import pytest
import requests
import rt.exceptions
import rt.rest1
from asking import ask, basic, token
from browser import Browser

# The command keeps its sessions in the home of whoever runs it; here that is the test's folder.
AT_HOME = 'BEGIN { *CORE::GLOBAL::getpwuid = sub { () } } do "/usr/bin/rt-5"'
MAIL = "From: tia@example.edu\nTo: rt@example.edu\nSubject: {subject}\n\nPlease.\n"


@pytest.fixture
def command(tracker, tmp_path):
    """RT's command `rt`, as somebody has set it up by the environment."""

    def command(*words, **settings):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "RTSERVER": tracker.url,
            **settings,
        }
        done = subprocess.run(
            ["perl", "-e", AT_HOME, *words],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout + done.stderr

    return command


def by_token(desk, netid="tia", **kind):
    """What to set: the name, the token as its password, and that both go by Basic."""
    return {"RTAUTH": "basic", "RTUSER": netid, "RTPASSWD": desk.token(netid, **kind)}


def test_the_command_rt_goes_by_a_token_as_basic_password(desk, command, tmp_path):
    tia = by_token(desk)
    output = command("create", "-t", "ticket", "set", "subject=By rt", "queue=General", **tia)
    number = re.search(r"Ticket (\d+) created", output)[1]
    shown = ("show", "-f", "subject,status", f"ticket/{number}")
    assert "Subject: By rt" in command(*shown, **tia)
    found = command("ls", "-l", "-t", "ticket", "Subject = 'By rt'", **tia)
    assert f"id: ticket/{number}\n" in found
    command("edit", f"ticket/{number}", "set", "status=rejected", **tia)
    assert "Status: rejected" in command(*shown, **tia)
    kept = tmp_path / ".rt_sessions"
    assert not kept.exists() or "RT_SID" not in kept.read_text(), "no session outlives the token"


def test_the_command_rt_is_refused_what_the_token_may_not(desk, command):
    reader = by_token(desk, access="read")
    assert "Server error" in command("show", "ticket/1", **reader), "RT changes by GET there"
    wrong = {**by_token(desk), "RTPASSWD": "latchkey_nonsense"}
    assert "Server error: Unauthorized (401)" in command("show", "ticket/1", **wrong)


def test_the_command_rt_with_a_password_of_rts_is_as_before(desk, command):
    by_form = {"RTUSER": "tia", "RTPASSWD": desk.token("tia")}
    assert "Incorrect username or password" in command("show", "user/tia", **by_form)
    tia = {"RTUSER": "tia", "RTPASSWD": "tia-rt-password"}
    assert "EmailAddress: tia@example.edu" in command("show", "user/tia", **tia)


def test_python_rt_by_rest_1_goes_by_a_token_as_basic_password(desk, tracker):
    auth = requests.auth.HTTPBasicAuth("tia", desk.token("tia"))
    tia = rt.rest1.Rt(f"{tracker.url}/REST/1.0/", http_auth=auth)
    number = tia.create_ticket(Queue="General", Subject="By REST 1", Text="Please.")
    assert tia.get_ticket(number)["Subject"] == "By REST 1"
    assert [found["id"] for found in tia.search(raw_query="Subject = 'By REST 1'", Queue=None)]


def test_python_rt_by_rest_1_with_a_password_of_rts_is_as_before(desk, tracker):
    url = f"{tracker.url}/REST/1.0/"
    tia = rt.rest1.Rt(url, "tia", "tia-rt-password")
    assert tia.login()
    assert tia.get_user("tia")["EmailAddress"] == "tia@example.edu"
    assert not rt.rest1.Rt(url, "tia", desk.token("tia")).login(), "a form takes no token"


def test_rest_1_goes_by_the_header(desk, tracker):
    for headers in (token(desk.token("tia")), basic("tia", desk.token("tia"))):
        answer = ask(tracker.port, "/REST/1.0/user/tia", headers=headers)
        assert answer.text.startswith("RT/5")
        assert "Name: tia" in answer.text
    refused = ask(tracker.port, "/REST/1.0/user/tia", headers=token("latchkey_nonsense"))
    assert refused.status == 401


def test_the_mail_gateway_is_as_before(tracker):
    done = subprocess.run(
        ["rt-mailgate-5", "--queue", "General", "--action", "correspond", "--url", tracker.url],
        input=MAIL.format(subject="By the gateway"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tia = Browser(tracker.url)
    tia.log_in("tia", "tia-rt-password")
    assert "By the gateway" in tia.get("/Search/Results.html?Query=id>0").text


@pytest.mark.parametrize("kind", ["rss", "iCal"])
def test_a_feed_goes_by_the_secret_in_its_address_until_that_is_reset(tracker, kind):
    tia = Browser(tracker.url)
    tia.log_in("tia", "tia-rt-password")
    page = html.unescape(tia.get("/Search/Results.html?Query=id>0").text)
    feed = re.search(rf'"[^"]*(/NoAuth/{kind}/[^"]*)"', page)[1]
    begins = {"rss": "<?xml", "iCal": "BEGIN:VCALENDAR"}[kind]
    reader = Browser(tracker.url)
    assert reader.get(feed).text.startswith(begins)
    tia.post("/Prefs/AboutMe.html", {"id": tia.me()["id"], "ResetAuthToken": "1"})
    assert not reader.get(feed).text.startswith(begins), "the address is RT's to take back"
