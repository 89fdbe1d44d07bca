"""Installs the BigQuery stand-in in a Python of its own: `python -m tests.standins.install`.

It goes to `.test-tools/local-bigquery` of this repository, once. Calling again costs nothing,
calling several times at once is safe, and a failure says what was tried.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests import apt

FOLDER = Path(__file__).parents[2] / ".test-tools" / "local-bigquery"
PROGRAM = FOLDER / "venv" / "bin" / "local-bigquery"
HOME = FOLDER / "home"  # where the server looks for DuckDB's extensions

_DUCKDB = "1.5.5"
_EXTENSIONS = ("icu", "ducklake", "spatial", "httpfs")
_PACKAGES = (
    "local-bigquery==0.4.0",
    *(f"duckdb-extension-{name}=={_DUCKDB}" for name in _EXTENSIONS),
)
_OVERRIDE = f"duckdb=={_DUCKDB}"
_INSIDE = FOLDER / "venv" / "bin" / "python"
_MARK = FOLDER / "complete"
_RECIPE = hashlib.sha256("\n".join([*_PACKAGES, _OVERRIDE]).encode()).hexdigest()
_LOAD_EXTENSIONS = """
import duckdb, glob, sysconfig, sys
packages = sysconfig.get_paths()["purelib"]
connection = duckdb.connect()
for name in sys.argv[1:]:
    found = glob.glob(f"{packages}/duckdb_extension_{name}/extensions/*/{name}.duckdb_extension")
    connection.execute(f"INSTALL {found[0]!r}")
    connection.execute(f"LOAD {name}")
"""


class InstallError(Exception):
    """The stand-in cannot be installed here; the message says what was tried."""


def install() -> str:
    """Make sure that the stand-in is there; one line about what was done."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_complete():
            return f"the BigQuery stand-in is installed in {FOLDER}"
        python = _find_python()
        _build(python)
    return f"installed the BigQuery stand-in in {FOLDER} with {python}"


def _is_complete() -> bool:
    return _MARK.is_file() and _MARK.read_text() == _RECIPE and _runs(str(_INSIDE), "-c", "")


def _build(python: str) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    HOME.mkdir(parents=True)
    override = FOLDER / "override.txt"
    override.write_text(_OVERRIDE + "\n")
    _must([python, "-m", "venv", str(FOLDER / "venv")])
    _must([str(_INSIDE), "-m", "pip", "install", "--quiet", "uv"])
    uv = str(_INSIDE.with_name("uv"))
    _must([uv, "pip", "install", "--quiet", "--python", str(_INSIDE),
           "--override", str(override), *_PACKAGES], {"UV_SYSTEM_CERTS": "1"})  # fmt: skip
    _must([str(_INSIDE), "-c", _LOAD_EXTENSIONS, *_EXTENSIONS], {"HOME": str(HOME)})
    _MARK.write_text(_RECIPE)


def _find_python() -> str:
    tried = []
    for candidate in _candidates():
        if _runs(
            candidate, "-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 13)"
        ):
            return candidate
        tried.append(candidate)
    raise InstallError(
        "the BigQuery stand-in needs Python 3.13 or newer, and none that runs was found; "
        f"tried {', '.join(tried) or 'nothing'}. Install one, for example: "
        "uv python install 3.13, pyenv install 3.13, or apt-get install python3.13-venv"
    )


def _candidates() -> Iterator[str]:
    yield sys.executable
    for name in ("python3.13", "python3.14"):
        if program := shutil.which(name):
            yield program
    pyenv = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    for version in ("3.13", "3.14"):
        found = Path(pyenv).glob(f"versions/{version}*/bin/python{version}")
        yield from sorted(map(str, found))
    if uv := shutil.which("uv"):
        for arguments in (["python", "find", "3.13"], ["python", "install", "3.13"]):
            subprocess.run([uv, *arguments], capture_output=True, timeout=600, check=False)
            there = subprocess.run(
                [uv, "python", "find", "3.13"], capture_output=True, text=True, check=False
            )
            if there.returncode == 0:
                yield there.stdout.strip()
    if apt.can_install():
        with suppress(subprocess.CalledProcessError):  # older systems have none; then it is said
            apt.install("python3.13", "python3.13-venv")
        yield "/usr/bin/python3.13"


def _runs(program: str, *arguments: str) -> bool:
    try:
        done = subprocess.run([program, *arguments], capture_output=True, timeout=60, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _must(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    try:
        sys.stdout.write(install() + "\n")
    except InstallError as error:
        sys.exit(f"cannot install the BigQuery stand-in: {error}")
