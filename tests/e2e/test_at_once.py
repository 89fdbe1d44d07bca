"""The same pipeline run by three people in the same second, in a project that never ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from factory.warehouses.duckdb import DuckDbWarehouse
from tests.e2e.projects import ROOT, new_project
from tests.loopback.kaggle import LoopbackKaggle

PIPELINE = "source: {kaggle: owner/letters}\nbucket: letters-bucket\ntable: d.letters\n"


def test_the_rows_are_there_once_and_everybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_project(tmp_path, {"pipelines/letters.yaml": PIPELINE})
    with LoopbackKaggle() as kaggle:
        kaggle.publish("owner/letters", {"letters.csv": b"id\n1\n2\n"})
        monkeypatch.setenv("KAGGLE_API_ENDPOINT", kaggle.endpoint)
        runs = [_start(tmp_path) for _ in range(3)]
        said = [run.communicate(timeout=200)[0] for run in runs]
    ended = [(run.returncode, text) for run, text in zip(runs, said, strict=True)]
    # Who comes first loads. The others find it done, or the run that is at it, and name it.
    told = {0: "letters: done in", 2: "error: letters is still running since"}
    assert all(told[code] in text for code, text in ended), "\n\n".join(said)
    assert any(code == 0 for code, _ in ended)
    warehouse = DuckDbWarehouse(tmp_path / ".factory/warehouse.duckdb")
    assert warehouse.query("SELECT count(*) AS n FROM d.letters") == [{"n": 2}]
    assert warehouse.query("SELECT count(*) AS n FROM d._factory_loads") == [{"n": 1}]
    [left] = warehouse.query("SELECT count(*) AS n FROM duckdb_tables()")
    assert left == {"n": 2}  # nothing staged is left


def _start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "factory", "run", "letters"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
