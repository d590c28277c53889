"""A Request Tracker, and an nginx before it as README.md sets it up."""

from pathlib import Path

import pytest
import rt.rest2
from browser import Browser
from nginx_server import Nginx
from request_tracker import RequestTracker

HERE = Path(__file__).parent
SHARED = HERE.parent / "nginx"

# NetIDs that Request Tracker would take for one of its own: root's number, and the two users of the
# system.
DANGEROUS = ["14", "rt_system", "nobody"]


@pytest.fixture(scope="session")
def desk(desk):
    """With people beside the demo accounts. lee has no password in Request Tracker, and
    uma another name."""
    # Where an operator has taken the names off the list of those that nobody is given.
    desk.further["LATCHKEY_RESERVED_NETIDS"] = "root"
    desk.add("lee", "uma", *DANGEROUS)
    return desk


@pytest.fixture(scope="session")
def nginx_before():
    """Makes an nginx with the files that README.md names, and the changes that an operator
    makes."""

    def nginx_before(rt_socket, latchkey, folder, changes=None, more=None):
        files = {
            "conf.d/latchkey.conf": (SHARED / "latchkey.conf", {"127.0.0.1:3000": latchkey}),
            "snippets/latchkey-ask.conf": (SHARED / "latchkey-ask.conf", {}),
            "snippets/latchkey-ask-old.conf": (HERE / "latchkey-ask-old.conf", {}),
            "snippets/latchkey-request-tracker.conf": (
                HERE / "latchkey-request-tracker.conf",
                {"/run/rt5-fcgi.sock": str(rt_socket)},
            ),
            "sites-enabled/request-tracker": (HERE / "request-tracker.conf", changes or {}),
            **(more or {}),
        }
        return Nginx(folder, "rt.example.edu", files)

    return nginx_before


@pytest.fixture(scope="session")
def tracker(desk, nginx_before, tmp_path_factory):
    """nginx before Request Tracker; `tracker.rt` is what is behind it."""
    folder = tmp_path_factory.mktemp("rt")
    fcgi = folder / "fcgi"
    nginx = nginx_before(fcgi / "rt.sock", desk.address, folder / "etc")
    nginx.rt = RequestTracker(fcgi, nginx.port)
    try:
        nginx.rt.start()
        yield nginx.start()
    finally:
        nginx.stop()
        nginx.rt.stop()


@pytest.fixture(scope="session")
def changing_over(desk, nginx_before, tracker, tmp_path_factory):
    """Another nginx before the same Request Tracker, set so that RT's own tokens are still RT's to
    check."""
    changes = {'# "~*^token': '"~*^token'}
    nginx = nginx_before(
        tracker.rt.socket, desk.address, tmp_path_factory.mktemp("changing-over") / "etc", changes
    )
    try:
        yield nginx.start()
    finally:
        nginx.stop()


@pytest.fixture(scope="module")
def beside(desk, nginx_before, tmp_path_factory):
    """Makes a further Request Tracker with these settings, behind an nginx of its own."""
    running = []

    def beside(changes=None, more=None, **settings):
        folder = tmp_path_factory.mktemp("beside")
        nginx = nginx_before(
            folder / "fcgi" / "rt.sock", desk.address, folder / "etc", changes, more
        )
        running.append(nginx)
        nginx.rt = RequestTracker(folder / "fcgi", nginx.port, **settings)
        running.append(nginx.rt)
        nginx.rt.start()
        return nginx.start()

    yield beside
    for program in reversed(running):
        program.stop()


@pytest.fixture(params=DANGEROUS)
def dangerous(request):
    return request.param


@pytest.fixture
def client(tracker):
    """The client `rt` from PyPI, as it is."""

    def client(**credentials):
        return rt.rest2.Rt(f"{tracker.url}/REST/2.0/", **credentials)

    return client


@pytest.fixture
def anybody(tracker):
    """Somebody with a browser, not logged in."""
    return Browser(tracker.url)
