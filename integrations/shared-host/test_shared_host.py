"""Latchkey at a path of a host that it shares: every way that people go through its pages stays
below the path."""

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from asking import token
from caddy_server import Caddy
from desk import Desk
from nginx_server import Nginx
from pages import Visitor
from playwright.sync_api import expect, sync_playwright
from processes import free_port, wait_until

HERE = Path(__file__).parent
AT = "/latchkey"


class AtAPath(Desk):
    """Known by an address that is the proxy's."""

    public = None

    def _environment(self):
        return {**super()._environment(), "LATCHKEY_PUBLIC_URL": self.public}


def nginx_before(desk, service, folder, port, takes_off):
    changes = {
        "proxy_pass         http://127.0.0.1:3000;": f"proxy_pass http://{desk.address}{'/' if takes_off else ''};"
    }
    files = {
        "snippets/latchkey-path.conf": (HERE / "latchkey-path.conf", changes),
        "sites-enabled/help.example.edu": (
            HERE / "help.example.edu.conf",
            {"127.0.0.1:8080": service.address},
        ),
    }
    return Nginx(folder / "etc", "help.example.edu", files)


def caddy_before(desk, service, folder, port, takes_off):
    changes = {"127.0.0.1:3000": desk.address, "127.0.0.1:8080": service.address}
    if takes_off:
        changes["handle @latchkey {"] = "handle_path /latchkey/* {"
        changes["\t@latchkey path /latchkey /latchkey/*\n"] = "\tredir /latchkey /latchkey/\n"
    return Caddy(folder, HERE / "Caddyfile", "help.example.edu", changes)


WAYS = {
    "nginx": (nginx_before, False),
    "nginx that takes it off": (nginx_before, True),
    "Caddy": (caddy_before, False),
    "Caddy that takes it off": (caddy_before, True),
}


@pytest.fixture(scope="module", params=WAYS)
def place(request, service, tmp_path_factory):
    """The address that people type, and the desk behind it."""
    before, takes_off = WAYS[request.param]
    desk = AtAPath(tmp_path_factory.mktemp("desk"))
    proxy = before(desk, service, tmp_path_factory.mktemp("proxy"), free_port(), takes_off)
    desk.public = f"http://127.0.0.1:{proxy.port}{AT}"
    try:
        desk.start()
        proxy.start()
        yield desk
    finally:
        proxy.stop()
        desk.stop()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        program = next(found for found in map(shutil.which, ("chromium", "google-chrome")) if found)
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["with script", "without script"])
def page(request, chromium, place):
    """One that notes what it asks for, and what it cannot load."""
    context = chromium.new_context(java_script_enabled=request.param == "with script")
    page = context.new_page()
    page.scripted = request.param == "with script"
    page.strayed = []
    page.on("request", lambda sent: strayed(page, place, sent.url))
    page.on(
        "response",
        lambda answer: (
            answer.status in (404, 405) and page.strayed.append(f"{answer.status} {answer.url}")
        ),
    )
    page.on("console", lambda entry: entry.type == "error" and page.strayed.append(entry.text))
    page.set_default_timeout(15_000)
    yield page
    context.close()


def strayed(page, place, url):
    parts = urlsplit(url)
    if parts.scheme.startswith(
        "http"
    ) and not f"{parts.scheme}://{parts.netloc}{parts.path}/".startswith(f"{place.public}/"):
        page.strayed.append(url)


def ready(page):
    if page.scripted:
        page.wait_for_selector("html[data-hydrated]", state="attached")


def all_leads(page):
    """Whatever is drawn leads below the path."""
    leads = page.locator("[href], [action]").evaluate_all(
        "all => all.map(one => one.getAttribute('href') ?? one.getAttribute('action'))"
    )
    own = [to for to in leads if to.startswith("/")]
    assert own and all(to == AT or to.startswith(f"{AT}/") for to in own), own
    assert not any(to.startswith(f"{AT}{AT}") for to in own), own


def log_in(page, place, netid, path):
    page.goto(f"{place.public}{path}")
    ready(page)
    page.get_by_label("NetID", exact=True).fill(netid)
    page.get_by_label("Password", exact=True).fill(f"{netid}-netid-password")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"{place.public}{path}")
    ready(page)


