"""Projects in a temporary folder, as a user would have them, and running them for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from factory.orchestration.running import RunReport, run_pipeline
from factory.spec.project import Project, load_project
from tests.loopback.http import ALLOWED

ROOT = Path(__file__).parents[2]


def new_project(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """A folder with this repository's settings, and `files` in place of its pipelines.

    Its http sources may ask the loopback."""
    for name in ("factory.yaml", "dagster.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, folder / name)
    with (folder / "factory.yaml").open("a") as settings:
        settings.write(ALLOWED)
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def covid_project(folder: Path) -> Path:
    """A project with the shipped covid pipeline alone."""
    return new_project(
        folder, {"pipelines/covid.yaml": (ROOT / "pipelines/covid.yaml").read_text()}
    )


def load(folder: Path) -> Project:
    """The project, which must have no problems."""
    project = load_project(folder, os.environ)
    assert not project.problems, project.problems
    return project


def run(folder: Path, name: str, target: str | None = None, sample: int | None = None) -> RunReport:
    """One run through Dagster in this process, as `factory run` does it."""
    project = load(folder)
    chosen = project.factory.target(target)
    assert chosen is not None
    return run_pipeline(project, chosen, name, sample=sample)


def factory(
    folder: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`factory …` as a process of its own, typed in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "factory", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
