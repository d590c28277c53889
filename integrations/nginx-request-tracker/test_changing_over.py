"""What README.md offers beside the usual: to change over slowly, and to go back in a hurry."""

from asking import ask, token


def status(nginx, value):
    return ask(nginx.port, "/REST/2.0/user/tia", headers=token(value)).status


def test_while_people_change_over_both_kinds_of_token_work(desk, changing_over, tracker):
    assert status(changing_over, desk.token("tia")) == 200
    assert status(changing_over, tracker.rt.own_token) == 200
    assert status(changing_over, "1-14-" + "0" * 32) == 401
    assert status(changing_over, f"{tracker.rt.own_token} {desk.token('tia')}") == 401


def test_in_a_hurry_rt_checks_its_own_tokens_again(desk, nginx_before, tracker, tmp_path):
    value = desk.token("tia")
    nginx = nginx_before(
        tracker.rt.socket, desk.address, tmp_path / "etc", {"default yes;": "default no;"}
    )
    desk.stop()
    try:
        nginx.start()
        assert status(nginx, tracker.rt.own_token) == 200
        assert status(nginx, value) == 401
    finally:
        desk.start()
        nginx.stop()


def test_tokens_may_be_kept_to_rest(desk, nginx_before, tracker, tmp_path):
    value = desk.token("tia")
    rest_only = {"# if ($latchkey_decides = yes)": "if ($latchkey_decides = yes)"}
    nginx = nginx_before(tracker.rt.socket, desk.address, tmp_path / "etc", rest_only)
    try:
        nginx.start()
        assert status(nginx, value) == 200
        assert ask(nginx.port, "/", headers=token(value)).status == 403
        assert ask(nginx.port, "/").status == 200
    finally:
        nginx.stop()
