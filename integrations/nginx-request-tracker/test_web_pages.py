"""People log in to RT as before; a token opens its pages for one request at a time and leaves
nothing behind."""

import html
import re

from asking import token


def test_a_token_opens_web_pages_as_its_owner(desk, anybody):
    assert anybody.who(token(desk.token("tia"))) == "tia"


def test_without_a_token_rts_own_log_in_is_as_before(anybody):
    page = anybody.get("/")
    assert (page.status_code, 'name="pass"' in page.text) == (200, True)
    assert "WWW-Authenticate" not in page.headers
    anybody.log_in("tia", "wrong")
    assert anybody.who() is None
    anybody.log_in("tia", "tia-rt-password")
    assert anybody.who() == "tia"
    assert anybody.get("/REST/2.0/user/tia").json()["Name"] == "tia", (
        "RT's pages use REST by their cookie"
    )


def test_mail_comes_in_as_before(anybody):
    mail = "From: tia@example.edu\nTo: rt@example.edu\nSubject: By mail\n\nPlease.\n"
    answer = anybody.post(
        "/REST/1.0/NoAuth/mail-gateway",
        {"queue": "General", "action": "correspond", "message": mail},
    )
    assert answer.text.startswith("ok")


def test_a_token_leaves_no_session(desk, tracker, anybody):
    before = set(tracker.rt.sessions.iterdir())
    value = desk.token("tia")
    for path in (
        "/",
        "/Search/Results.html?Query=id>0",
        "/NoAuth/Login.html",
        "/REST/2.0/user/tia",
        "/REST/1.0/ticket/1/show",
    ):
        answer = anybody.get(path, token(value))
        assert "Set-Cookie" not in answer.headers, path
    assert set(tracker.rt.sessions.iterdir()) == before


def test_a_cookie_from_a_token_opens_nothing_once_it_is_revoked(desk, anybody):
    value = desk.token("tia")
    assert anybody.who(token(value)) == "tia"
    desk.revoke(value)
    # Whatever cookies came, the browser sends. REST first: on a web page RT itself ends such a
    # session.
    assert "tia@example.edu" not in anybody.get("/REST/2.0/user/tia").text
    assert anybody.who() is None


def test_a_cookie_that_came_before_the_token_is_not_logged_in_by_it(desk, anybody):
    anybody.get("/")
    assert anybody.session.cookies, "RT gives everybody a session"
    value = desk.token("tia")
    for path in ("/", "/NoAuth/Login.html", "/Ticket/Display.html?id=1"):
        anybody.get(path, token(value))
        assert anybody.who() is None
        assert "tia@example.edu" not in anybody.get("/REST/2.0/user/tia").text


def test_beside_a_token_a_cookie_does_not_count(desk, anybody):
    anybody.log_in("rae", "rae-rt-password")
    assert anybody.who() == "rae"
    assert anybody.who(token(desk.token("tia"))) == "tia"
    assert anybody.who(token("latchkey_nonsense")) is None
    assert anybody.who() == "rae", "and their session stays theirs"


def test_a_read_only_token_opens_no_web_page(desk, client, anybody):
    writer = client(token=desk.token("tia"))
    number = writer.create_ticket("General", subject="Not by GET", content="Please.")
    change = f"/Ticket/Display.html?id={number}&Status=rejected"
    assert anybody.get(change, token(desk.token("tia", access="read"))).status_code == 403
    around = f"/REST/2.0/..%2f..%2fTicket/Display.html?id={number}&Status=rejected"
    anybody.get(around, token(desk.token("tia", access="read")))
    assert writer.get_ticket(number)["Status"] == "new"
    anybody.get(change, token(desk.token("tia")))
    assert writer.get_ticket(number)["Status"] == "rejected", "RT does change tickets by GET"


def test_a_token_makes_no_password_and_no_other_token(desk, anybody):
    lee = token(desk.token("lee"))
    number = anybody.me(lee)["id"]
    anybody.post(
        "/Prefs/AboutMe.html",
        {"id": number, "Pass1": "a-lasting-password", "Pass2": "a-lasting-password"},
        lee,
    )
    anybody.log_in("lee", "a-lasting-password")
    assert anybody.who() is None
    anybody.post(
        "/Prefs/AuthTokens.html", {"Create": "1", "Owner": number, "Description": "Lasting"}, lee
    )
    page = anybody.get("/Prefs/AuthTokens.html", lee).text
    assert "My authentication tokens" in page
    assert "Lasting" not in page


def test_people_still_make_their_passwords_and_tokens_in_rt(anybody):
    anybody.log_in("rae", "rae-rt-password")
    other = {"Create": "1", "Owner": anybody.me()["id"], "Description": "By themselves"}
    assert "is your new authentication token" in anybody.post("/Prefs/AuthTokens.html", other).text


def test_a_token_gets_no_address_of_a_feed(desk, anybody):
    def feeds(headers=None):
        page = html.unescape(anybody.get("/Search/Results.html?Query=id>0", headers).text)
        return re.findall(r'"[^"]*(/NoAuth/(?:rss|iCal)/[^"]*)"', page)

    for feed in feeds(token(desk.token("tia"))):
        assert anybody.get(feed).status_code == 404
    anybody.log_in("tia", "tia-rt-password")
    assert len(feeds()) >= 2
    for feed in feeds():
        assert anybody.get(feed).status_code == 200, "as before"


def test_files_of_the_pages_come_as_before(anybody):
    assert anybody.get("/static/images/favicon.png").headers["Content-Type"] == "image/png"
