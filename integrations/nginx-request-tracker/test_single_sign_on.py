"""One sign-on of the campus before Request Tracker and before Latchkey: who is logged in at the one
is logged in at the other. A token and a person stay two things."""

from pathlib import Path

import pytest
from asking import ask, spoofed, token
from browser import Browser
from desk import Desk
from nginx_server import Nginx
from service import Service

HERE = Path(__file__).parent
LATCHKEY = HERE.parent / "nginx-sign-on"
NOBODY = (401, {})


def somebody(name):
    return (200, {"Remote-User": name})


@pytest.fixture(scope="module")
def campus():
    """The sign-on, which says whom it has logged in."""
    campus = Service().start()
    yield campus
    campus.stop()


@pytest.fixture(autouse=True)
def nobody_signed_on(campus):
    campus.answer, campus.down = NOBODY, False
    campus.seen.clear()


@pytest.fixture(scope="module")
def signing_on(beside, campus):
    """Request Tracker as README.md sets it up, with the lines of "Single sign-on"."""
    changes = {
        '# "~^no /(?!': '"~^no /(?!',
        "# include snippets/request-tracker-sign-on.conf": (
            "include snippets/request-tracker-sign-on.conf"
        ),
    }
    return beside(changes, snippets(campus), front="Set($LatchkeySignOn, '/oauth2/start?rd=/');")


def snippets(campus):
    return {
        "snippets/sign-on.conf": (HERE / "sign-on.conf", {"127.0.0.1:4180": campus.address}),
        "snippets/request-tracker-sign-on.conf": (HERE / "request-tracker-sign-on.conf", {}),
    }


@pytest.fixture
def anybody(signing_on):
    return Browser(signing_on.url)


def test_who_is_signed_on_is_logged_in(campus, anybody):
    campus.answer = somebody("tia")
    anybody.session.cookies.set("sign-on", "tias")
    assert anybody.who() == "tia"
    assert anybody.get("/REST/2.0/user/tia").json()["Name"] == "tia", "RT's pages use REST"
    headers = dict(campus.seen[0]["headers"])
    assert headers["Cookie"] == "sign-on=tias"
    assert "Authorization" not in headers


def test_a_person_is_not_held_to_what_a_token_may(campus, anybody):
    campus.answer = somebody("lee")
    made = {"Create": "1", "Owner": anybody.me()["id"], "Description": "By themselves"}
    assert "is your new authentication token" in anybody.post("/Prefs/AuthTokens.html", made).text


def test_who_signs_off_is_nobody_in_rt_at_the_next_request(campus, anybody):
    campus.answer = somebody("tia")
    assert anybody.who() == "tia"
    campus.answer = NOBODY
    assert "tia@example.edu" not in anybody.get("/REST/2.0/user/tia").text
    assert anybody.who() is None


def test_another_person_in_the_same_browser_is_another(campus, anybody):
    campus.answer = somebody("tia")
    assert anybody.who() == "tia"
    campus.answer = somebody("rae")
    assert "tia@example.edu" not in anybody.get("/REST/2.0/user/tia").text
    assert anybody.who() == "rae"


def test_nobody_signed_on_finds_the_way_and_rts_own_log_in(anybody):
    page = anybody.get("/")
    assert page.status_code == 200
    assert 'href="/oauth2/start?rd=/"' in page.text
    anybody.log_in("root", "root-rt-password")
    assert anybody.who() == "root"


def test_a_token_goes_on_by_itself(campus, desk, signing_on, anybody):
    campus.answer = somebody("rae")
    tias = token(desk.token("tia"))
    campus.seen.clear()
    assert anybody.who(tias) == "tia"
    assert ask(signing_on.port, "/REST/2.0/user/tia", headers=tias).json["Name"] == "tia"
    assert "Set-Cookie" not in anybody.get("/", tias).headers
    assert ask(signing_on.port, "/", headers=token("latchkey_nonsense")).status == 401
    assert campus.seen == [], "nobody asks about a person where a token came"


