"""Starts and stops programs on loopback."""

import ctypes
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def start(command, **options):
    """Starts a program that ends with the tests, however they end."""
    return subprocess.Popen(
        command, preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM), **options
    )


def stop(process):
    """Ends a program in its own orderly way, or after ten seconds in ours."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(condition, what, process=None, seconds=60):
    """Comes back once the condition holds; fails when it takes too long, or when the program that
    should bring it about ends."""
    end = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what}: {process.args[0]} ended with {process.returncode}")
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
