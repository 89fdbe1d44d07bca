"""Installs packages of Debian and Ubuntu, for what pip cannot bring."""

import os
import shutil
import subprocess


def can_install() -> bool:
    return bool(shutil.which("apt-get")) and os.geteuid() == 0


def install(*packages: str) -> None:
    """Waits for another apt that is at it. Raises CalledProcessError with what apt said."""
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", *words],
            check=True,
            capture_output=True,
            text=True,
        )
