"""Installs what faults of the clock need and pip cannot bring: libfaketime. Linux with apt."""

import sys
from pathlib import Path

from tests import apt

_PLACES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/local/lib/faketime")


def clock_library() -> Path:
    """The library that shows a process another time of day. Raises FileNotFoundError."""
    for place in _PLACES:
        for found in Path("/").glob(f"{place.lstrip('/')}/libfaketimeMT.so.1"):
            return found
    raise FileNotFoundError("libfaketime is missing: python -m tests.faults.install")


def main() -> int:
    try:
        clock_library()
    except FileNotFoundError:
        apt.install("libfaketime")
    return 0


if __name__ == "__main__":
    sys.exit(main())
