"""Runs the tests of the folders named; the last line is the total."""

import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

INTEGRATIONS = Path(__file__).resolve().parents[1]


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


def interrupt(*_):
    raise KeyboardInterrupt


# However it is told to: what was started is stopped in its order.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, interrupt)

folder = tempfile.mkdtemp(prefix="latchkey-integrations-")
count = Count()
status = pytest.main(
    ["-v", "-c", f"{INTEGRATIONS}/pytest.ini", f"--basetemp={folder}/tests", *sys.argv[1:]],
    plugins=[count],
)
if status and not count.failed:
    count.failed += 1  # interrupted, or no test found
if count.failed and status != pytest.ExitCode.INTERRUPTED:
    print(f"logs and configurations are kept in {folder}")
else:
    shutil.rmtree(folder)
print(f"{count.passed} passed, {count.failed} failed")
sys.exit(130 if status == pytest.ExitCode.INTERRUPTED else count.failed > 0)
