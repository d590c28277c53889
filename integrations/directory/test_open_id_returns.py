"""Returns from an OpenID provider that fit nothing, say what cannot be believed, or come too
late."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

from open_id import (
    INTERRUPTED,
    REFUSED,
    Place,
    changed,
    chromium,
    is_out,
    log_in,
    login_url,
    page,
    place,
    returning,
)  # noqa: F401 (fixtures)
from playwright.sync_api import expect
from processes import wait_until


def test_a_return_with_another_state_is_refused(page, place):
    back = returning(page, place, "pia")
    page.goto(changed(back, state="another"))
    expect(page.get_by_text(INTERRUPTED)).to_be_visible()
    assert is_out(page, place)
    # What was begun waits for its own return.
    page.goto(back)
    page.wait_for_url(f"{place.desk.url}/settings/**")
    assert not is_out(page, place)


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


def test_a_provider_that_changes_its_key_and_not_the_keys_name_is_believed_again_soon(
    page, tmp_path
):
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
    # A page whose session has gone leads to the log-in by itself.
    page.goto("about:blank")
    page.context.clear_cookies()
    page.context.add_cookies(
        [cookie for cookie in cookies if cookie["name"].startswith("latchkey-oidc-")]
    )
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
    cookie = next(
        cookie for cookie in page.context.cookies() if cookie["name"].startswith("latchkey-oidc-")
    )
    held = json.loads(urlsafe_b64decode(cookie["value"] + "=="))
    held["verifier"] = "another-verifier-of-the-right-length-0123456789"
    cookie["value"] = urlsafe_b64encode(json.dumps(held).encode()).rstrip(b"=").decode()
    page.context.add_cookies([cookie])
    page.goto(back)
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert is_out(page, place)


def test_a_person_who_says_no_is_told_so(page, place):
    url = login_url(page, place)
    state = parse_qs(urlsplit(url).query)["state"][0]
    page.goto(f"{place.desk.url}/login/oidc/back?error=access_denied&state={state}")
    expect(page.get_by_text("it was cancelled there")).to_be_visible()


def test_what_is_no_netid_is_nobody(page, place):
    log_in(page, place, "wild")
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert "is no NetID" in place.desk.log()


def test_whoever_is_disabled_stays_out(page, place):
    log_in(page, place, "pia")
    # An open page would hear of it, and go to the log-in by itself at that moment.
    page.goto("about:blank")
    page.context.clear_cookies()
    place.desk.disable("pia")
    log_in(page, place, "pia")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
    assert place.desk.audit("pia")[0] == "pia log-in refused actor-disabled"
