"""A service that remembers what reaches it and says it back; also in Latchkey's place, to see what
it would be told."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# RFC 6455: what a server's answer to a key is made with.
WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A proxy may drop a connection when it likes."""


class Service:
    def __init__(self):
        # What it answers: status and headers.
        self.answer = (200, {})
        # Whether it hangs up instead.
        self.down = False
        self.seen = []
        self.connections = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                service.connections += 1

            def do_GET(self):
                if service.down:
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                request = {
                    "method": self.command,
                    "path": self.path,
                    "headers": self.headers.items(),
                    "body": body,
                }
                service.seen.append(request)
                if self.headers.get("Upgrade") == "websocket":
                    return self.echo()
                status, headers = service.answer
                text = json.dumps(request).encode()
                self.send_response(status)
                for name, value in {"Content-Length": len(text), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            def echo(self):
                """In place of HTTP, says back what comes until nothing does."""
                accept = base64.b64encode(
                    hashlib.sha1(
                        f"{self.headers['Sec-WebSocket-Key']}{WEBSOCKET}".encode()
                    ).digest()
                ).decode()
                self.send_response_only(101)
                for name, value in {
                    "Upgrade": "websocket",
                    "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": accept,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                while data := self.rfile.read1():
                    self.wfile.write(data)
                self.close_connection = True

            do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_GET

            def log_message(self, *_):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
