"""Installs what the tests of the UI need and pip cannot bring: a browser. Linux with apt."""

import shutil
import subprocess
import sys


def main() -> int:
    if shutil.which("chromium"):
        return 0
    if not shutil.which("apt-get"):
        sys.stderr.write("install chromium: the tests of the UI drive it\n")
        return 1
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
