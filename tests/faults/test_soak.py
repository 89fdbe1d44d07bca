"""Runs in a row leave nothing behind, and the soak would tell if they did."""

import os
import tempfile
from pathlib import Path

from tests.faults.soak import Sample, growth, soak


def test_some_runs_in_a_row_keep_their_files_and_descriptors(tmp_path: Path) -> None:
    before = dict(os.environ)
    samples = soak(tmp_path, runs=12, seed=3)
    assert dict(os.environ) == before
    assert Path(tempfile.gettempdir()).exists()
    assert samples[-1].descriptors <= samples[3].descriptors
    assert samples[-1].disk <= samples[5].disk * 1.5


def test_growth_is_told() -> None:
    flat = [Sample(1.0, 100.0, 9, 1000)] * 10
    assert growth(flat) == []
    grown = [*flat[:8], Sample(2.0, 150.0, 10, 3000), Sample(2.0, 150.0, 10, 3000)]
    assert [line.split()[0] for line in growth(grown)] == ["seconds", "megabytes", "disk", "more"]
