"""Log-in by a real OpenID provider in a real browser, and log-out there and from there."""

import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import requests
from open_id import (
    NAME,
    Place,
    at_provider,
    chromium,  # noqa: F401 (a fixture)
    is_out,
    log_in,
    page,  # noqa: F401 (a fixture)
    place,  # noqa: F401 (a fixture)
)
from playwright.sync_api import expect
from processes import wait_until


def test_log_in_leads_to_where_one_was_going(page, place):
    log_in(page, place, "nora", "/settings/activity?before=")
    assert page.url == f"{place.desk.url}/settings/activity?before="
    page.goto(f"{place.desk.url}/settings/about-me")
    for words in ("Nora Nöhl", "nora@example.edu", "Help Desk"):
        expect(page.locator("main")).to_contain_text(words)
    bound = f"(oidc) user.link done sub nora of {place.provider.issuer}"
    made = "(oidc) user.create done help_desk"
    assert place.desk.audit("nora") == ["nora log-in done oidc", bound, made]


def test_the_pages_are_for_everybody(chromium, place):
    axe = Path(__file__).resolve().parents[2] / "end2end/node_modules/axe-core/axe.min.js"
    for scheme in ("light", "dark"):
        context = chromium.new_context(
            bypass_csp=True, color_scheme=scheme, viewport={"width": 375, "height": 800}
        )
        page = context.new_page()
        for path in ("/login?out", "/login/oidc/back?error=x"):
            page.goto(f"{place.desk.url}{path}")
            page.add_script_tag(path=axe)
            assert (
                page.evaluate("axe.run().then((found) => found.violations.map(({ id }) => id))")
                == []
            ), path
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
    place.provider.tell(
        claims={
            "groups": None,
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://x.example"}},
        }
    )
    before = len(place.desk.audit("nora"))
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    place.provider.tell()
    assert [
        row
        for row in place.desk.audit("nora")[: len(place.desk.audit("nora")) - before]
        if "user." in row
    ] == []


def test_groups_that_changed_change_the_role_at_the_next_log_in(page, place):
    log_in(page, place, "nora")
    place.provider.tell(claims={"groups": ["staff"], "email": "n.noehl@example.edu"})
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    expect(page.locator("main")).to_contain_text("n.noehl@example.edu")
    rows = place.desk.audit("nora")
    assert (
        "(oidc) user.update done name, e-mail address or directory" in rows
        and "(oidc) user.role done help_desk → staff" in rows
    )
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
    wait_until(
        lambda: "(oidc) session.end done 1 session" in place.desk.audit("pia"),
        "the provider tells the desk",
    )
    page.goto(f"{place.desk.url}/settings/about-me")
    assert page.url == f"{place.desk.url}/login?next=/settings/about-me"


def unsigned(**claims):
    part = lambda value: urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    head = {"alg": claims.pop("alg", "none"), "kid": claims.pop("kid", "x")}
    return f"{part(head)}.{part(claims)}.c2lnbmF0dXJl"


def test_nobody_else_ends_sessions(page, place):
    log_in(page, place, "pia")
    door = f"{place.desk.url}/login/oidc/log-out"
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    good = {
        "iss": place.provider.issuer,
        "aud": "latchkey",
        "iat": int(time.time()),
        "jti": "1",
        "sub": "pia",
        "events": event,
    }
    kid = requests.get(f"{place.provider.issuer}/jwks", timeout=10).json()["keys"][0]["kid"]
    for token in (
        "",
        "x",
        "a.b.c",
        unsigned(**good),
        unsigned(**good, alg="HS256"),
        unsigned(**good, alg="RS256", kid=kid),
    ):
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

    def post_logout(**otherwise):
        claims = {
            "iss": place.provider.issuer,
            "aud": "latchkey",
            "iat": int(time.time()),
            "jti": f"t{next(numbers)}",
            "sub": "pia",
            "events": event,
        }
        claims = {
            name: value for name, value in {**claims, **otherwise}.items() if value is not None
        }
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
        assert post_logout(**wrong) == 400, wrong
    assert post_logout(sub="somebody-else") == 200
    assert not is_out(page, place)
    assert post_logout(jti="once") == 200
    assert is_out(page, place)
    page.goto(f"{place.desk.url}/login/oidc?next=/settings/about-me")
    page.wait_for_url(f"{place.desk.url}/settings/about-me")
    assert post_logout(jti="once") == 400, "it does not work twice"
    assert not is_out(page, place)


def test_the_first_local_password_takes_a_fresh_log_in(page, tmp_path):
    place = Place(tmp_path, first_password="self-service")
    try:
        log_in(page, place, "nora")
        # The provider has not said when she last typed her password: it may be long ago, by single
        # sign-on.
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
        place.desk.settings["LATCHKEY_OIDC_ISSUER"] = place.provider.issuer.replace(
            "localhost", "127.0.0.1"
        )
        place.desk.start()
        page.goto(f"{place.desk.url}/login/oidc")
        expect(page.get_by_text("The campus log-in is not set up correctly here")).to_be_visible()
        assert "write oidc.issuer just so" in place.desk.log()
    finally:
        place.stop()