def test_who_it_is_cannot_be_said_by_the_client(campus, signing_on):
    sent = {**spoofed("root"), "Latchkey-Person": "root", "LATCHKEY_PERSON": "root"}
    for answer, person in ((NOBODY, ""), (somebody("tia"), "tia")):
        campus.answer = answer
        got = ask(signing_on.port, "/show-environment", headers=sent).json
        assert (got["REMOTE_USER"], got["LATCHKEY_PERSON"]) == ("", person)
        assert "root" not in got.values()
    assert "root" not in str(campus.seen)


def test_a_name_of_rts_own_or_of_nobody_is_refused(campus, signing_on):
    for name in ("14", "RT_System", "Nobody", "ada", "gus"):
        campus.answer = somebody(name)
        assert ask(signing_on.port, "/").status == 403, name


def test_mail_feeds_and_files_are_not_signed_on(campus, signing_on, anybody):
    mail = "From: tia@example.edu\nTo: rt@example.edu\nSubject: By mail\n\nPlease.\n"
    sent = {"queue": "General", "action": "correspond", "message": mail}
    assert anybody.post("/REST/1.0/NoAuth/mail-gateway", sent).text.startswith("ok")
    assert anybody.get("/static/images/favicon.png").status_code == 200
    assert campus.seen == []
    # A path that only begins so is no way around: nobody is nobody.
    campus.answer = somebody("tia")
    assert "tia@example.edu" not in ask(signing_on.port, "/NoAuth/../Prefs/AboutMe.html").text


def test_without_the_sign_on_nobody_is_let_in_and_tokens_go_on(campus, desk, signing_on):
    campus.down = True
    answer = ask(signing_on.port, "/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    tias = token(desk.token("tia"))
    assert ask(signing_on.port, "/REST/2.0/user/tia", headers=tias).status == 200


class BehindSignOn(Desk):
    def _environment(self):
        return {
            **super()._environment(),
            "LATCHKEY_REMOTE_USER_HEADER": "Remote-User",
            "LATCHKEY_PRIVILEGED_GROUPS": "*",
        }


@pytest.fixture(scope="module")
def latchkey(campus, tmp_path_factory):
    """Latchkey's own site, with the sign-on in place of nginx's list of names."""
    desk = BehindSignOn(tmp_path_factory.mktemp("desk"))
    changes = {
        "127.0.0.1:3000": desk.address,
        'auth_basic           "NetID";': "auth_request /.sign-on;",
        "auth_basic_user_file /etc/nginx/netids;": (
            "auth_request_set $signed_on $upstream_http_remote_user;"
        ),
        "$remote_user;": "$signed_on;",
        "    # For programs: they bring": (
            "    location = /.sign-on { include snippets/sign-on.conf; }\n\n"
            "    # For programs: they bring"
        ),
    }
    site = "latchkey.example.edu"
    files = {
        f"sites-enabled/{site}": (LATCHKEY / "latchkey.conf", changes),
        "snippets/latchkey-headers.conf": (LATCHKEY / "latchkey-headers.conf", {}),
        "snippets/sign-on.conf": snippets(campus)["snippets/sign-on.conf"],
    }
    nginx = Nginx(tmp_path_factory.mktemp("nginx") / "etc", site, files)
    try:
        desk.start()
        yield nginx.start()
    finally:
        nginx.stop()
        desk.stop()


def test_one_sign_on_opens_both(campus, anybody, latchkey):
    campus.answer = somebody("tia")
    assert anybody.who() == "tia"
    there = Browser(latchkey.url)
    there.session.headers["Accept"] = "text/html"
    page = there.get("/settings/auth-tokens")
    assert (page.status_code, page.url) == (200, f"{latchkey.url}/settings/auth-tokens")
    assert "Logged in as <!>tia" in page.text
    campus.answer = NOBODY
    assert there.get("/settings/auth-tokens").status_code == 401
    assert anybody.who() is None
