"""Installs the YAML language server that the tests talk to: `python -m tests.editors.install`.

It goes to `.test-tools/yaml-language-server` of this repository, once, in the versions of
package-lock.json. Where node is missing and apt is there, node comes first. Calling again costs
nothing and needs no network, and calling several times at once is safe.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests import apt

FOLDER = Path(__file__).parents[2] / ".test-tools" / "yaml-language-server"
PROGRAM = ("node", str(FOLDER / "node_modules/yaml-language-server/bin/yaml-language-server"))

_HERE = Path(__file__).parent
_RECIPE = ("package.json", "package-lock.json")
_MARK = FOLDER / "complete"


class InstallError(Exception):
    """The language server cannot be installed here; the message says what was tried."""


def install() -> str:
    """Make sure that the server is there; one line about what was done."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "editors.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_node()
        recipe = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _RECIPE))
        if _MARK.is_file() and _MARK.read_text() == recipe.hexdigest():
            return f"the YAML language server is installed in {FOLDER}"
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        for name in _RECIPE:
            shutil.copy(_HERE / name, FOLDER / name)
        _must(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(FOLDER)])
        _MARK.write_text(recipe.hexdigest())
    return f"installed the YAML language server in {FOLDER}"


def _install_node() -> None:
    """node runs the server, npm brings it. Debian and Ubuntu have both as packages."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if not missing:
        return
    lacking = " and ".join(missing)
    if not apt.can_install():
        raise InstallError(f"{lacking} is missing; install it, on Debian: apt install nodejs npm")
    sys.stdout.write(f"{lacking} is missing: installing nodejs and npm with apt\n")
    apt.install("nodejs", "npm")


def _must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    try:
        sys.stdout.write(install() + "\n")
    except InstallError as error:
        sys.exit(f"cannot install the YAML language server: {error}")
