"""Batches that come together."""

import pyarrow as pa
import pytest

from factory.ingest.reading import gathering
from factory.ingest.reading.gathering import gathered


def test_small_batches_come_together_and_heavy_ones_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "ROWS", 5)
    monkeypatch.setattr(gathering, "HEAVY", 1_000)
    texts = [["a", "b"], ["c"], ["d", "e", "f"], ["x" * 1_200], ["y"], ["z" * 1_100], [], ["last"]]
    batches = (pa.record_batch([pa.array(each, pa.string())], names=["t"]) for each in texts)
    found = [batch["t"].to_pylist() for batch in gathered(batches)]
    assert [len(each) for each in found] == [6, 1, 2, 1]
    assert [text for each in found for text in each] == [text for each in texts for text in each]


def test_of_nothing_comes_nothing() -> None:
    assert list(gathered(iter(()))) == []
