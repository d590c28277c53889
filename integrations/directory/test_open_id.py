"""Log-in by a real OpenID provider in a real browser, log-out there and from there, and returns that fit nothing."""

import json
import re
import shutil
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from directory_desk import DirectoryDesk
from playwright.sync_api import expect, sync_playwright
from processes import wait_until
from provider_server import ProviderServer

NAME = "Log in with Campus Login"
INTERRUPTED = "This log-in was begun in another tab or browser, or took too long."
REFUSED = "The campus log-in did not tell us who you are."


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        program = next(found for found in map(shutil.which, ("chromium", "google-chrome")) if found)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=[*flags, "--disable-component-update", "--disable-sync"])
        yield browser
        browser.close()


class Place:
    """A provider and a desk that trusts it."""

    def __init__(self, folder, **settings):
        self.desk = DirectoryDesk(folder)
        self.provider = ProviderServer(folder, self.desk.url)
        keys = {
            "public_url": self.desk.url,
            "oidc_issuer": self.provider.issuer,
            "oidc_client_id": "latchkey",
            "oidc_client_secret": "latchkey's own secret",
            "oidc_name": "Campus Login",
            "oidc_groups_claim": "groups",
            "help_desk_groups": "help-desk",
            **settings,
        }
        self.desk.settings.update({f"LATCHKEY_{key.upper()}": value for key, value in keys.items()})
        self.provider.start()
        self.desk.start()

    def stop(self):
        self.desk.stop()
        self.provider.stop()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("desk"))
    yield place
    place.stop()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def at_provider(page, netid):
    """Fills the provider's own form."""
    page.locator("input[name=login]").fill(netid)
    page.locator("input[name=password]").fill("whatever: this provider takes any")
    page.get_by_role("button", name="Sign-in").click()


def log_in(page, place, netid, path="/settings/about-me"):
    page.goto(f"{place.desk.url}{path}")
    page.get_by_role("button", name=NAME).click()
    at_provider(page, netid)
    page.wait_for_url(f"{place.desk.url}/**")


def test_log_in_leads_to_where_one_was_going(page, place):
    log_in(page, place, "nora", "/settings/activity?before=")
    assert page.url == f"{place.desk.url}/settings/activity?before="
    page.goto(f"{place.desk.url}/settings/about-me")
    for words in ("Nora Nöhl", "nora@example.edu", "Help Desk"):
        expect(page.locator("main")).to_contain_text(words)
    assert place.desk.audit("nora") == ["nora log-in done oidc", "(oidc) user.create done help_desk"]


def test_the_pages_are_for_everybody(chromium, place):
    axe = Path(__file__).resolve().parents[2] / "end2end/node_modules/axe-core/axe.min.js"
    for scheme in ("light", "dark"):
        context = chromium.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 375, "height": 800})
        page = context.new_page()
        for path in ("/login?out", "/login/oidc/back?error=x"):
            page.goto(f"{place.desk.url}{path}")
            page.add_script_tag(path=axe)
            assert page.evaluate("axe.run().then((found) => found.violations.map(({ id }) => id))") == [], path
        context.close()


def test_it_works_without_script(chromium, place):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, place, "pia")
    assert page.url == f"{place.desk.url}/settings/about-me"
    page.get_by_text("Logged in as").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("At Campus Login you may still be logged in.")).to_be_visible()
    page.get_by_role("link", name="Log out there too").click()
    page.wait_for_url(f"{place.provider.issuer}/session/end**")
    context.close()


def test_groups_that_are_said_elsewhere_change_nothing(page, place):
    log_in(page, place, "nora")
    place.provider.tell(claims={"groups": None, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x.example"}}})
    before = len(place.desk.audit("nora"))
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    place.provider.tell()
    assert [row for row in place.desk.audit("nora")[: len(place.desk.audit("nora")) - before] if "user." in row] == []


def test_groups_that_changed_change_the_role_at_the_next_log_in(page, place):
    log_in(page, place, "nora")
    place.provider.tell(claims={"groups": ["staff"], "email": "n.noehl@example.edu"})
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    expect(page.locator("main")).to_contain_text("n.noehl@example.edu")
    rows = place.desk.audit("nora")
    assert "(oidc) user.update done name, e-mail address or directory" in rows and "(oidc) user.role done help_desk → staff" in rows
    place.provider.tell()


def test_log_out_ends_the_session_there_too(page, place):
    log_in(page, place, "pia")
    page.wait_for_selector("html[data-hydrated]")
    page.get_by_text("Logged in as").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{place.provider.issuer}/session/end**")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{place.desk.url}/login**")
    page.get_by_role("button", name=NAME).click()
    expect(page.locator("input[name=login]")).to_be_visible()


def test_log_out_at_the_provider_ends_the_session_here(page, place):
    log_in(page, place, "pia")
    page.goto(f"{place.provider.issuer}/session/end")
    page.get_by_role("button", name="Yes, sign me out").click()
    wait_until(lambda: "(oidc) session.end done 1 session" in place.desk.audit("pia"), "the provider tells the desk")
    page.goto(f"{place.desk.url}/settings/about-me")
    assert page.url == f"{place.desk.url}/login?next=/settings/about-me"


def unsigned(**claims):
    part = lambda value: urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return f"{part({'alg': claims.pop('alg', 'none'), 'kid': claims.pop('kid', 'x')})}.{part(claims)}.c2lnbmF0dXJl"


def test_nobody_else_ends_sessions(page, place):
    log_in(page, place, "pia")
    door = f"{place.desk.url}/login/oidc/log-out"
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    good = {"iss": place.provider.issuer, "aud": "latchkey", "iat": int(time.time()), "jti": "1", "sub": "pia", "events": event}
    kid = requests.get(f"{place.provider.issuer}/jwks", timeout=10).json()["keys"][0]["kid"]
    for token in ("", "x", "a.b.c", unsigned(**good), unsigned(**good, alg="HS256"), unsigned(**good, alg="RS256", kid=kid)):
        answer = requests.post(door, data={"logout_token": token}, timeout=10)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (400, "no-store"), token
    assert requests.post(door, data={}, timeout=10).status_code == 400
    assert requests.get(door, timeout=10).status_code == 405
    page.goto(f"{place.desk.url}/settings/about-me")
    assert page.url == f"{place.desk.url}/settings/about-me"


def test_what_the_provider_signs_ends_sessions_only_if_it_is_meant_to(page, place):
    door = f"{place.desk.url}/login/oidc/log-out"
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    numbers = iter(range(100))

    def told(**otherwise):
        claims = {"iss": place.provider.issuer, "aud": "latchkey", "iat": int(time.time()), "jti": f"t{next(numbers)}", "sub": "pia", "events": event}
        claims = {name: value for name, value in {**claims, **otherwise}.items() if value is not None}
        token = requests.post(f"{place.provider.issuer}/sign", json=claims, timeout=10).text
        return requests.post(door, data={"logout_token": token}, timeout=10).status_code

    log_in(page, place, "pia")
    for wrong in (
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"iat": int(time.time()) - 3600},
        {"exp": int(time.time()) - 3600},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"sub": None},
        {"jti": None},
    ):
        assert told(**wrong) == 400, wrong
    assert told(sub="somebody-else") == 200
    assert not is_out(page, place)
    assert told(jti="once") == 200
    assert is_out(page, place)
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    assert told(jti="once") == 400, "it does not work twice"
    assert not is_out(page, place)


def changed(url, **query):
    parts = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return urlunsplit(parts._replace(query=urlencode({name: value for name, value in {**given, **query}.items() if value is not None})))


def begun(page, place, asked=""):
    """Where the desk would send the browser."""
    answer = page.request.get(f"{place.desk.url}/login/oidc{asked}", headers={"Accept": "text/html"})
    return re.search(r'content="0;url=([^"]+)"', answer.text())[1].replace("&amp;", "&")


def returning(page, place, netid, asked="", **query):
    """Where the provider sends the browser back to: it is logged in there, and out here. The way there may be changed."""
    if not page.context.cookies(place.provider.issuer):
        log_in(page, place, netid)
    # A page that is open would go to the log-in by itself.
    page.goto("about:blank")
    page.context.clear_cookies(domain="127.0.0.1")
    there = page.request.get(changed(begun(page, place, asked), **query), max_redirects=0)
    assert there.headers["location"].startswith(f"{place.desk.url}/login/oidc/back?")
    return there.headers["location"]


def is_out(page, place):
    page.goto(f"{place.desk.url}/settings/about-me")
    return "/login" in page.url


def test_a_return_with_another_state_is_refused(page, place):
    back = returning(page, place, "pia")
    page.goto(changed(back, state="another"))
    expect(page.get_by_text(INTERRUPTED)).to_be_visible()
    assert is_out(page, place)
    page.goto(back)
    expect(page.get_by_text(INTERRUPTED)).to_be_visible()


def test_a_return_in_another_browser_is_refused(page, place, chromium):
    back = returning(page, place, "pia")
    other = chromium.new_context().new_page()
    other.goto(back)
    expect(other.get_by_text(INTERRUPTED)).to_be_visible()
    assert is_out(other, place)


def test_an_answer_of_another_issuer_is_refused(page, place):
    back = returning(page, place, "pia")
    page.goto(changed(back, iss="https://evil.example"))
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place)


def test_an_answer_that_does_not_say_who_answers_is_refused(page, place):
    back = returning(page, place, "pia")
    page.goto(changed(back, iss=None))
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place) and "does not say who answers" in place.desk.log()


def test_a_provider_that_asks_for_no_password_when_it_should_leads_into_no_circle(page, place):
    back = returning(page, place, "pia", "?fresh=1", prompt=None, max_age=None)
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place) and "auth_time is missing" in place.desk.log()


