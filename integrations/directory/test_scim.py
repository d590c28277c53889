"""People pushed by an identity system (SCIM 2.0), judged by an independent compliance suite, and
what becomes of them."""

import time

import pytest
import requests
from directory_desk import DirectoryDesk
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

TOKEN = "a bearer token of more than 32 characters"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = DirectoryDesk(tmp_path_factory.mktemp("desk"), scim_token=TOKEN)
    desk.settings["LATCHKEY_PUBLIC_URL"] = desk.url
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture(scope="module")
def scim(desk):
    session = requests.Session()
    session.headers.update(
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    )

    def ask(method, path, **options):
        return session.request(method, f"{desk.url}/scim/v2/{path}", timeout=10, **options)

    return ask


def test_the_compliance_suite_finds_nothing_wrong(desk):
    http = Client(base_url=f"{desk.url}/scim/v2", headers={"Authorization": f"Bearer {TOKEN}"})
    client = SyncSCIMClient(http)
    results = check_server(client)
    bad = [
        f"{result.title}: {result.reason}"
        for result in results
        if result.status not in (Status.SUCCESS, Status.SKIPPED)
    ]
    done = [result for result in results if result.status == Status.SUCCESS]
    print(f"\n{len(done)} checks passed, {len(results) - len(done) - len(bad)} do not apply")
    assert not bad, "\n".join(bad)
    assert len(done) >= 40


def test_whoever_is_pushed_exists_and_is_in_the_audit(desk, scim):
    made = scim(
        "POST",
        "Users",
        json={
            "userName": "Nora",
            "displayName": "Nora Nöhl",
            "emails": [{"value": "nora@example.edu"}],
            "externalId": "4711",
        },
    )
    assert made.status_code == 201 and made.headers["Content-Type"] == "application/scim+json"
    assert (
        made.headers["Location"]
        == f"{desk.url}/scim/v2/Users/nora"
        == made.json()["meta"]["location"]
    )
    assert desk.audit("nora") == ["(scim) user.create done staff"]
    again = scim("POST", "Users", json={"userName": "nora"})
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    found = scim("GET", "Users", params={"filter": 'userName eq "NORA"'}).json()
    assert (found["totalResults"], found["Resources"][0]["externalId"]) == (1, "4711")
    assert (
        scim("GET", "Users", params={"filter": 'userName eq "nobody"'}).json()["totalResults"] == 0
    )
    same = scim(
        "PUT",
        "Users/nora",
        json={
            "userName": "nora",
            "displayName": "Nora Nöhl",
            "emails": [{"value": "nora@example.edu"}],
            "externalId": "4711",
        },
    )
    assert same.status_code == 200
    assert desk.audit("nora") == ["(scim) user.create done staff"], (
        "what is as it was is not written"
    )


def test_made_inactive_means_refused_at_once(desk, scim):
    token = desk.token("tia")
    assert desk.verify(token) == 200
    # Whoever has a NetID password at the desk itself is not the identity system's.
    assert (
        scim(
            "PATCH",
            "Users/tia",
            json={
                "schemas": [PATCH],
                "Operations": [{"op": "replace", "path": "active", "value": False}],
            },
        ).status_code
        == 403
    )
    assert desk.verify(token) == 200


def test_from_the_push_to_the_refusal(desk, scim, tmp_path_factory, request):
    slapd_server = pytest.importorskip("slapd_server")
    trust = slapd_server.certificates(tmp_path_factory.mktemp("trust") / "certificates")
    slapd = slapd_server.Slapd(tmp_path_factory.mktemp("slapd") / "one", trust).start()
    both = DirectoryDesk(tmp_path_factory.mktemp("both"), scim_token=TOKEN).asking(slapd)
    both.start()
    try:
        token = both.tokened("pia")
        session = both._visitors["pia"]
        change = {
            "schemas": [PATCH],
            "Operations": [{"op": "Replace", "path": "active", "value": "False"}],
        }
        pushed = time.monotonic()
        answer = requests.patch(
            f"{both.url}/scim/v2/Users/pia",
            json=change,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=10,
        )
        assert (answer.status_code, answer.json()["active"]) == (200, False)
        assert both.verify(token) == 401
        print(f"\nfrom the push to the refusal: {(time.monotonic() - pushed) * 1000:.0f} ms")
        assert not both.is_in(session)
        assert (
            "(scim) user.left done disabled, staff again, tokens revoked, sessions ended"
            in both.audit("pia")
        )
        change["Operations"][0]["value"] = True
        answer = requests.patch(
            f"{both.url}/scim/v2/Users/pia",
            json=change,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=10,
        )
        assert answer.json()["active"] is True
        assert both.verify(token) == 401, "what was revoked stays so"
    finally:
        both.stop()
        slapd.stop()


def test_whoever_is_deleted_is_gone_and_may_be_made_again(desk, scim):
    assert scim("POST", "Users", json={"userName": "otto"}).status_code == 201
    assert scim("DELETE", "Users/otto").status_code == 204
    for method in ("GET", "DELETE"):
        assert scim(method, "Users/otto").status_code == 404
    assert (
        "(scim) user.left done disabled, staff again, tokens revoked, sessions ended"
        in desk.audit("otto")
    ), "the trail stays"
    assert scim("POST", "Users", json={"userName": "otto"}).json()["active"] is True


def test_without_the_token_there_is_nothing(desk):
    for headers in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = requests.get(f"{desk.url}/scim/v2/Users", headers=headers, timeout=10)
        assert (
            answer.status_code == 401
            and answer.json()["schemas"] == [ERROR]
            and "Bearer" in answer.headers["WWW-Authenticate"]
        )
    assert TOKEN not in desk.log()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "word"),
    [
        ("POST", "Users", "no json", 400, "invalidSyntax"),
        ("POST", "Users", "[]", 400, "invalidSyntax"),
        ("POST", "Users", "{}", 400, "invalidValue"),
        ("POST", "Users", '{"userName": "two words"}', 400, "invalidValue"),
        ("POST", "Users", '{"userName": "x", "active": "perhaps"}', 400, "invalidValue"),
        ("POST", "Users", '{"userName": "x", "displayName": {}}', 400, "invalidValue"),
        ("PUT", "Users/nora", '{"userName": "otto"}', 400, "mutability"),
        ("PUT", "Users/nobody", '{"userName": "nobody"}', 404, None),
        ("PATCH", "Users/nora", "{}", 400, "invalidSyntax"),
        ("GET", "Users?filter=title+pr", None, 400, "invalidFilter"),
        ("GET", "Groups/staff", None, 404, None),
        ("POST", "Groups", '{"displayName": "staff"}', 501, None),
        ("GET", "Users/..%2f..", None, 404, None),
        ("DELETE", "Users", None, 405, None),
    ],
)
def test_what_makes_no_sense_is_refused_in_the_words_of_scim(
    scim, method, path, body, status, word
):
    answer = scim(method, path, data=body)
    assert (answer.status_code, answer.json().get("scimType")) == (status, word), answer.text
    assert answer.json()["schemas"] == [ERROR] and answer.json()["detail"]


def test_groups_that_are_not_taken_from_here_are_an_empty_list(scim):
    answer = scim("GET", "Groups")
    assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)


def test_what_is_too_large_is_refused(scim):
    assert scim("POST", "Users", data="x" * 70_000).status_code == 413
