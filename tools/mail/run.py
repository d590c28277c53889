"""Notices by mail and webhook, as real servers get them. usage: run.py SURREAL, the address of a
SurrealDB server for two nodes, or nothing. Prints "N passed, N failed" at the end."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from desk import BINARY, PLAIN, Desk, Nodes, settings, until
from servers import FIXTURES, PASSWORD, SECRET, USER, MailServer, Receiver

SURREAL = sys.argv[1] if len(sys.argv) > 1 else ""
# More than the lease of a notice, and than its first two waits.
LATER = 500
MUTED = "Your choice of mails was changed"
MADE = "New auth token “Measurement”"
NUMBERS = itertools.count(1)


def subjects(server):
    return [mail["subject"] for mail in server.mails]


def all_sent(server, desk):
    """What was due before has been sent: notices go in the order in which they are due, so that
    that of a token that is made now comes after them."""
    marker = f"Marker {next(NUMBERS)}"
    desk.visit("token", "", marker)
    until(f"the mail of {marker}", lambda: f"New auth token “{marker}”" in subjects(server))


def made(server, desk, many=1):
    """So many mails of new tokens arrive, and none more."""
    until(f"{many} mails of new tokens", lambda: subjects(server).count(MADE) >= many)
    all_sent(server, desk)
    assert subjects(server).count(MADE) == many, subjects(server)


def with_security(security, login=False):
    server = MailServer(security, login).start()
    more = {}
    if security != "none":
        more["LATCHKEY_MAIL_CA_FILE"] = os.path.abspath(f"{FIXTURES}/authority.txt")
    if login:
        more |= {"LATCHKEY_MAIL_USER": USER, "LATCHKEY_MAIL_PASSWORD": PASSWORD}
    try:
        with Desk(settings(server, security, **more)) as desk:
            token = desk.visit("token")
            made(server, desk)
            assert all(server.by_tls) == (security != "none"), server.by_tls
            assert not login or server.log_ins
            mail = server.mails[0]
            assert mail["to"].addresses[0].addr_spec == "tia@example.edu", mail["to"]
            assert mail["auto-submitted"] == "auto-generated"
            assert mail["message-id"].endswith("@example.edu>"), mail["message-id"]
            assert mail["date"] and mail["from"].addresses[0].addr_spec == "latchkey@example.edu"
            parts = {part.get_content_type(): part.get_content() for part in mail.walk()
                     if not part.is_multipart()}
            assert list(parts) == ["text/plain", "text/html"], list(parts)
            for text in parts.values():
                assert desk.url + "/settings/auth-tokens" in text, text
                links = set(re.findall(r"https?://[^\s\"<>]+", text))
                assert all(link.startswith(desk.url) for link in links), links
            assert token not in mail.as_string()
            assert PASSWORD not in desk.log() and "tia@example.edu" not in desk.log()
    finally:
        server.stop()


def tls():
    with_security("tls")


def starttls_with_a_log_in():
    with_security("starttls", login=True)


def readable_on_this_machine():
    with_security("none", login=True)


def nothing_goes(server, security, word, **more):
    """The log says why, and no mail arrives."""
    try:
        with Desk(settings(server, security, **more)) as desk:
            desk.visit("token")
            until("the log says why", lambda: "notices are not taken" in desk.log())
            line = next(l for l in desk.log().splitlines() if "notices are not taken" in l)
            assert word in line, line
            assert not server.mails and PASSWORD not in desk.log(), subjects(server)
            checked = subprocess.run(
                [BINARY, "check", "--store", "mem://"],
                env=PLAIN | desk.env | {"LD_PRELOAD": ""},
                cwd=desk.folder,
                capture_output=True,
                text=True,
            )
            output = checked.stdout + checked.stderr
            assert checked.returncode == 0 and "Careful: the mail server" in output, output
            assert word in output and PASSWORD not in output, output
    finally:
        server.stop()


def a_strangers_certificate():
    strange = os.path.abspath(f"{FIXTURES}/another_authority.txt")
    for security in ["tls", "starttls"]:
        server = MailServer(security).start()
        nothing_goes(server, security, "certificate", LATCHKEY_MAIL_CA_FILE=strange)


def a_server_without_starttls():
    authority = os.path.abspath(f"{FIXTURES}/authority.txt")
    nothing_goes(MailServer().start(), "starttls", "STARTTLS", LATCHKEY_MAIL_CA_FILE=authority)


def a_wrong_password():
    more = {"LATCHKEY_MAIL_USER": USER, "LATCHKEY_MAIL_PASSWORD": "not " + PASSWORD}
    nothing_goes(MailServer(login=True).start(), "none", "535", **more)


def a_mail_that_is_refused():
    server = MailServer().start()
    refusal = "550 5.1.1 <tia@example.edu>: nobody"
    server.on_recipient = lambda number: refusal if number == 1 else None
    with Desk(settings(server)) as desk:
        desk.visit("token")
        until("the log says so", lambda: "it answers 550" in desk.log())
        desk.put_forward(LATER)
        desk.visit("token")
        made(server, desk)
        # The one that was refused, the next, and the marker.
        assert len(server.recipients) == 3, server.recipients
        assert "tia@example.edu" not in desk.log()
    server.stop()


def a_mail_that_is_put_off():
    server = MailServer().start()
    server.on_mail = lambda number: "451 come again" if len(server.recipients) == 1 else None
    with Desk(settings(server)) as desk:
        desk.visit("token")
        until("the log says so", lambda: "it answers 451" in desk.log())
        assert not server.mails
        desk.put_forward(LATER)
        made(server, desk)
    server.stop()


def a_slow_server():
    server = MailServer().start()
    server.on_mail = lambda number: time.sleep(8) if number == 1 else None
    with Desk(settings(server)) as desk:
        desk.visit("token")
        made(server, desk)
    server.stop()


def away_and_back():
    server = MailServer()
    with Desk(settings(server)) as desk:
        for _ in range(3):
            desk.visit("token")
        until("the log says so", lambda: "notices are not taken" in desk.log())
        server.start()
        desk.put_forward(LATER)
        made(server, desk, 3)
        assert desk.log().count("notices are not taken") == 1, desk.log()
        assert "notices are taken again" in desk.log()
        desk.put_forward(2 * LATER)
        made(server, desk, 3)
    server.stop()


def killed_between(nodes):
    """The server has a mail, and who has sent it is killed before it hears so."""
    server = nodes.server

    def kill(number):
        server.on_mail = lambda number: None
        text = server.last.as_string()
        sender = next(desk for desk in nodes.desks if desk.url in text)
        sender.kill()
        nodes.desks.remove(sender)
        return "250 taken"

    server.on_mail = kill
    many = len(nodes.desks)
    nodes.desks[0].visit("token")
    until("one is killed", lambda: len(nodes.desks) < many)
    if not nodes.desks:
        nodes.desks.append(nodes.start(0))
    [left] = nodes.desks
    left.put_forward(LATER)
    left.visit("token")
    identities = lambda: [mail["message-id"] for mail in server.mails if mail["subject"] == MADE]
    until("a mail of the second", lambda: len(set(identities())) >= 2)
    all_sent(server, left)
    sent = identities()
    assert len(set(sent)) == 2 and len(sent) <= 3, f"none lost, at most one more: {sent}"
    left.put_forward(3 * LATER)
    all_sent(server, left)
    assert identities() == sent, identities()


def killed_between_sending_and_noting():
    server = MailServer().start()
    with Nodes(server, 1) as nodes:
        killed_between(nodes)
    server.stop()


def two_nodes_of_which_one_is_killed():
    """First each mail comes once, whoever sends it."""
    server = MailServer().start()
    with Nodes(server, 2, SURREAL) as nodes:
        for number in range(6):
            nodes.desks[number % 2].visit("token")
        made(server, nodes.desks[0], 6)
        server.mails.clear()
        killed_between(nodes)
    server.stop()


def what_is_not_wanted_is_not_sent():
    for choose in ["operator", "person"]:
        server, folder = MailServer().start(), tempfile.mkdtemp(prefix="latchkey-mail-")
        off = {"LATCHKEY_NOTICES_OFF": "token-made"} if choose == "operator" else {}
        changed = lambda: subjects(server).count("Your local password was changed")
        if choose == "person":
            # It counts three days later, so that no thief mutes what tells of them.
            with Desk(settings(server), folder) as desk:
                desk.visit("mute")
                until("that it is told", lambda: MUTED in subjects(server))
            # A desk that made no notices for three days begins with what happens from then on.
            with Desk(settings(server), folder, forward=2 * 86400) as desk:
                all_sent(server, desk)
        forward = 4 * 86400 if choose == "person" else 0
        with Desk(settings(server, **off), folder, forward=forward) as desk:
            desk.visit("token")
            # What cannot be switched off comes, and the second after whatever was before the first.
            desk.visit("password")
            until("a mail", lambda: changed() == 1)
            desk.visit("password", "plain copper teapot tia", "plain silver kettle tia")
            until("another", lambda: changed() == 2)
            assert MADE not in subjects(server), subjects(server)
        server.stop()


def tokens_that_end_soon():
    """After twenty-four days in which no node ran: each is told of once, with the days that it
    has, and of the one that nothing has used it is asked whether it is needed."""
    server, folder = MailServer().start(), tempfile.mkdtemp(prefix="latchkey-mail-")
    day = (datetime.now(timezone.utc) + timedelta(days=30)).strftime("%Y-%m-%d")
    header = re.compile(r"(?im)^latchkey-token-expires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\s*$")

    def verified(desk, token):
        curl = ["curl", "--silent", "--include", "--header", f"Authorization: token {token}"]
        answer = subprocess.run([*curl, desk.url + "/auth/verify"], capture_output=True, text=True)
        assert " 200 " in answer.stdout, answer.stdout
        return answer.stdout

    with Desk(settings(server), folder) as desk:
        used = desk.visit("token", day, "In use")
        desk.visit("token", day, "Forgotten")
        # Its use is written at the latest as the desk stops.
        assert not header.search(verified(desk, used))
    notices = lambda: sorted(subject for subject in subjects(server) if "New" not in subject)
    # Tokens are looked through at each start.
    for _ in range(2):
        with Desk(settings(server), folder, forward=24 * 86400) as desk:
            until("both", lambda: len(notices()) >= 2)
            assert header.search(verified(desk, used))
            # Of two that are made one after the other, the second comes after those of that look.
            for _ in range(2):
                all_sent(server, desk)
    assert len(notices()) == 2, notices()
    question, end = notices()
    assert question == "Do you still need your auth token “Forgotten”?", notices()
    assert re.fullmatch(r"Your auth token “In use” ends in [67] days", end), notices()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def webhooks():
    receiver = Receiver([500, 404])
    env = {"LATCHKEY_WEBHOOK_URL": receiver.url, "LATCHKEY_WEBHOOK_SECRET": SECRET}
    with Desk(env) as desk:
        token = desk.visit("token")
        until("a message", lambda: receiver.messages)
        desk.put_forward(LATER)
        until("once more", lambda: len(receiver.messages) == 2)
        desk.put_forward(3 * LATER)
        until("the last", lambda: len(receiver.messages) == 3)
        # That of a later token comes after whatever was due before.
        marker = f"Marker {next(NUMBERS)}"
        is_marker = lambda message: message["body"]["data"]["token"]["description"] == marker
        desk.visit("token", "", marker)
        until("the marker", lambda: any(map(is_marker, receiver.messages)))
        messages = [message for message in receiver.messages if not is_marker(message)]
        assert len(messages) == 3, messages
        assert all(message["good"] for message in messages), messages
        assert len({message["id"] for message in messages}) == 1, messages
        body = messages[0]["body"]
        assert body["type"] == "token-made" and body["data"]["netid"] == "tia", body
        assert body["data"]["token"]["description"] == "Measurement", body
        assert token not in json.dumps(messages) and "@" not in json.dumps(body), body
        assert SECRET not in desk.log()
    receiver.stop()


def by_hand():
    server = MailServer().start()
    env = PLAIN | settings(server, LATCHKEY_PUBLIC_URL="http://127.0.0.1:3000")
    sent = subprocess.run(
        [BINARY, "mail", "test", "ada@example.edu"],
        env=env, cwd=tempfile.gettempdir(), capture_output=True, text=True)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert [mail["to"].addresses[0].addr_spec for mail in server.mails] == ["ada@example.edu"]
    server.stop()


TESTS = [
    tls, starttls_with_a_log_in, readable_on_this_machine, a_strangers_certificate,
    a_server_without_starttls, a_wrong_password, a_mail_that_is_refused, a_mail_that_is_put_off,
    a_slow_server, away_and_back, killed_between_sending_and_noting,
    what_is_not_wanted_is_not_sent, tokens_that_end_soon, webhooks, by_hand,
]
if SURREAL:
    TESTS.insert(0, two_nodes_of_which_one_is_killed)


def tried(test):
    began = time.monotonic()
    try:
        test()
    except Exception as error:
        return test.__name__, f"{type(error).__name__}: {error}", time.monotonic() - began
    return test.__name__, None, time.monotonic() - began


with ThreadPoolExecutor(max_workers=4) as pool:
    results = list(pool.map(tried, TESTS))
for name, error, seconds in results:
    print(f"== mail: {name}: {error or 'good'} ({seconds:.0f} s)", file=sys.stderr)
failed = sum(error is not None for _, error, _ in results)
print(f"{len(results) - failed} passed, {failed} failed")
sys.exit(failed > 0)
