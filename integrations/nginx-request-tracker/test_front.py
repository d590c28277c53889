"""One front for people: RT's menus, its boxes for a password and its pages for tokens lead to
Latchkey, and are RT's own again where the extension is taken out."""

import html
import re

import pytest
from asking import token
from browser import Browser
from processes import wait_until
from request_tracker import RequestTracker

LATCHKEY = "https://latchkey.example.edu"
SETTINGS = f"Set($LatchkeyURL, '{LATCHKEY}/');"


@pytest.fixture(scope="module")
def front(beside):
    return beside(front=SETTINGS)


def browser(tracker, name):
    somebody = Browser(tracker.url)
    somebody.log_in(name, f"{name}-rt-password")
    assert somebody.who() == name
    return somebody


@pytest.fixture(scope="module")
def tia(front):
    return browser(front, "tia")


@pytest.fixture(scope="module")
def root(front):
    return browser(front, "root")


def links(page):
    return re.findall(r'href="([^"]*)"', html.unescape(page.text))


def number(root, name):
    page = root.get(f"/Admin/Users/index.html?UserString={name}&UserField=Name&UserOp=%3D").text
    return re.search(r"/Admin/Users/Modify\.html\?id=(\d+)", page)[1]


def left_for(answer):
    return (answer.status_code, answer.headers.get("Location"))


def test_the_menu_auth_tokens_leads_to_latchkey(tia):
    found = links(tia.get("/"))
    assert f"{LATCHKEY}/settings/auth-tokens" in found
    assert f"{LATCHKEY}/settings/about-me" in found
    assert not [link for link in found if "AuthTokens" in link]


def test_rts_own_pages_for_tokens_are_closed(tia, root):
    def stay(somebody, path, data=None):
        return left_for(
            somebody.session.request(
                "POST" if data else "GET",
                somebody.url + path,
                data=data,
                allow_redirects=False,
                timeout=60,
            )
        )

    mine = (302, f"{LATCHKEY}/settings/auth-tokens")
    for path in ("/Prefs/AuthTokens.html", "/Prefs//AuthTokens.html", "/Prefs/AuthTokens.html?x=1"):
        assert stay(tia, path) == mine, path
    tias = number(root, "tia")
    for change in (
        {"Create": "1", "Owner": tias, "Description": "New", "Password": "tia-rt-password"},
        {"Revoke": "1", "Token": "1"},
        {"Update": "1", "Token": "1", "Description": "Other"},
    ):
        assert stay(tia, "/Prefs/AuthTokens.html", change) == mine
        assert stay(root, f"/Admin/Users/AuthTokens.html?id={tias}", change) == (
            302,
            f"{LATCHKEY}/admin/users/tia",
        )
    # Who may not look does not learn whose number it is.
    assert stay(tia, f"/Admin/Users/AuthTokens.html?id={number(root, 'rae')}") == (
        302,
        f"{LATCHKEY}/admin/users",
    )


def test_no_change_reached_rts_tokens(front, desk, tia):
    value = front.rt.own_token
    answer = tia.session.get(f"{tia.url}/REST/2.0/user/tia?token={value}", timeout=60)
    assert answer.status_code == 200, "it is neither revoked nor another's"


def test_in_place_of_the_boxes_for_a_password_there_is_a_sentence(tia, root):
    for page in (tia.get("/Prefs/AboutMe.html"), root.get("/Prefs/AboutMe.html")):
        assert "Your local password is changed on" in page.text
        assert f"{LATCHKEY}/settings/about-me" in links(page)
        assert 'type="password"' not in page.text
    for name, leads_to in (
        ("tia", "/admin/users/tia"),
        ("Uma@example.edu", "/admin/users?q=uma%40example.edu"),
    ):
        page = root.get(f"/Admin/Users/Modify.html?id={number(root, name)}")
        assert "Local passwords are given by the Help Desk on" in page.text
        assert LATCHKEY + leads_to in links(page)
        assert 'type="password"' not in page.text
    page = root.get("/Admin/Users/Modify.html?Create=1")
    assert (page.status_code, 'type="password"' in page.text) == (200, False)


def test_on_the_page_of_a_user_their_tokens_are_latchkeys(root):
    page = root.get(f"/Admin/Users/Modify.html?id={number(root, 'tia')}")
    assert f"{LATCHKEY}/admin/users/tia" in links(page)
    assert not [link for link in links(page) if "/Admin/Users/AuthTokens" in link]