def test_making_and_revoking_a_token(page, place):
    log_in(page, place, "tia", "/settings/auth-tokens")
    all_leads(page)
    page.get_by_role("button", name="Create token").click()
    page.get_by_label("Description").fill("Backup")
    if page.get_by_label("Your local password").count():
        page.get_by_label("Your local password").fill("tia-local-password")
    page.get_by_role("button", name="Create", exact=True).click()
    value = page.get_by_label("New auth token", exact=True).input_value()
    assert (
        requests.get(f"{place.public}/auth/verify", headers=token(value), timeout=10).headers[
            "Remote-User"
        ]
        == "tia"
    )
    expect(page.locator("main")).to_contain_text(f"{place.public}/api/v1/me")
    if page.scripted:
        page.get_by_role("button", name="Try it").click()
        expect(page.locator("main")).to_contain_text("It works.")
    all_leads(page)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_label("New auth token", exact=True)).not_to_be_visible()
    ready(page)
    all_leads(page)
    requests.delete(
        f"{place.public}/api/v1/token/", headers=token(value), timeout=10
    ).raise_for_status()
    page.get_by_text("Logged in as").click()
    page.get_by_role("banner").get_by_role("link", name="Sessions").click()
    page.wait_for_url(f"{place.public}/settings/sessions")
    ready(page)
    all_leads(page)
    page.get_by_text("Logged in as").click()
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{place.public}/login**")
    assert page.strayed == []


def test_a_help_desks_way(page, place):
    log_in(page, place, "ada", "/admin/users")
    page.get_by_role("searchbox").or_(page.get_by_label("Search")).first.fill("sam")
    if not page.scripted:
        page.keyboard.press("Enter")
    else:
        expect(page.get_by_role("link", name="sam", exact=True)).to_be_visible()
        all_leads(page)
        assert page.url.startswith(f"{place.public}/admin/users"), page.url
        page.get_by_role("link", name="sam", exact=True).click()
    page.wait_for_url(f"{place.public}/admin/users/sam")
    ready(page)
    all_leads(page)
    page.get_by_role("link", name="Audit", exact=True).click()
    page.wait_for_url(f"{place.public}/admin/audit")
    ready(page)
    all_leads(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.url.startswith(f"{place.public}/admin/audit.csv")
    page.goto(f"{place.public}/help/")
    assert page.url == f"{place.public}/help"
    images = page.locator("article img").evaluate_all(
        "all => all.map(one => one.getAttribute('src'))"
    )
    assert images and all(source.startswith(f"{AT}/pkg/") for source in images), images
    assert page.strayed == []


def test_news_reach_an_open_page(page, place):
    if not page.scripted:
        return
    with page.expect_request(lambda sent: "/live" in sent.url) as live:
        log_in(page, place, "rae", "/settings/about-me")
    assert live.value.url.startswith(f"{place.public}/live")
    assert page.strayed == []


def test_the_neighbour_gets_no_cookie_and_its_pages_are_its_own(place, service):
    visitor = Visitor(place.public)
    visitor.go(f"{AT}/login")
    visitor.press("Log in", {"NetID": "tia", "Password": "tia-netid-password"})
    assert visitor.page.url.startswith(f"{place.public}/settings")
    service.seen.clear()
    visitor.go("/")
    (request,) = service.seen
    assert "cookie" not in {name.lower() for name, _ in request["headers"]}
    assert re.search(r"\"path\": \"/\"", visitor.page.text)


@pytest.mark.parametrize("takes_off", [False, True])
def test_no_log_of_nginx_has_a_calendars_address(service, tmp_path, takes_off):
    nginx = nginx_before(service, service, tmp_path, None, takes_off)
    try:
        nginx.start()
        for path in ("/calendar/s3cret.ics", "/help"):
            answer = requests.get(f"{nginx.url}{AT}{path}", timeout=10)
            assert answer.status_code == 200, path
        # A line is written after its answer, and before the next one's.
        wait_until(lambda: f"{AT}/help" in nginx.logs(), "the log has the last")
        assert "s3cret" not in nginx.logs()
    finally:
        nginx.stop()


def test_programs_need_no_path(place):
    for address in (place.public, f"http://{place.address}", f"http://{place.address}{AT}"):
        for path, status in (
            ("/readyz", 200),
            ("/healthz/", 200),
            ("/auth/verify", 401),
            ("/nowhere", 404),
        ):
            assert requests.get(f"{address}{path}", timeout=10).status_code == status, (
                f"{address}{path}"
            )
