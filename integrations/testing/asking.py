"""Requests as a client sends them, down to headers that a library would tidy up."""

import base64
import http.client
import json
import socket

# What some proxy or framework reads as the name of whoever is logged in, or as an address that was
# asked for.
IDENTITY = [
    *("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups", "Latchkey-Token"),
    *("X-Remote-User", "X-Remote-Name", "X-Remote-Email", "X-Remote-Groups", "X-Remote-Group"),
    *(
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Groups",
        "X-Forwarded-Preferred-Username",
    ),
    *("X-Auth-User", "X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups"),
    *(
        "X-Authenticated-User",
        "X-Webauth-User",
        "X-User",
        "X-Auth-Request-Preferred-Username",
        "X-Authenticated-Userid",
    ),
    *(
        "X-Consumer-Username",
        "Oidc-Claim-Sub",
        "Remote-Userid",
        "Auth-User",
        "X-Token-User",
        "X-Client-Cert",
        "Http-Remote-User",
    ),
    *(
        "Forwarded",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Real-IP",
    ),
    # The same to CGI, FastCGI and WSGI, which know no difference between - and _.
    *(
        "Remote_User",
        "REMOTE_USER",
        "remote_user",
        "X_Remote_User",
        "X-Remote_User",
        "Remote_Groups",
        "HTTP_REMOTE_USER",
    ),
]

# What may stand in a header's name beside letters and digits (RFC 9110, token). PHP reads a dot as
# an underscore, lighttpd each of them, CGI and WSGI the hyphen.
SEPARATORS = "-_.!#$%&'*+^`|~"

# With these, frameworks take a GET for the method that they name.
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)


def ask(port, path="/", method="GET", headers=(), body=None):
    """One request on a connection of its own, with these headers in this order, be they doubled or
    odd."""
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    if body is not None:
        pairs.append(("Content-Length", str(len(body))))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in pairs:
            connection.putheader(name, value)
        connection.endheaders(body.encode() if body is not None else None)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def raw(port, text):
    """A request written out, where no library would write it like that."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text.encode("latin-1"))
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Answer(response)


def token(value):
    return {"Authorization": f"token {value}"}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def spoofed(name):
    """Every header that might say that it is `name`."""
    return {header: name for header in IDENTITY}


def spelled(separator, name):
    """Headers that say it is `name`, with another separator in place of each hyphen."""
    names = [
        "Remote-User",
        "Remote-Name",
        "Remote-Email",
        "Remote-Groups",
        "Latchkey-Token",
        "X-Remote-User",
        "X-Forwarded-User",
    ]
    return {
        header.replace("-", separator): name
        for header in [*names, "Http-Remote-User", "Auth-User", "X-Auth-Request-User"]
    }


def received(answer):
    """The headers that reached the service."""
    assert answer.status == 200, answer.text
    return {name.lower(): value for name, value in answer.json["headers"]}


def no_good(value):
    """What somebody may show who has no good token, though they know one of tia's: `value`."""
    mistyped = value[:-1] + ("a" if value[-1] != "a" else "b")
    return [
        {},
        token("latchkey_nonsense"),
        token(mistyped),
        basic("rae", value),
        {"Authorization": f"Digest {value}"},
        {"Authorization": ""},
        {"Cookie": f"token={value}"},
    ]
