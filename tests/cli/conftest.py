"""A project in a folder of its own, and the command line run in this process or another."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from factory.cli import main

PYTHON = Path(sys.executable)
ROOT = Path(__file__).parents[2]

COVID = """\
source: {kaggle: meirnizri/covid19-dataset}
bucket: covid-bucket
table:
  name: covid19_dataset.covid_data
columns:
  - {name: AGE, type: INT64, nullable: false, min: 0, max: 125, description: Age in years}
  - {name: DATE_DIED, rename: died, type: DATE}
checks:
  - row_count: {min: 1}
  - sql: {name: no_future, query: "SELECT * FROM {table} WHERE died > CURRENT_DATE", severity: warn}
schedule: "0 2 * * *"
freshness: {max_age: 36h}
"""


@dataclass(frozen=True)
class Result:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Folder:
    """A project on disk."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        """Put a file there; the text may be indented."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A project with the pipeline covid and a second one in a group; the current folder."""
    for name in ("FACTORY_TARGET", "GCP_PROJECT", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    folder = Folder(tmp_path)
    folder.write("factory.yaml", (ROOT / "factory.yaml").read_text(encoding="utf-8"))
    folder.write("pipelines/covid.yaml", COVID)
    folder.write(
        "pipelines/nature/quakes.yaml",
        """\
        source: {http: "https://example.org/quakes.csv"}
        bucket: quakes-bucket
        table: nature.quakes
        """,
    )
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def factory(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run a command line in this process."""

    def run(*words: str) -> Result:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


def in_a_process(
    *words: str, cwd: Path, env: Mapping[str, str] | None = None, python: Path = PYTHON
) -> Result:
    """Run a command line as a person would: another process, no terminal."""
    done = subprocess.run(
        [python, "-m", "factory", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr)
