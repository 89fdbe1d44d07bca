"""Runs in a row leave nothing behind, and the soak would tell if they did."""

import subprocess
import sys
from pathlib import Path

from tests.faults.growth import Sample, growth

_ROOT = Path(__file__).parents[2]


def test_some_runs_in_a_row_leave_memory_disk_and_descriptors_as_they_were() -> None:
    """Their time is not judged here: other tests run at the same time. The DuckDB file is as large
    as it gets after some loads, whose row groups wait for being made one."""
    command = [sys.executable, "-m", "tests.faults.soak", "--runs", "100", "--seed", "3"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    first, last, *found = done.stdout.splitlines()
    assert first.partition("MB, ")[2].split()[:2] == last.partition("MB, ")[2].split()[:2]
    assert "every row right" in found[-1]
    grown = [line for line in found if line.startswith("GREW")]
    assert [line for line in grown if "seconds" not in line] == [], done.stdout


def test_growth_is_told() -> None:
    flat = [Sample(1.0, 100.0, 9, 1000)] * 10
    assert growth(flat) == []
    grown = [*flat[:8], *[Sample(2.0, 150.0, 10, 3000)] * 2]
    assert [line.split()[0] for line in growth(grown)] == ["seconds", "megabytes", "disk", "more"]
