"""Installs what the tests of the UI need and pip cannot bring: a browser. Linux with apt."""

import shutil
import sys

from tests import apt


def main() -> int:
    if shutil.which("chromium"):
        return 0
    if not apt.can_install():
        sys.stderr.write("install chromium: the tests of the UI drive it\n")
        return 1
    apt.install("chromium")
    return 0


if __name__ == "__main__":
    sys.exit(main())
