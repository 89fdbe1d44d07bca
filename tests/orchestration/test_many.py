"""Many specs, some of them broken: all are told, and the others are whole."""

from pathlib import Path

import pytest

from benchmarks.projects import write_project
from benchmarks.scale import check, dagster_shows

COUNT, BROKEN = 200, 10


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("many"), COUNT, BROKEN)


def test_check_names_every_broken_file(root: Path) -> None:
    files, _ = check(root)
    assert files == BROKEN


def test_dagster_shows_the_good_ones_and_a_failing_check_for_each_other(root: Path) -> None:
    assert dagster_shows(root) == (COUNT - BROKEN, BROKEN)
