"""Long rows: what is held of them at once is bounded by their bytes, not by their number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.ingest.reading import row_groups
from factory.ingest.reading.row_groups import MOST, RowGroups, at_once
from tests.ingest.reading.bench import read
from tests.ingest.reading.test_formats import parquet
from tests.ingest.reading.test_sqlite import sqlite

SCHEMA = pa.schema([("c0", pa.string())])
LONG = [f"{n:05} " * 50_000 for n in range(160)]  # 300 kB each


def test_groups_end_where_their_rows_are_heavy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_groups, "_HEAVY", 10_000)
    monkeypatch.setattr(row_groups, "_WEIGHT", 5_000)
    path = tmp_path / "a.parquet"
    groups = RowGroups(path, SCHEMA)
    for value in ["x"] * 100 + ["y" * 1_000] * 20 + [None] * 3:
        groups.add(pa.record_batch([pa.array([value], pa.string())], SCHEMA))
    groups.close()
    found = pq.ParquetFile(path).metadata
    sizes = [found.row_group(n).num_rows for n in range(found.num_row_groups)]
    assert sum(sizes) == 123
    assert max(sizes[1:]) <= 10
    assert 1 <= groups.at_once <= 5


def test_light_rows_are_in_one_group_and_many_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    groups = RowGroups(path, SCHEMA)
    for _ in range(10):
        groups.add(pa.record_batch([pa.array(["x"] * 10_000)], SCHEMA))
    groups.close()
    assert pq.ParquetFile(path).metadata.num_row_groups == 1
    assert groups.at_once == at_once(path) == MOST


def test_a_file_without_rows_has_no_weight(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    RowGroups(path, SCHEMA).close()
    assert at_once(path) == MOST


def test_long_rows_of_parquet_are_few_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet(v=LONG))
    assert at_once(path) < 20


def _json(values: list[str]) -> bytes:
    return b"".join(b'{"v": "%s"}\n' % value.encode() for value in values)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.db", lambda values: sqlite("CREATE TABLE t (v)", rows=[[v] for v in values])),
        ("a.ndjson", _json),
    ],
)
def test_long_rows_are_read_in_little_memory(
    monkeypatch: pytest.MonkeyPatch, name: str, made: Callable[[list[str]], Any]
) -> None:
    monkeypatch.setattr("factory.ingest.reading.sql._MEMORY", "60MB")
    assert [value for (value,) in read({name: made(LONG)}).rows] == LONG
