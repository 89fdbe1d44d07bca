"""A project to be looked at, and the command that looks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factory.cli import main

ROOT = Path(__file__).parents[2]
COVID = """\
source: {kaggle: owner/people}
bucket: people-bucket
table: raw.people
schedule: "@daily"
"""
Doctor = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With this repository's settings and one pipeline; the current folder."""
    for name in ("DAGSTER_HOME", "FACTORY_TARGET", "KAGGLE_API_TOKEN", "KAGGLE_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = tmp_path / "project"
    (root / "pipelines").mkdir(parents=True)
    for name in ("factory.yaml", "dagster.yaml"):
        (root / name).write_text((ROOT / name).read_text())
    (root / "pipelines" / "people.yaml").write_text(COVID)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def doctor(project: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """`factory doctor --format json` with these words; its exit code and findings."""

    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        code = main(["doctor", *words, "--format", "json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def about(findings: list[dict[str, Any]], subject: str) -> dict[str, Any]:
    """The first finding whose subject begins so, the worst before others."""
    ranks = ["error", "warning", "ok"]
    fitting = [one for one in findings if one["subject"].startswith(subject)]
    return min(fitting, key=lambda one: ranks.index(one["level"]))
