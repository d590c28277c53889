"""A plugin of detect-secrets that finds Latchkey's tokens.

    detect-secrets scan --plugin latchkey_detect_secrets.py

A token is `latchkey_`, 30 random characters, and 6 that are the CRC32 of what precedes them: what
only looks like one is not reported.
"""

import re
import zlib

from detect_secrets.plugins.base import RegexBasedDetector

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# How many characters the checksum has.
CHECK = 6


def checksum(body: str) -> str:
    """The CRC32 of what precedes it, in base62, the most significant digit first."""
    rest = zlib.crc32(body.encode("ascii"))
    digits = ""
    for _ in range(CHECK):
        rest, digit = divmod(rest, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


class LatchkeyTokenDetector(RegexBasedDetector):
    """Finds tokens by their prefix and their checksum."""

    secret_type = "Latchkey Token"

    denylist = (re.compile(r"latchkey_[0-9A-Za-z]{36}"),)

    def analyze_string(self, string: str):
        for found in super().analyze_string(string):
            if checksum(found[:-CHECK]) == found[-CHECK:]:
                yield found
