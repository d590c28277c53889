"""What holds before a service whichever proxy asks. Imported by the tests of each of them, which say where it is: the fixtures
`port`, `recorder` and `recorded_port`."""

import pytest
from asking import ask, basic, received, spoofed, token


@pytest.mark.parametrize("way", ["token", "Bearer", "Basic", "Basic without a name"])
def test_a_token_is_let_in_as_its_owner(desk, port, way):
    value = desk.token("tia")
    headers = {"Basic": basic("tia", value), "Basic without a name": basic("", value)}.get(way, {"Authorization": f"{way} {value}"})
    got = received(ask(port, "/some/page?x=1", headers=headers))
    assert (got["remote-user"], got["remote-name"]) == ("tia", "Tia Token")
    assert (got["remote-email"], got["remote-groups"]) == ("tia@example.edu", "staff")
    assert len(got["latchkey-token"]) == 16
    assert "authorization" not in got, "the token stays at the proxy"


def test_who_it_is_cannot_be_said_by_the_client(desk, port):
    got = received(ask(port, headers={**spoofed("ada"), **token(desk.token("tia"))}))
    assert got["remote-user"] == "tia"
    assert "ada" not in got.values()


def test_a_token_bound_to_networks_is_good_from_them_alone(desk, port):
    for networks, status in (("127.0.0.0/8", 200), ("192.0.2.0/24", 403)):
        value = desk.token("tia", networks=networks)
        for said in ({}, {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.1, 127.0.0.1", "X-Real-IP": "192.0.2.1"}):
            assert ask(port, headers={**said, **token(value)}).status == status


def test_a_revoked_token_is_refused_at_the_next_request(desk, port):
    value = desk.token("tia")
    assert ask(port, headers=token(value)).status == 200
    desk.revoke(value)
    assert ask(port, headers=token(value)).status == 401


def test_a_body_reaches_the_service_whole(desk, port):
    answer = ask(port, method="POST", headers=token(desk.token("tia")), body="x" * 100_000)
    assert len(answer.json["body"]) == 100_000


def test_questions_share_a_connection(recorder, recorded_port):
    for _ in range(20):
        ask(recorded_port, headers=token("x"))
    assert len(recorder.seen) == 20
    assert recorder.connections == 1
