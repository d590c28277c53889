"""How much faster RT answers when Latchkey checks the token than when RT checks one of its own, in the same run."""

import statistics
import time

import pytest
import rt.rest2
from asking import ask

# What the comparison needs of the configuration: RT's own tokens are still let through to RT.
CHANGING_OVER = {'# "~*^token': '"~*^token'}

ROUNDS = 15


@pytest.fixture(scope="module")
def changing_over(desk, tracker, tmp_path_factory, nginx_before):
    nginx = nginx_before(tracker.rt.socket, desk.address, tmp_path_factory.mktemp("over") / "etc", CHANGING_OVER)
    try:
        yield nginx.start()
    finally:
        nginx.stop()


def test_while_people_change_over_both_kinds_of_token_work(desk, changing_over, tracker):
    for value in (desk.token("tia"), tracker.rt.own_token):
        answer = ask(changing_over.port, "/REST/2.0/user/tia", headers={"Authorization": f"token {value}"})
        assert answer.json["Name"] == "tia"
    wrong = {"Authorization": "token 1-14-" + "0" * 32}
    assert ask(changing_over.port, "/REST/2.0/user/tia", headers=wrong).status == 401


def test_calls_are_faster_than_with_rts_own_token(desk, changing_over, tracker, capsys):
    url = f"{changing_over.url}/REST/2.0/"
    own, latchkey = rt.rest2.Rt(url, token=tracker.rt.own_token), rt.rest2.Rt(url, token=desk.token("tia"))
    number = latchkey.create_ticket("General", subject="To be timed", content="Please.")
    calls = {
        "get_user": lambda client: client.get_user("tia"),
        "get_ticket": lambda client: client.get_ticket(number),
        "get_queue": lambda client: client.get_queue("General"),
        "search": lambda client: list(client.search(raw_query=f"id = {number}")),
        "create_ticket": lambda client: client.create_ticket("General", subject="Timed", content="Please."),
    }
    ratios = {}
    with capsys.disabled():
        print(f"\n{'milliseconds (median)':<24}{'RTs own token':>14}{'Latchkey':>10}{'ratio':>8}")
        for name, call in calls.items():
            # In turn, so that whatever else the machine does touches both alike.
            pairs = [(seconds(call, own), seconds(call, latchkey)) for _ in range(ROUNDS)]
            slow, quick = (statistics.median(times) * 1000 for times in zip(*pairs))
            ratios[name] = slow / quick
            print(f"{name:<24}{slow:>14.1f}{quick:>10.1f}{ratios[name]:>8.1f}")
    assert min(ratios["get_user"], ratios["get_queue"]) >= 10


def seconds(call, client):
    begin = time.perf_counter()
    call(client)
    return time.perf_counter() - begin
