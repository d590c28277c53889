"""What a WSGI program knows of its request; run by itself, on the port named, by Python's own
server."""

import json
import sys
from wsgiref.simple_server import make_server


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [
        json.dumps(
            {name: value for name, value in environ.items() if isinstance(value, str)}
        ).encode()
    ]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
