"""Log-in by an OpenLDAP server: who people are, what they may, and what becomes of it when the
server does not play along."""

import signal
import time

import pytest
import requests
from directory_desk import INCORRECT, DirectoryDesk
from distance import Distance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from processes import free_port, wait_until
from slapd_server import (
    CAMPUS,
    GROUPS,
    SERVICE_PASSWORD,
    Slapd,
    certificates,
    dn,
    group,
    group_dn,
    person,
)

UNAVAILABLE = "The campus directory does not answer"


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("trust") / "certificates")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory, trust):
    slapd = Slapd(tmp_path_factory.mktemp("slapd") / "one", trust).start()
    yield slapd
    slapd.stop()


def served(folder, *slapds, **settings):
    desk = DirectoryDesk(folder).asking(*slapds, **settings)
    desk.start()
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory, slapd):
    desk = served(tmp_path_factory.mktemp("desk"), slapd)
    yield desk
    desk.stop()


@pytest.fixture
def other_desk(tmp_path):
    """Starts a desk of the test's own with the settings given."""
    desks = []

    def start(*slapds, **settings):
        desks.append(served(tmp_path, *slapds, **settings))
        return desks[-1]

    yield start
    for desk in desks:
        desk.stop()


def test_the_configuration_of_the_guide_works(tmp_path, slapd):
    # The server, where its certificate's authority is, and the secret.
    ours = {
        "ldap_urls": slapd.url,
        "ldap_ca_file": slapd.certificates / "ca.pem",
        "ldap_bind_password": SERVICE_PASSWORD,
    }
    desk = DirectoryDesk(tmp_path).configured("OpenLDAP", **ours, directory_sync_minutes=0)
    desk.start()
    try:
        assert desk.is_in(desk.log_in("nora"))
        assert "(ldap) user.create done help_desk" in desk.audit("nora")
        assert desk.is_in(desk.log_in("quin"))
        assert "(ldap) user.create done staff, not privileged" in desk.audit("quin")
    finally:
        desk.stop()


def test_somebody_new_is_made_with_what_the_directory_says(desk):
    nora = desk.log_in("nora")
    assert desk.is_in(nora)
    assert all(word in nora.page.text for word in ("Nora Nöhl", "nora@example.edu", "Help Desk"))
    assert desk.audit("nora") == ["nora log-in done ldap", "(ldap) user.create done help_desk"]


def test_groups_within_groups_count_and_a_ring_of_them_ends(desk):
    assert desk.is_in(desk.log_in("otto")) and desk.is_in(desk.log_in("pia"))
    assert "(ldap) user.create done admin" in desk.audit("otto")
    assert "(ldap) user.create done staff" in desk.audit("pia")


def test_wrong_unknown_and_empty_are_refused_alike(desk):
    for netid, password in (
        ("nora", "wrong"),
        ("nobody", "nora's password"),
        ("nora", "pia's password"),
    ):
        assert INCORRECT in desk.log_in(netid, password).page.text
    assert desk.audit("nobody") == []


def test_an_empty_password_does_not_reach_the_directory(desk, slapd):
    before = slapd.log().count("BIND")
    assert not desk.is_in(desk.log_in("nora", ""))
    assert slapd.log().count("BIND") == before


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    netid=some.one_of(
        some.text(alphabet="oto*()\\\x00,=+<>#;&|! \"'", max_size=24), some.text(max_size=24)
    )
)
def test_no_netid_is_anything_but_a_netid(desk, slapd, netid):
    """Wildcards, filters and DNs typed as a NetID, with a password that would be right."""
    visitor = desk.log_in(netid, "otto's password")
    assert desk.is_in(visitor) == (netid.strip().lower() == "otto")


def test_the_directory_was_asked_for_names_only(desk, slapd):
    searches = [
        line for line in slapd.log().splitlines() if "SRCH base" in line and "(uid=" in line
    ]
    assert searches and not [line for line in searches if "*" in line.split("filter=")[1]]


def test_two_people_with_one_netid_are_told_apart_by_nobody(desk):
    twin = desk.log_in("twin")
    assert not desk.is_in(twin) and "have one NetID, twin" in desk.log()


def test_whoever_has_a_netid_password_here_keeps_it(desk):
    assert desk.is_in(desk.log_in("ada", "ada-netid-password"))
    assert not desk.is_in(desk.log_in("ada", "wrong"))


def test_what_changes_in_the_directory_is_taken_over_at_the_next_log_in(desk, slapd):
    slapd.change(
        f"dn: {dn('nora')}\nchangetype: modify\nreplace: mail\nmail: nora.noehl@example.edu\n"
    )
    nora = desk.log_in("nora")
    assert desk.is_in(nora) and "nora.noehl@example.edu" in nora.page.text
    assert "(ldap) user.update done name, e-mail address or directory" in desk.audit("nora")


