"""How much faster RT answers when Latchkey checks the token than when RT checks one of its own, in the same run."""

import statistics
import time

import requests
import rt.rest2

ROUNDS = 15


def test_a_call_is_ten_times_as_fast_as_with_rts_own_token(desk, changing_over, tracker, capsys):
    url, value = f"{changing_over.url}/REST/2.0/", desk.token("tia")
    own, latchkey = rt.rest2.Rt(url, token=tracker.rt.own_token), rt.rest2.Rt(url, token=value)
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
        print(f"\n{'milliseconds (median)':<24}{'token of RT':>14}{'Latchkey':>10}{'ratio':>8}")
        for name, call in calls.items():
            # In turn, so that whatever else the machine does touches both alike.
            pairs = [(milliseconds(call, own), milliseconds(call, latchkey)) for _ in range(ROUNDS)]
            slow, quick = map(statistics.median, zip(*pairs, strict=True))
            ratios[name] = slow / quick
            print(f"{name:<24}{slow:>14.1f}{quick:>10.1f}{ratios[name]:>8.1f}")
        print(f"{'Latchkey by itself':<24}{'':>14}{verify_alone(desk, value):>10.1f}")
    # The others do more in RT itself, which takes its time whoever checks the token.
    assert ratios["get_user"] >= 10


def verify_alone(desk, value):
    session = requests.Session()
    session.headers["Authorization"] = f"token {value}"
    verify = f"{desk.url}/auth/verify"
    return statistics.median(milliseconds(session.get, verify) for _ in range(ROUNDS))


def milliseconds(call, *arguments):
    begin = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - begin) * 1000
