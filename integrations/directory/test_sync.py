"""Synchronising with an OpenLDAP server: who comes, who goes, and what an answer that cannot be
right does."""

import json
import resource
import time

import pytest
import requests
from directory_desk import DirectoryDesk
from processes import wait_until
from slapd_server import PEOPLE, SERVICES, TREE, Slapd, certificates, dn, group, group_dn, person


@pytest.fixture(scope="module")
def trust(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("trust") / "certificates")


class Campus:
    """A directory and a desk of one test's own."""

    def __init__(self, folder, trust, ldif=None, **settings):
        self.slapd = Slapd(
            folder / "slapd", trust, **({} if ldif is None else {"ldif": ldif})
        ).start()
        self.desk = DirectoryDesk(folder).asking(self.slapd, **settings)
        self.desk.start()

    def stop(self):
        self.desk.stop()
        self.slapd.stop()


@pytest.fixture
def campus(tmp_path, trust):
    places = []

    def start(**settings):
        places.append(Campus(tmp_path, trust, **settings))
        return places[-1]

    yield start
    for place in places:
        place.stop()


def rows(desk):
    """How many rows the audit has, by its end's number: each change writes one."""
    found = desk.run("audit", "tail", "--json")[1]
    return len(found.splitlines())


def test_a_plan_is_shown_then_carried_out_and_then_there_is_nothing_to_do(campus):
    place = campus()
    place.desk.stop()
    before = rows(place.desk)
    code, plan, errors = place.desk.run("directory", "sync", "--dry-run")
    assert code == 0 and plan.splitlines()[:4] == ["+ nora", "+ otto", "+ pia", "+ quin"], (
        plan + errors
    )
    assert (
        "Nothing was done" in plan
        and "4 made" in plan
        and "two people have the NetID twin" in errors
    )
    assert rows(place.desk) == before
    code, done, _ = place.desk.run("directory", "sync", "--json")
    done = json.loads(done)
    assert code == 0 and (done["read"], done["created"], done["departed"]) == (5, 4, 0)
    shown = json.loads(place.desk.run("user", "show", "otto", "--json")[1])
    assert (shown["user"]["role"], shown["user"]["email"], shown["source"]) == (
        "admin",
        "otto@example.edu",
        "ldap",
    )
    assert "There is no user" in place.desk.run("user", "show", "twin")[2]
    after = rows(place.desk)
    code, again, _ = place.desk.run("directory", "sync", "--json")
    assert (json.loads(again)["unchanged"], rows(place.desk)) == (4, after)


def test_whoever_is_gone_loses_tokens_and_sessions_and_gets_none_of_it_back_by_returning(campus):
    place = campus()
    desk = place.desk
    desk.sync()
    token = desk.tokened("pia")
    session = desk._visitors["pia"]
    assert desk.verify(token) == 200
    place.slapd.move(dn("pia"), SERVICES)
    code, out, err = desk.sync()
    assert code == 0 and "1 are gone and disabled" in out, out + err
    assert desk.verify(token) == 401 and not desk.is_in(session)
    assert (
        "(ldap) user.left done disabled, staff again, tokens revoked, sessions ended"
        in desk.audit("pia")
    )
    assert not desk.is_in(desk.log_in("pia"))

    place.slapd.move(f"uid=pia,{SERVICES}", PEOPLE)
    back = desk.log_in("pia")
    assert desk.is_in(back), "the directory has them again"
    assert desk.verify(token) == 401
    assert "You do not have a local password yet." in back.page.text
    assert (
        "(ldap) user.returned done tokens stay revoked, the local password is gone"
        in desk.audit("pia")
    )

    ada = desk.visitor("ada")
    ada.go("/admin/users/pia")
    assert "by <!>the campus directory" in ada.page.text
    ada.press("Restore")
    ada.press("Restore tokens", {"Your local password": "ada-local-password"})
    assert "1 token works again." in ada.page.text
    assert desk.verify(token) == 200
    assert "ada token.restore done 1 token" in desk.audit("pia")


def test_tokens_of_one_entry_are_given_to_another_by_the_operators_word_alone(campus):
    place = campus()
    desk = place.desk
    desk.sync()
    token = desk.tokened("pia")
    place.slapd.remove(dn("pia"))
    desk.sync()
    # Whether it is the same person, an entry of the same name does not say.
    place.slapd.add(person("pia").lstrip())
    assert desk.is_in(desk.log_in("pia"))
    ada = desk.visitor("ada")
    ada.go("/admin/users/pia")
    ada.press("Restore")
    assert "They belonged to Pia Sample" in ada.page.text
    desk.stop()
    code, out, errors = desk.run("token", "restore", "pia")
    assert code == 3 and "Before:" in out and "--same-person" in errors
    assert desk.run("token", "restore", "nobody")[0] == 3
    code, out, _ = desk.run("token", "restore", "pia", "--same-person")
    assert code == 0 and out.endswith("1 of pia’s tokens works again.\n")
    desk.start()
    assert desk.verify(token) == 200


def test_an_empty_answer_disables_nobody(campus):
    place = campus()
    place.desk.sync()
    token = place.desk.tokened("pia")
    for netid in ("nora", "otto", "pia", "quin", "twin"):
        place.slapd.remove(dn(netid))
    place.slapd.remove(f"cn=Twin Other,ou=old,{PEOPLE}")
    code, _, errors = place.desk.sync()
    assert (
        code == 1
        and "there is nobody at all, and 4 of its people are here" in errors
        and "--max-disable" in errors
    )
    assert place.desk.verify(token) == 200
    code, _, errors = place.desk.sync("--max-disable", "50")
    assert code == 1, "an empty answer is no directory, whatever number is allowed"
    place.desk.stop()
    assert any(
        '"directory.sync"' in line and "refused" in line
        for line in place.desk.run("audit", "tail", "--json")[1].splitlines()
    )
    place.desk.start()
    code, out, errors = place.desk.sync("--max-disable", "100%")
    assert code == 0 and "4 are gone" in out, errors
    assert place.desk.verify(token) == 401