def test_a_group_that_was_renamed_gives_nothing_and_the_log_in_says_so(desk, slapd):
    slapd.rename(group_dn("help-desk"), "cn=service-desk")
    try:
        assert desk.is_in(desk.log_in("nora"))
        assert "(ldap) user.role done help_desk → staff" in desk.audit("nora")
    finally:
        slapd.rename(group_dn("service-desk"), "cn=help-desk")
    assert desk.is_in(desk.log_in("nora"))
    assert "(ldap) user.role done staff → help_desk" in desk.audit("nora")


def test_somebody_whom_an_administrator_has_disabled_stays_out(desk):
    assert desk.is_in(desk.log_in("quin"))
    desk.disable("quin")
    assert INCORRECT in desk.log_in("quin").page.text


def test_ldaps_serves_as_well_as_starttls(other_desk, slapd):
    desk = other_desk(slapd, ldap_urls=slapd.tls_url)
    assert desk.is_in(desk.log_in("pia"))


def test_groups_may_be_said_by_those_who_are_in_them(other_desk, tmp_path, trust):
    slapd = Slapd(tmp_path / "slapd", trust)
    slapd.start()
    try:
        # Read again, so that the server itself writes memberOf.
        for name in ("wardens", "admins"):
            member = dn("otto") if name == "wardens" else group_dn("wardens")
            slapd.remove(group_dn(name))
            slapd.add(
                f"dn: {group_dn(name)}\nobjectClass: groupOfNames\ncn: {name}\nmember: {member}\n"
            )
        desk = other_desk(slapd, ldap_group_attribute="memberOf")
        assert desk.is_in(desk.log_in("otto"))
        assert "(ldap) user.create done admin" in desk.audit("otto")
    finally:
        slapd.stop()


@pytest.mark.parametrize("attribute", [None, "memberOf"])
def test_many_groups_of_a_directory_far_away_are_not_asked_about_one_after_the_other(
    other_desk, tmp_path, trust, attribute
):
    count, round_trip = 80, 0.04
    slapd = Slapd(
        tmp_path / "slapd",
        trust,
        CAMPUS + group("outer", *(group_dn(f"club-{n}") for n in range(count))),
    ).start()
    distance = Distance(slapd.tls_url, round_trip)
    try:
        # Not read in with the campus: the server writes memberOf for those that come later.
        for n in range(count):
            slapd.add(group(f"club-{n}", dn("pia")))
        desk = other_desk(
            slapd, ldap_urls=distance.url, ldap_group_attribute=attribute, admin_groups="outer"
        )
        began = time.monotonic()
        assert desk.is_in(desk.log_in("pia"))
        assert time.monotonic() - began < count * round_trip
        if attribute is None:
            assert "(ldap) user.create done admin" in desk.audit("pia"), (
                "by a group that has all of hers in it"
            )
    finally:
        distance.close()
        slapd.stop()


def test_a_certificate_of_somebody_elses_is_not_trusted(other_desk, slapd, trust):
    desk = other_desk(slapd, ldap_ca_file=trust / "stranger.pem")
    nora = desk.log_in("nora")
    assert UNAVAILABLE in nora.page.text and not desk.is_in(nora)
    assert "certificate" in desk.log() and "nora's password" not in desk.log()


def test_a_certificate_for_another_name_is_not_trusted(other_desk, slapd):
    desk = other_desk(slapd, ldap_urls=f"ldaps://127.0.0.1:{slapd.tls_port}")
    assert UNAVAILABLE in desk.log_in("nora").page.text
    assert "certificate" in desk.log()


def test_the_next_server_is_asked_where_one_does_not_answer(other_desk, tmp_path, trust, slapd):
    first = Slapd(tmp_path / "slapd", trust).start()
    desk = other_desk(first, slapd)
    assert desk.is_in(desk.log_in("pia"))
    first.stop()
    assert desk.is_in(desk.log_in("pia")), (
        "kept connections are closed, and the first server refuses new ones"
    )
    assert "SRCH base" in slapd.log()


def test_a_server_that_is_silent_is_passed_over(other_desk, tmp_path, trust, slapd):
    first = Slapd(tmp_path / "slapd", trust).start()
    try:
        desk = other_desk(first, slapd)
        assert desk.is_in(desk.log_in("pia"))
        first.process.send_signal(signal.SIGSTOP)
        assert desk.is_in(desk.log_in("pia"))
    finally:
        first.process.send_signal(signal.SIGCONT)
        first.stop()


