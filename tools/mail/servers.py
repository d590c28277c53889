"""A mail server that takes, refuses, puts off or is slow, and a receiver of webhooks that looks at
signatures: both real, both on loopback."""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

FIXTURES = "server/src/audit_stream/fixtures"
USER, PASSWORD = "latchkey", "a password of the mail server's"
SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, or so").decode()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def own_certificate():
    """For localhost, by the authority of the fixtures."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{FIXTURES}/receiver.txt", f"{FIXTURES}/receiver_key.txt")
    return context


class MailServer:
    """`security`: none, starttls or tls. What `on_recipient` and `on_mail` answer is answered, if
    it is anything."""

    def __init__(self, security="none", login=False, port=None):
        self.port = port or free_port()
        self.security, self.login = security, login
        self.mails, self.recipients, self.by_tls, self.log_ins = [], [], [], 0
        self.on_recipient = self.on_mail = lambda number: None
        self.controller, self.last = None, None

    def start(self):
        options = {"auth_required": True, "authenticator": self.authenticate} if self.login else {}
        if self.login and self.security == "none":
            options["auth_require_tls"] = False
        if self.security == "tls":
            options["ssl_context"] = own_certificate()
        if self.security == "starttls":
            options |= {"tls_context": own_certificate(), "require_starttls": True}
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    def authenticate(self, server, session, envelope, mechanism, data):
        self.log_ins += 1
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=good, handled=good)

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.recipients.append(address)
        answer = self.on_recipient(len(self.recipients))
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        # The session knows of STARTTLS alone; a server that begins with TLS speaks nothing else.
        self.by_tls.append(self.security == "tls" or session.ssl is not None)
        self.last = mail
        number = len(self.mails) + 1
        answer = self.on_mail(number)
        if answer is None or answer.startswith("2"):
            self.mails.append(mail)
        return answer or "250 taken"


class Receiver:
    """Of webhooks: each with whether its signature holds."""

    def __init__(self, statuses=()):
        self.messages, self.statuses = [], list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.messages.append(receiver.read(self.headers, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def read(self, headers, body):
        name, at = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(signed).decode()
        good = hmac.compare_digest(expected, headers["webhook-signature"])
        recent = abs(time.time() - int(at)) < 3600
        return {"id": name, "good": good and recent, "body": json.loads(body)}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
