"""Requests as a client sends them, down to headers that a library would tidy up."""

import base64
import http.client
import json

# What some proxy or framework reads as the name of whoever is logged in.
IDENTITY = [
    *("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Latchkey-Token"),
    *("X-Remote-User", "X-Remote-Name", "X-Remote-Email", "X-Remote-Groups", "X-Remote-Group"),
    *("X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username"),
    *("X-Auth-User", "X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups"),
    *("X-Authenticated-User", "X-Webauth-User", "X-User"),
    # The same to CGI, FastCGI and WSGI, which know no difference between - and _.
    *("Remote_User", "REMOTE_USER", "remote_user", "X_Remote_User", "X-Remote_User", "Remote_Groups", "HTTP_REMOTE_USER"),
]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)


def ask(port, path="/", method="GET", headers=(), body=None):
    """One request on a connection of its own, with these headers in this order, be they doubled or odd."""
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    if body is not None:
        pairs.append(("Content-Length", str(len(body))))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest(method, path)
        for name, value in pairs:
            connection.putheader(name, value)
        connection.endheaders(body.encode() if body is not None else None)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def token(value):
    return {"Authorization": f"token {value}"}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def spoofed(name):
    """Every header that might say that it is `name`."""
    return {header: name for header in IDENTITY}


def received(answer):
    """The headers that reached the service."""
    assert answer.status == 200, answer.text
    return {name.lower(): value for name, value in answer.json["headers"]}
