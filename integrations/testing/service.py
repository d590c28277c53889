"""A service that remembers what reaches it and says it back; also in Latchkey's place, to see what it would be told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A proxy may drop a connection when it likes."""


class Service:
    def __init__(self):
        # What it answers: status and headers.
        self.answer = (200, {})
        self.seen = []
        self.connections = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                service.connections += 1

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                request = {"method": self.command, "path": self.path, "headers": self.headers.items(), "body": body}
                service.seen.append(request)
                status, headers = service.answer
                text = json.dumps(request).encode()
                self.send_response(status)
                for name, value in {"Content-Length": len(text), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

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