def test_no_way_of_rts_sets_a_password(front, tia, root):
    other = "another-rt-password"
    changed = {"CurrentPass": "tia-rt-password", "Pass1": other, "Pass2": other}
    answer = tia.post("/Prefs/AboutMe.html", {"id": tia.me()["id"], **changed})
    assert "Local passwords are changed at" in answer.text
    mine = {**changed, "CurrentPass": "root-rt-password"}
    root.post("/Admin/Users/Modify.html", {"id": number(root, "tia"), **mine})
    by_rest = {"content": f"id: user/{tia.me()['id']}\nPassword: {other}\n"}
    root.post(f"/REST/1.0/user/{tia.me()['id']}/edit", by_rest)
    root.session.put(f"{root.url}/REST/2.0/user/tia", json={"Password": other}, timeout=60)
    anybody = Browser(front.url)
    anybody.log_in("tia", other)
    assert anybody.who() is None
    anybody.log_in("tia", "tia-rt-password")
    assert anybody.who() == "tia"


def test_the_rest_of_these_pages_is_as_before(tia):
    answer = tia.post("/Prefs/AboutMe.html", {"id": tia.me()["id"], "NickName": "Tee"})
    assert "Tee" in tia.get("/Prefs/AboutMe.html").text
    assert answer.status_code == 200


def test_a_token_is_sent_there_as_well_and_makes_none(desk, front):
    lee = token(desk.token("lee"))
    answer = Browser(front.url).session.get(
        f"{front.url}/Prefs/AuthTokens.html", headers=lee, allow_redirects=False, timeout=60
    )
    assert left_for(answer) == (302, f"{LATCHKEY}/settings/auth-tokens")
    assert "Set-Cookie" not in answer.headers


def test_the_boxes_may_stay_where_people_log_in_by_them(beside):
    tracker = beside(front=f"{SETTINGS} Set($LatchkeyKeepPasswords, 1);")
    tia = browser(tracker, "tia")
    other = "another-rt-password"
    page = tia.get("/Prefs/AboutMe.html")
    assert 'name="Pass1"' in page.text
    assert f"{LATCHKEY}/settings/auth-tokens" in links(page)
    changed = {"CurrentPass": "tia-rt-password", "Pass1": other, "Pass2": other}
    tia.post("/Prefs/AboutMe.html", {"id": tia.me()["id"], **changed})
    anybody = Browser(tracker.url)
    anybody.log_in("tia", other)
    assert anybody.who() == "tia"


def test_without_the_extension_all_of_it_is_rts_again(beside):
    tia = browser(beside(extension=False), "tia")
    assert "/Prefs/AuthTokens.html" in links(tia.get("/"))
    assert 'name="Pass1"' in tia.get("/Prefs/AboutMe.html").text
    made = {"Create": "1", "Owner": tia.me()["id"], "Description": "As before"}
    assert "is your new authentication token" in tia.post("/Prefs/AuthTokens.html", made).text


def test_who_has_another_name_in_rt_is_found_by_it(desk, beside):
    umas = token(desk.token("uma"))
    names = "'uma' => 'Uma@example.edu', 'rae' => 'lee'"
    tracker = beside(front=f"{SETTINGS} Set(%LatchkeyNames, {names});")
    assert Browser(tracker.url).who(umas) == "Uma@example.edu"
    root = browser(tracker, "root")
    page = root.get(f"/Admin/Users/Modify.html?id={number(root, 'Uma@example.edu')}")
    assert f"{LATCHKEY}/admin/users/uma" in links(page)
    tias = token(desk.token("tia"))
    assert Browser(tracker.url).who(tias) == "tia", "whoever is not named there goes by their own"
    assert Browser(tracker.url).who(token(desk.token("rae"))) == "lee"
    lees = token(desk.token("lee"))
    assert Browser(tracker.url).get("/", lees).status_code == 403, "that name is another's there"


def test_a_name_in_rt_may_have_letters_of_any_alphabet(desk, beside):
    name = "Zoé.łuç@example.edu"
    tracker = beside(names=f"Set( %LatchkeyNames, 'uma' => '{name}' );")
    made = {"Name": name, "EmailAddress": "zoe@example.edu", "Privileged": 1}
    answer = browser(tracker, "root").session.post(
        f"{tracker.url}/REST/2.0/user", json=made, timeout=60
    )
    assert answer.status_code == 201, answer.text
    umas = token(desk.token("uma"))
    rest = f"/REST/2.0/user/{answer.json()['id']}"
    assert Browser(tracker.url).get(rest, umas).json()["EmailAddress"] == "zoe@example.edu"
    assert Browser(tracker.url).get("/", umas).status_code == 200


def test_who_has_another_name_in_rt_is_refused_where_that_is_not_said(desk, front):
    assert Browser(front.url).get("/", token(desk.token("uma"))).status_code == 403


def test_an_address_that_is_none_is_told_at_the_start(tmp_path):
    tracker = RequestTracker(tmp_path / "rt", 1, front="Set($LatchkeyURL, 'latchkey');")
    try:
        tracker.start()
        wait_until(lambda: "LatchkeyURL is to be an address" in tracker.log(), "RT's complaint")
    finally:
        tracker.stop()