def test_more_than_may_leave_do_not(campus):
    place = campus(directory_max_disable="25%")
    place.desk.sync()
    place.slapd.remove(dn("pia"))
    place.slapd.remove(dn("quin"))
    code, out, errors = place.desk.sync()
    assert code == 1 and "2 of 4 people would be disabled" in errors and "at most 1 may" in errors
    code, out, _ = place.desk.sync("--dry-run", "--max-disable", "2")
    assert code == 0 and "- pia\n- quin\n" in out
    code, out, _ = place.desk.sync("--max-disable", "2")
    assert code == 0 and "2 are gone" in out


def test_whoever_may_no_longer_have_tokens_loses_them(campus):
    place = campus(privileged_groups="staff")
    desk = place.desk
    desk.sync()
    token = desk.tokened("pia")
    place.slapd.change(
        f"dn: {group_dn('staff')}\nchangetype: modify\ndelete: member\nmember: {dn('pia')}\n"
    )
    code, plan, _ = desk.sync("--dry-run")
    assert "! pia" in plan and desk.verify(token) == 200
    code, out, _ = desk.sync()
    assert code == 0 and "1 may no longer have tokens" in out
    assert desk.verify(token) == 401
    assert "(ldap) user.privileged done no: tokens revoked, sessions ended" in desk.audit("pia")
    place.slapd.change(
        f"dn: {group_dn('staff')}\nchangetype: modify\nadd: member\nmember: {dn('pia')}\n"
    )
    desk.sync()
    assert desk.verify(token) == 401, "what was revoked stays so"


def test_a_group_that_was_renamed_stops_it(campus):
    place = campus()
    place.desk.sync()
    place.slapd.rename(group_dn("help-desk"), "cn=service-desk")
    code, _, errors = place.desk.sync()
    assert code == 1 and "there is no group “help-desk”: was it renamed?" in errors
    place.desk.stop()
    shown = json.loads(place.desk.run("user", "show", "nora", "--json")[1])
    assert shown["user"]["role"] == "help_desk", "nobody has lost anything by it"
    assert (
        "✗ Group “help-desk” of the configuration" in place.desk.run("directory", "test", "nora")[1]
    )


def test_a_directory_that_is_away_disables_nobody(campus):
    place = campus()
    place.desk.sync()
    place.slapd.stop()
    code, _, errors = place.desk.sync()
    assert code == 1 and "does not answer" in errors and "Nobody was disabled" in errors


def test_whom_an_administrator_has_disabled_does_not_come_back_by_the_directory(campus):
    place = campus()
    place.desk.sync()
    place.desk.disable("quin")
    place.desk.sync()
    assert not place.desk.is_in(place.desk.log_in("quin"))
    place.desk.stop()
    assert (
        json.loads(place.desk.run("user", "show", "quin", "--json")[1])["user"]["disabled"] is True
    )


def test_from_removal_to_refusal_it_takes_one_interval_at_most(campus):
    place = campus(directory_sync_minutes=1)
    desk = place.desk
    token = desk.tokened("pia")
    # The first one begins with the server; the interval counts from there.
    wait_until(lambda: "synchronised with the directory" in desk.log(), "the first synchronising")
    place.slapd.remove(dn("pia"))
    removed = time.monotonic()
    wait_until(lambda: desk.verify(token) == 401, "the token is refused", seconds=90)
    took = time.monotonic() - removed
    print(f"\nfrom removal to refusal with an interval of 60 s: {took:.1f} s")
    assert took < 65


def crowd(many):
    people = "".join(person(f"p{number:06}") for number in range(many))
    # Every tenth at the Help Desk, and all of them in a group within a group.
    desk = group("help-desk", *(dn(f"p{number:06}") for number in range(0, many, 10)))
    return (
        TREE
        + people
        + desk
        + group("half", *(dn(f"p{number:06}") for number in range(0, many, 2)))
        + group("admins", group_dn("help-desk-leads"))
        + group("help-desk-leads", dn("p000001"))
    )


def test_a_hundred_thousand_people_in_one_run(campus):
    many = 100_000
    place = campus(ldif=crowd(many))
    desk = place.desk
    desk.stop()
    started = time.monotonic()
    code, out, errors = desk.run("directory", "sync", "--json")
    first = time.monotonic() - started
    assert code == 0, errors
    done = json.loads(out)
    assert (done["read"], done["created"]) == (many, many)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    started = time.monotonic()
    code, out, errors = desk.run("directory", "sync", "--json")
    second = time.monotonic() - started
    assert (code, json.loads(out)["unchanged"]) == (0, many), errors
    for netid, role in (("p000010", "help_desk"), ("p000011", "staff"), ("p000001", "admin")):
        assert json.loads(desk.run("user", "show", netid, "--json")[1])["user"]["role"] == role
    print(f"\n{many} people: {first:.0f} s, again {second:.0f} s, at most {most:.0f} MiB")
    assert second < first
    # Held at once are a few hundred people; the rest of it is the store's own memory, which does
    # not grow with their number.
    assert most < 1200
    desk.start()
    assert requests.get(f"{desk.url}/readyz", timeout=10).ok