@pytest.mark.parametrize("how", ["stopped", "silent"])
def test_without_the_directory_tokens_and_sessions_go_on(other_desk, tmp_path, trust, how):
    slapd = Slapd(tmp_path / "slapd", trust).start()
    try:
        desk = other_desk(slapd)
        token = desk.tokened("pia")
        assert desk.verify(token) == 200
        if how == "stopped":
            slapd.stop()
        else:
            slapd.process.send_signal(signal.SIGSTOP)
        refused = desk.log_in("nora")
        assert UNAVAILABLE in refused.page.text
        assert desk.verify(token) == 200
        assert desk.is_in(desk._visitors["pia"]), "whoever is logged in stays"
        assert desk.is_in(desk.log_in("ada", "ada-netid-password")), (
            "an administrator with a password of the desk’s own gets in"
        )
    finally:
        if how == "silent":
            slapd.process.send_signal(signal.SIGCONT)
        slapd.stop()


def test_nonsense_instead_of_an_answer(other_desk, slapd):
    """A server of another kind where the directory should be."""
    desk = other_desk(slapd, ldap_urls=f"ldap://localhost:{free_port()}")
    assert UNAVAILABLE in desk.log_in("nora").page.text
    desk.stop()
    desk.settings["LATCHKEY_LDAP_URLS"] = desk.url.replace("http:", "ldap:")
    desk.start()  # its own port: HTTP answers what LDAP says
    assert UNAVAILABLE in desk.log_in("nora").page.text
    assert requests.get(f"{desk.url}/readyz", timeout=10).status_code == 200


def test_who_searches_is_refused(other_desk, slapd):
    desk = other_desk(slapd, ldap_bind_password="another")
    assert UNAVAILABLE in desk.log_in("nora").page.text
    wait_until(lambda: "refuses ldap.bind_dn" in desk.log(), "the log says why")
    assert "another" not in desk.log()


def test_without_authorities_of_its_own_the_systems_are_trusted(other_desk, slapd, trust):
    desk = other_desk(slapd, ldap_ca_file=None)
    assert UNAVAILABLE in desk.log_in("pia").page.text and "certificate" in desk.log(), (
        "they have not signed this one"
    )
    desk.stop()
    desk.settings["SSL_CERT_FILE"] = str(trust / "ca.pem")
    desk.settings.pop("LATCHKEY_LDAP_CA_FILE", None)
    desk.start()
    assert desk.is_in(desk.log_in("pia"))


def test_a_group_that_is_called_like_another_further_down_gives_nothing(
    other_desk, tmp_path, trust
):
    slapd = Slapd(tmp_path / "slapd", trust).start()
    try:
        slapd.add(f"dn: ou=department,{GROUPS}\nobjectClass: organizationalUnit\nou: department\n")
        for name in ("admins", group_dn("admins")):
            escaped = name.replace(",", "\\,").replace("=", "\\=")
            kind = f"objectClass: groupOfNames\ncn: {name}\nmember: {dn('pia')}\n"
            slapd.add(f"dn: cn={escaped},ou=department,{GROUPS}\n{kind}")
        desk = other_desk(slapd, admin_groups=f"admins;{group_dn('admins')}")
        assert desk.is_in(desk.log_in("pia"))
        assert "(ldap) user.create done staff" in desk.audit("pia")
    finally:
        slapd.stop()


def test_an_entry_with_two_netids_is_by_the_one_that_its_name_begins_with(desk, slapd):
    slapd.add(person("sara").lstrip().replace("uid: sara", "uid: sara\nuid: sarah"))
    assert desk.is_in(desk.log_in("sara"))
    assert not desk.is_in(desk.log_in("sarah", "sara's password"))
    # And where the name says none, by none of them.
    slapd.add(person("tom", rdn="cn").lstrip().replace("uid: tom", "uid: tom\nuid: thomas"))
    for netid in ("tom", "thomas"):
        assert not desk.is_in(desk.log_in(netid, "tom's password"))


def test_the_command_says_step_by_step_what_the_directory_answers(desk):
    code, out, _ = desk.run(
        "directory", "test", "otto", "--log-in", "--password-stdin", stdin="otto's password\n"
    )
    assert code == 0, out
    for step in (
        "answers, encrypted by StartTLS",
        dn("otto"),
        "Otto Sample",
        "NetID password: right",
        "cn=wardens",
        "Role: admin",
    ):
        assert step in out
    assert "password" not in out.replace("NetID password: right", "").replace(
        "Local password and tokens", ""
    )
    code, out, _ = desk.run("directory", "test", "nobody")
    assert code == 4 and "✗ Entry" in out
    code, out, _ = desk.run("directory", "test", "twin")
    assert code == 4 and "have one NetID" in out


def test_a_person_without_a_name_keeps_the_known_one(desk, slapd):
    slapd.add(person("rita").lstrip())
    assert desk.is_in(desk.log_in("rita"))
    slapd.change(f"dn: {dn('rita')}\nchangetype: modify\ndelete: mail\n")
    rita = desk.log_in("rita")
    assert desk.is_in(rita) and "rita@example.edu" in rita.page.text
