"""Many specs, some of them broken: all are told, and the others are whole."""

import resource
import time
from pathlib import Path

import pytest

from benchmarks.projects import write_project
from benchmarks.scale import check, dagster_shows

COUNT, BROKEN = 200, 10
LIMIT = 2.0 * COUNT / 1000 + 0.3  # seconds of CPU: two for a thousand specs, and the start
_WORK_TAKES = 0.04  # seconds, where LIMIT was set


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("many"), COUNT, BROKEN)


def test_check_names_every_broken_file_in_little_time(root: Path) -> None:
    measured = []
    for _ in range(3):
        slowness = max(1.0, work() / _WORK_TAKES)
        files, seconds = check(root)
        assert files == BROKEN
        measured.append(seconds / slowness)
    assert min(measured) < LIMIT


def test_dagster_shows_the_good_ones_and_a_failing_check_for_each_other(root: Path) -> None:
    assert dagster_shows(root) == (COUNT - BROKEN, BROKEN)


def work() -> float:
    """CPU seconds of some work that does not depend on us."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    found: dict[str, int] = {}
    for number in range(150_000):
        key = str(number % 1000)
        found[key] = found.get(key, 0) + isinstance(key, str)
    assert time.monotonic() > 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
