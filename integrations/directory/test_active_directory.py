"""Log-in and synchronising with an Active Directory, by the very configuration of the guide."""

import json
import os

import pytest
from ad_server import PEOPLE, SUFFIX, ActiveDirectory, password
from directory_desk import DirectoryDesk
from processes import listens
from slapd_server import certificates


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("trust") / "certificates")


@pytest.fixture(scope="module")
def directory(tmp_path_factory, trust):
    if os.geteuid() != 0 or listens(389) or listens(636):
        pytest.skip(
            "an Active Directory listens on ports 389 and 636, "
            "which takes root and nobody else there"
        )
    directory = ActiveDirectory(tmp_path_factory.mktemp("samba") / "dc", trust)
    directory.person("nora", "Nora", "Nöhl")
    directory.person("otto", "Otto", "Sample")
    directory.person("pia", "Pia", "Sample")
    directory.person("quin", "Quin", "Sample")
    directory.group("Help Desk", "nora")
    directory.group("Wardens", "otto")
    directory.group("Latchkey Admins", "Wardens")
    directory.disable("quin")
    yield directory.start()
    directory.stop()


@pytest.fixture
def desk(tmp_path, directory, trust):
    def start(**changes):
        ours = {
            "ldap_urls": directory.url,
            "ldap_ca_file": trust / "ca.pem",
            "ldap_bind_password": password("latchkey"),
        }
        desk.configured("Active Directory", **ours, directory_sync_minutes=0, **changes).start()
        return desk

    desk = DirectoryDesk(tmp_path)
    yield start
    desk.stop()


def log_in(desk, netid, typed=None):
    return desk.log_in(typed or netid, password(netid))


def test_people_are_who_the_directory_says(desk):
    desk = desk()
    nora = log_in(desk, "nora", "NORA")
    assert desk.is_in(nora), desk.log()
    assert all(word in nora.page.text for word in ("Nora Nöhl", "nora@example.edu", "Help Desk"))
    assert desk.is_in(log_in(desk, "otto"))
    assert "(ldap) user.create done admin" in desk.audit("otto"), "by a group within a group"
    assert desk.is_in(log_in(desk, "pia"))
    assert "(ldap) user.create done staff" in desk.audit("pia")


def test_wrong_disabled_and_service_accounts_stay_out(desk):
    desk = desk()
    for netid, typed in (
        ("nora", "wrong"),
        ("quin", password("quin")),
        ("latchkey", password("latchkey")),
        ("nora", ""),
    ):
        assert not desk.is_in(desk.log_in(netid, typed)), netid


def test_the_whole_domain_with_its_referrals_may_be_searched(desk):
    desk = desk(ldap_base=SUFFIX)
    assert desk.is_in(log_in(desk, "nora"))
    code, out, errors = desk.sync("--json")
    assert code == 0, errors
    # Administrator, Guest and krbtgt are disabled or people like others to the directory: whoever
    # it names is told, not lost.
    assert json.loads(out)["read"] >= 3


def test_whoever_is_disabled_there_has_left(desk, directory):
    directory.person("rita", "Rita", "Sample")
    desk = desk()
    code, out, errors = desk.sync("--json")
    assert (code, json.loads(out)["created"]) == (0, 4), out + errors
    token = desk.tokened("rita", password("rita"))
    assert desk.verify(token) == 200
    directory.disable("rita")
    code, out, _ = desk.sync("--json")
    assert (code, json.loads(out)["departed"]) == (0, 1), out
    assert desk.verify(token) == 401


def test_the_command_says_what_it_answers(desk):
    desk = desk()
    code, out, _ = desk.run("directory", "test", "otto")
    assert code == 0, out
    for words in (f"CN=Otto Sample,{PEOPLE}", "cn=wardens", "Latchkey Admins", "Role: admin"):
        assert words in out
