"""A desk that trusts an OpenID provider, and a browser before both."""

import re
import shutil
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from directory_desk import DirectoryDesk
from playwright.sync_api import sync_playwright
from provider_server import ProviderServer

NAME = "Log in with Campus Login"
INTERRUPTED = "This log-in was begun in another tab or browser, or took too long."
REFUSED = "The campus log-in did not tell us who you are."


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        program = next(found for found in map(shutil.which, ("chromium", "google-chrome")) if found)
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ]
        browser = playwright.chromium.launch(
            executable_path=program, args=[*flags, "--disable-component-update", "--disable-sync"]
        )
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


def changed(url, **query):
    parts = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return urlunsplit(
        parts._replace(
            query=urlencode(
                {name: value for name, value in {**given, **query}.items() if value is not None}
            )
        )
    )


def login_url(page, place, search=""):
    """Where the desk would send the browser."""
    answer = page.request.get(
        f"{place.desk.url}/login/oidc{search}", headers={"Accept": "text/html"}
    )
    return re.search(r'content="0;url=([^"]+)"', answer.text())[1].replace("&amp;", "&")


def returning(page, place, netid, search="", **query):
    """Where the provider sends the browser back to: it is logged in there, and out here. The way
    there may be changed."""
    if not page.context.cookies(place.provider.issuer):
        log_in(page, place, netid)
    # A page that is open would go to the log-in by itself.
    page.goto("about:blank")
    page.context.clear_cookies(domain="127.0.0.1")
    there = page.request.get(changed(login_url(page, place, search), **query), max_redirects=0)
    assert there.headers["location"].startswith(f"{place.desk.url}/login/oidc/back?")
    return there.headers["location"]


def is_out(page, place):
    page.goto(f"{place.desk.url}/settings/about-me")
    out = "/login" in page.url
    # An open page would hear of the session's end, and go to the log-in by itself while it is led
    # elsewhere.
    page.goto("about:blank")
    return out