def test_an_address_that_nobody_has_verified_is_not_taken_over(page, place):
    log_in(page, place, "nora")
    place.provider.tell(claims={"email": "president@example.edu", "email_verified": False})
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    place.provider.tell()
    expect(page.locator("main")).to_contain_text("Nora Nöhl")
    expect(page.locator("main")).not_to_contain_text("president")


def test_a_provider_that_changes_its_key_and_not_the_keys_name_is_believed_again_soon(page, tmp_path):
    place = Place(tmp_path)
    try:
        log_in(page, place, "nora")
        place.provider.stop()
        place.provider.start()
        page.context.clear_cookies()
        log_in(page, place, "nora")
        expect(page.get_by_text(REFUSED)).to_be_visible()

        def is_let_in():
            page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
            page.wait_for_url(re.compile(f"{place.desk.url}/(login/oidc/back|settings/)"))
            return not is_out(page, place)

        wait_until(is_let_in, "it is asked for its keys again")
    finally:
        place.stop()


def test_an_id_token_with_another_nonce_is_refused(page, place):
    back = returning(page, place, "pia", nonce="another")
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place) and "nonce" in place.desk.log()


def test_a_code_works_once(page, place):
    back = returning(page, place, "pia")
    cookies = page.context.cookies()
    page.goto(back)
    page.wait_for_url(f"{place.desk.url}/settings/**")
    page.context.clear_cookies()
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "latchkey-oidc"])
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place) and "invalid_grant" in place.desk.log()


def test_an_expired_code_is_refused(page, place):
    log_in(page, place, "pia")
    place.provider.tell(codeSeconds=-10)
    back = returning(page, place, "pia")
    place.provider.tell()
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place)


def test_a_code_without_its_verifier_is_refused(page, place):
    back = returning(page, place, "pia")
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "latchkey-oidc")
    held = json.loads(urlsafe_b64decode(cookie["value"] + "=="))
    held["verifier"] = "another-verifier-of-the-right-length-0123456789"
    cookie["value"] = urlsafe_b64encode(json.dumps(held).encode()).rstrip(b"=").decode()
    page.context.add_cookies([cookie])
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place)


def test_a_person_who_says_no_is_told_so(page, place):
    url = begun(page, place)
    state = parse_qs(urlsplit(url).query)["state"][0]
    page.goto(f"{place.desk.url}/login/oidc/back?error=access_denied&state={state}")
    expect(page.get_by_text(REFUSED)).to_be_visible()


def test_what_is_no_netid_is_nobody(page, place):
    log_in(page, place, "wild")
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert "is no NetID" in place.desk.log() and "uid=*" not in place.desk.log()


def test_whoever_is_disabled_stays_out(page, place):
    log_in(page, place, "pia")
    page.context.clear_cookies()
    place.desk.disable("pia")
    log_in(page, place, "pia")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
    assert place.desk.audit("pia")[0] == "pia log-in refused actor-disabled"


def test_the_first_local_password_takes_a_fresh_log_in(page, tmp_path):
    place = Place(tmp_path, first_password="self-service")
    try:
        log_in(page, place, "nora")
        # The provider has not said when she last typed her password: it may be long ago, by single sign-on.
        expect(page.get_by_text("You do not have a local password yet.")).to_be_visible()
        page.get_by_role("link", name="Log in again and choose it").click()
        at_provider(page, "nora")
        page.wait_for_url(f"{place.desk.url}/settings/about-me")
        page.get_by_label("New password", exact=True).fill("nine lanterns over the weir")
        page.get_by_label("Retype new password").fill("nine lanterns over the weir")
        page.get_by_role("button", name="Save Changes").click()
        expect(page.get_by_text("Set on")).to_be_visible()
    finally:
        place.stop()


def test_without_the_provider_sessions_and_tokens_go_on(page, tmp_path):
    place = Place(tmp_path)
    try:
        token = place.desk.token("tia")
        log_in(page, place, "nora")
        place.provider.stop()
        assert not is_out(page, place)
        assert place.desk.verify(token) == 200
        place.desk.stop()
        place.desk.start()  # it knows nothing of the provider yet
        page.goto(f"{place.desk.url}/login/oidc")
        expect(page.get_by_text("The campus directory does not answer.")).to_be_visible()
        assert place.desk.verify(token) == 200
    finally:
        place.stop()


def test_a_provider_that_calls_itself_otherwise_is_not_trusted(page, tmp_path):
    place = Place(tmp_path)
    try:
        place.desk.stop()
        place.desk.settings["LATCHKEY_OIDC_ISSUER"] = place.provider.issuer.replace("localhost", "127.0.0.1")
        place.desk.start()
        page.goto(f"{place.desk.url}/login/oidc")
        expect(page.get_by_text("The campus directory does not answer.")).to_be_visible()
        assert "issuer" in place.desk.log()
    finally:
        place.stop()
