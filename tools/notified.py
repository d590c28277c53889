"""Stands for systemd: waits at a socket until a service says there that it is ready.
usage: notified.py SOCKET SECONDS"""

import os
import socket
import sys

where, seconds = sys.argv[1], float(sys.argv[2])
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
    notified.bind(where)
    os.chmod(where, 0o666)
    notified.settimeout(seconds)
    try:
        while True:
            message = notified.recv(4096).decode()
            print(message, flush=True)
            if "READY=1" in message.split("\n"):
                break
    except TimeoutError:
        sys.exit("nobody has said READY=1")
