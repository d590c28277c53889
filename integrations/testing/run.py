"""Runs the tests of the folders named; the last line is the total."""

import signal
import sys

import pytest


class Count:
    """What has passed and what has not, set-up and ending included."""

    def __init__(self):
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1

    def pytest_collectreport(self, report):
        self.failed += report.failed


def told_to_stop(*_):
    raise KeyboardInterrupt


# Ends as Ctrl-C does, so that what was started is stopped.
signal.signal(signal.SIGTERM, told_to_stop)
signal.signal(signal.SIGHUP, told_to_stop)

count = Count()
status = pytest.main(["-v", *sys.argv[1:]], plugins=[count])
if status and not count.failed:
    count.failed += 1  # interrupted, or no test found
print(f"{count.passed} passed, {count.failed} failed")
sys.exit(130 if status == pytest.ExitCode.INTERRUPTED else count.failed > 0)
