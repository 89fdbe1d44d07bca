"""Long rows: what is held of them at once is bounded by their bytes, not by their number."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.errors import Permanent
from factory.ingest.reading import row_groups
from factory.ingest.reading.row_groups import MOST, RowGroups, at_once
from tests.ingest.reading.bench import read
from tests.ingest.reading.test_formats import parquet
from tests.ingest.reading.test_sqlite import sqlite

SCHEMA = pa.schema([("c0", pa.string())])
LONG = [f"{n:05} " * 50_000 for n in range(160)]  # 300 kB each


def no_more_than(monkeypatch: pytest.MonkeyPatch, memory: str) -> None:
    monkeypatch.setattr("factory.ingest.reading.sql._MEMORY", memory)
    monkeypatch.setattr("factory.ingest.reading.table.MORE", ())


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
    no_more_than(monkeypatch, "60MB")
    assert [value for (value,) in read({name: made(LONG)}).rows] == LONG


def test_a_row_group_that_is_larger_than_the_memory_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_more_than(monkeypatch, "50MB")
    drawn = np.random.default_rng(1).integers(0, 1 << 60, (10, 800_000))
    rows = pa.table({f"c{number}": values for number, values in enumerate(drawn)})
    file = io.BytesIO()
    pq.write_table(rows, file, row_group_size=len(rows), use_dictionary=False)
    assert read({"a.parquet": file.getvalue()}).result.rows == 800_000


def test_what_cannot_be_read_in_little_memory_is_read_in_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DuckDB holds 2,048 rows of each column, and many columns of them here."""
    rows = parquet(**{f"c{number}": list(range(100)) for number in range(1_500)})
    no_more_than(monkeypatch, "30MB")
    with pytest.raises(Permanent, match="could not be read in the memory that there is"):
        read({"a.parquet": rows})
    monkeypatch.setattr("factory.ingest.reading.table.MORE", ("31MB", "80%"))
    assert read({"a.parquet": rows}).result.rows == 100
