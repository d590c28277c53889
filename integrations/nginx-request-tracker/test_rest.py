"""Programs use RT's REST 2.0 with Latchkey's tokens as they did with RT's own."""

import httpx2
import pytest
import rt.exceptions
from asking import ask, basic, token


def test_the_client_reads_users_queues_and_tickets(desk, client):
    tia = client(token=desk.token("tia"))
    assert tia.get_user("tia")["EmailAddress"] == "tia@example.edu"
    assert "General" in [queue["Name"] for queue in tia.get_all_queues()]
    number = tia.create_ticket("General", subject="The lamp is out", content="In room 7.")
    ticket = tia.get_ticket(number)
    assert (ticket["Subject"], ticket["Creator"]["id"]) == ("The lamp is out", "tia")


def test_the_client_finds_and_changes_tickets(desk, client):
    tia = client(token=desk.token("tia"))
    number = tia.create_ticket("General", subject="Nobody else calls it Quibble", content="Please.")
    found = list(tia.search(queue="General", raw_query="Subject LIKE 'Quibble'"))
    assert [int(ticket["id"]) for ticket in found] == [number]
    assert tia.edit_ticket(number, Status="open")
    attachment = rt.rest2.Attachment("note.txt", "text/plain", b"x" * 200_000)
    assert tia.comment(number, content="See the note.", attachments=[attachment])
    assert tia.get_ticket(number)["Status"] == "open"
    assert "note.txt" in [entry["Filename"] for entry in tia.get_attachments(number)]


@pytest.mark.parametrize("user", ["tia", ""])
def test_the_client_comes_in_by_basic_with_a_token_as_password(desk, client, user):
    tia = client(http_auth=httpx2.BasicAuth(user, desk.token("tia")))
    assert tia.get_user("tia")["Name"] == "tia"


def test_basic_with_anothers_name_or_with_rts_own_password_is_refused(desk, client):
    for user, password in [
        ("rae", desk.token("tia")),
        ("tia", "tia-rt-password"),
        ("root", "root-rt-password"),
    ]:
        with pytest.raises(rt.exceptions.AuthorizationError):
            client(http_auth=httpx2.BasicAuth(user, password)).get_user("tia")


def test_a_bearer_is_let_in(desk, tracker):
    answer = ask(
        tracker.port, "/REST/2.0/user/tia", headers={"Authorization": f"Bearer {desk.token('tia')}"}
    )
    assert answer.json["Name"] == "tia"


def test_a_change_on_condition_keeps_its_condition(desk, tracker, client):
    value = desk.token("tia")
    number = client(token=value).create_ticket("General", subject="Once", content="Please.")
    headers = {"If-Match": "outdated", "Content-Type": "application/json", **token(value)}
    assert (
        ask(
            tracker.port, f"/REST/2.0/ticket/{number}", "PUT", headers, '{"Subject": "Twice"}'
        ).status
        == 412
    )


def test_a_read_only_token_reads_and_cannot_create(desk, client):
    reader, writer = client(token=desk.token("tia", access="read")), client(token=desk.token("tia"))
    number = writer.create_ticket("General", subject="To be read", content="Only.")
    assert reader.get_ticket(number)["Subject"] == "To be read"
    assert [int(ticket["id"]) for ticket in reader.search(raw_query="Subject = 'To be read'")] == [
        number
    ]
    for change in (
        lambda: reader.create_ticket("General", subject="By a reader", content="No."),
        lambda: reader.edit_ticket(number, Status="rejected"),
        lambda: reader.comment(number, content="No."),
    ):
        with pytest.raises(rt.exceptions.UnexpectedResponseError, match="403"):
            change()
    assert list(writer.search(raw_query="Subject = 'By a reader'")) == []
    assert writer.get_ticket(number)["Status"] == "new"


def test_who_brings_none_is_told_how_unless_a_page_asks(tracker):
    for headers in ({}, {"Sec-Fetch-Mode": "navigate"}):
        answer = ask(tracker.port, "/REST/2.0/user/tia", headers=headers)
        assert (answer.status, answer.headers.get_all("WWW-Authenticate")) == (
            401,
            ['Basic realm="Latchkey", charset="UTF-8"'],
        )
    for headers in ({"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}):
        answer = ask(tracker.port, "/REST/2.0/user/tia", headers=headers)
        assert (answer.status, answer.headers.get_all("WWW-Authenticate")) == (401, None)


def test_wrong_credentials_are_told_how_to_come_in(tracker):
    for headers in (
        token("latchkey_nonsense"),
        token(tracker.rt.own_token),
        basic("tia", "nonsense"),
        {"Authorization": "x"},
    ):
        answer = ask(tracker.port, "/REST/2.0/user/tia", headers=headers)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (
            401,
            'Basic realm="Latchkey", charset="UTF-8"',
        )


def test_a_token_sets_no_password_and_says_so(desk, tracker):
    headers = {**token(desk.token("rae")), "Content-Type": "application/json"}
    change = '{"Password": "another-rt-password", "NickName": "Ray"}'
    for path, body in (
        ("/REST/2.0/user/rae", change),
        ("/REST/2.0/user/rae?Password=another-rt-password", '{"NickName": "Ray"}'),
    ):
        answer = ask(tracker.port, path, "PUT", headers, body)
        assert (answer.status, answer.json) == (403, {"message": "A token sets no password."})
    assert ask(tracker.port, "/REST/2.0/user/rae", headers=headers).json.get("NickName") != "Ray"
    kept = ask(tracker.port, "/REST/2.0/user/rae", "PUT", headers, '{"NickName": "Ray"}')
    assert kept.status == 200, "anything else it changes"
