"""A server as if it were far away."""

import queue
import socket
import threading
import time


class Distance:
    """What comes to `url`'s port goes on to another port of this machine, and back, each way taking
    half of `round_trip` seconds."""

    def __init__(self, url, round_trip):
        scheme, host, port = url.split(":")
        self._there = int(port)
        self._one_way = round_trip / 2
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"{scheme}:{host}:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._door.close()

    def _accept(self):
        while True:
            try:
                here, _ = self._door.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self._there))
            for source, target in ((here, there), (there, here)):
                under_way = queue.SimpleQueue()
                threading.Thread(
                    target=self._receive, args=(source, under_way), daemon=True
                ).start()
                threading.Thread(
                    target=self._deliver, args=(under_way, target), daemon=True
                ).start()

    def _receive(self, source, under_way):
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            under_way.put((time.monotonic() + self._one_way, data))
            if not data:
                return

    def _deliver(self, under_way, target):
        # As a line does: later data leaves before earlier data has arrived.
        while True:
            due, data = under_way.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
            except OSError:
                return
