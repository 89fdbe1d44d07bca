import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

# As much of Python as making an environment takes, without the half minute that pip's part takes.
_PYTHON = """
case "$1" in
    --version) echo "Python 3.11.0" ;;
    -m) mkdir -p "$3/bin" && touch "$3/bin/python" ;;
esac
"""


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the Makefile and, beside it, a PATH without any Python."""
    for name in ("Makefile", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("bash", "sed", "expand", "mkdir", "rm", "touch"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    make_program = shutil.which("make")
    assert make_program is not None
    return subprocess.run(
        [make_program, *words],
        cwd=folder,
        env={**os.environ, "PATH": str(folder / "bin"), "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
    )


def test_make_alone_lists_what_there_is(bare: Path) -> None:
    done = make(bare)
    assert done.returncode == 0
    for target in ("run", "dev", "check", "test", "lint", "docs", "clean"):
        assert f"  make {target} " in done.stdout


def test_without_a_python_make_says_what_to_install(bare: Path) -> None:
    done = make(bare, "run")
    assert done.returncode == 2
    assert "no Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_a_python_that_is_too_old_or_broken_is_passed_over(bare: Path) -> None:
    for name, script in (("python3", "exit 1"), ("python3.11", _PYTHON)):
        program = bare / "bin" / name
        program.write_text(f"#!/usr/bin/env bash\n{script}\n")
        program.chmod(0o755)
    done = make(bare, ".venv/bin/python")
    assert done.returncode == 0, done.stderr
    assert (bare / ".venv/bin/python").exists()
    assert "python3.11" in done.stdout


def test_clean_leaves_what_people_wrote(bare: Path) -> None:
    for name in (".venv", ".factory", ".dagster", "build", "pipelines"):
        (bare / name).mkdir()
    assert make(bare, "clean").returncode == 0
    left = {path.name for path in bare.iterdir()}
    assert left == {"Makefile", "pyproject.toml", "setup.py", "bin", "pipelines"}
