"""Installs what pip cannot bring: libfaketime, for faults of the clock, and a C compiler, for those
of the disk. Linux with apt."""

import shutil
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


def compiler() -> str:
    """The path of a C compiler. Raises FileNotFoundError."""
    found = shutil.which("cc")
    if found is None:
        raise FileNotFoundError("a C compiler is missing: python -m tests.faults.install")
    return found


def main() -> int:
    for look, packages in ((clock_library, ["libfaketime"]), (compiler, ["gcc", "libc6-dev"])):
        try:
            look()
        except FileNotFoundError:
            apt.install(*packages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
