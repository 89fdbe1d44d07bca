"""Installs packages of Debian and Ubuntu, for what pip cannot bring."""

import os
import shutil
import subprocess


def can_install() -> bool:
    return bool(shutil.which("apt-get")) and os.geteuid() == 0


def install(*packages: str) -> None:
    """Waits for another apt; what it complains of is shown. Raises CalledProcessError."""
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )
