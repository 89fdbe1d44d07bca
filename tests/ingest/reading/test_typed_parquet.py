"""The encoder works in a thread: what it raises must come out, and nothing may stay behind."""

import _thread
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.ingest.reading import typed_parquet
from factory.ingest.reading.typed_parquet import TypedParquet

SCHEMA = pa.schema([("n", pa.int64())])


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def add(file: TypedParquet, start: int, rows: int) -> None:
    file.add([pa.array(range(start, start + rows), pa.int64())], rows)


def encodings(path: Path) -> dict[str, tuple[str, ...]]:
    """How the values of each column are written."""
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    return {column.path_in_schema: column.encodings for column in columns}


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = _thread._count()  # those without a name, too
    yield
    late = time.monotonic() + 60  # a thread whose work is over takes a moment to go
    while _thread._count() > before and time.monotonic() < late:
        time.sleep(0.001)
    assert _thread._count() <= before


def test_a_full_disk_is_an_error_of_the_writer_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_parquet, "_GROUP", 4_096)
    path = tmp_path / "rows.parquet"
    with disk_of(10_000):
        file = TypedParquet(path, SCHEMA)
        with pytest.raises(OSError, match="File too large"):
            add(file, 0, 40_960)
    file.abandon()
    assert not path.exists()


def test_a_disk_that_is_full_at_the_last_group_is_an_error_of_close(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with disk_of(10_000):
        file = TypedParquet(path, SCHEMA)
        add(file, 0, 40_000)
        with pytest.raises(OSError, match="File too large"):
            file.close()


def test_groups_are_written_in_the_order_in_which_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_parquet, "_GROUP", 2_048)
    path = tmp_path / "rows.parquet"
    file = TypedParquet(path, SCHEMA)
    for start in range(0, 10_000, 500):
        add(file, start, 500)
    file.close()
    written = pq.ParquetFile(path)
    assert written.read()["n"].to_pylist() == list(range(10_000))
    assert [written.metadata.row_group(n).num_rows for n in range(5)] == [2_048] * 4 + [1_808]


def test_only_values_that_come_again_are_kept_in_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    schema = pa.schema([("id", pa.int64()), ("kind", pa.string()), ("nothing", pa.string())])
    file = TypedParquet(path, schema)
    rows = 50_000
    kinds = pa.array(["one", "another"] * (rows // 2))
    file.add([pa.array(range(rows), pa.int64()), kinds, pa.nulls(rows, pa.string())], rows)
    file.close()
    assert "RLE_DICTIONARY" in encodings(path)["kind"]
    assert "RLE_DICTIONARY" not in encodings(path)["id"]
    assert pq.read_table(path).num_rows == rows


def test_no_least_and_greatest_of_long_texts(tmp_path: Path) -> None:
    """Arrow would copy each of them several times, and write none."""
    path = tmp_path / "rows.parquet"
    file = TypedParquet(path, pa.schema([("short", pa.string()), ("long", pa.string())]))
    file.add([pa.array(["b", "a"]), pa.array(["x" * 9_000, "y" * 9_000])], 2)
    file.close()
    group = pq.read_metadata(path).row_group(0)
    assert group.column(0).statistics.min == "a"
    assert group.column(1).statistics is None


def test_groups_of_hundreds_of_columns_end_earlier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_parquet, "_OF_WIDE_ROWS", 1_000_000)
    path = tmp_path / "rows.parquet"
    file = TypedParquet(path, pa.schema([(f"n{n}", pa.int64()) for n in range(130)]))
    file.add([pa.array(range(2_000), pa.int64())] * 130, 2_000)
    file.close()
    written = pq.read_metadata(path)
    assert [written.row_group(n).num_rows for n in range(3)] == [962, 962, 76]


def test_a_file_without_rows_is_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    TypedParquet(path, SCHEMA).close()
    assert pq.read_table(path).schema == SCHEMA


def test_groups_of_many_columns_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_parquet, "_LARGE", 10_000)
    schema = pa.schema([(f"n{n}", pa.int64()) for n in range(12)] + [("b", pa.bool_())])
    path = tmp_path / "rows.parquet"
    file = TypedParquet(path, schema)
    for _ in range(3):
        file.add([*[pa.array(range(100), pa.int64())] * 12, pa.array([True] * 100)], 100)
    file.close()
    written = pq.ParquetFile(path).metadata
    assert [written.row_group(n).num_rows for n in range(3)] == [104, 104, 92]  # of 97 bytes


@given(st.lists(st.integers(0, 900), min_size=1, max_size=60), st.data())
def test_groups_of_long_texts_end_early_and_alike_however_rows_arrive(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    texts = [chr(97 + size % 26) * size for size in sizes]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(texts)))) | {0, len(texts)})
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_HEAVY", 4_000), ("_OF_HEAVY_ROWS", 1_000), ("_HEAVY_ROW", 200)):
            patch.setattr(typed_parquet, name, value)
        whole = _texts_in(folder / "whole.parquet", [texts])
        pieces = _texts_in(folder / "cut.parquet", [texts[a:b] for a, b in pairwise(cuts)])
    assert whole.read_bytes() == pieces.read_bytes()
    found = pq.ParquetFile(whole)
    assert found.read()["t"].to_pylist() == texts
    groups = [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)]
    ends = [sum(groups[: n + 1]) for n in range(len(groups))]
    for start, end in pairwise([0, *ends]):
        but_last = sizes[start : end - 1]
        assert sum(but_last) <= min(4_000, max(1_000, 200 * len(but_last)))


def _texts_in(path: Path, batches: list[list[str]]) -> Path:
    file = TypedParquet(path, pa.schema([("t", pa.string())]))
    for texts in batches:
        file.add([pa.array(texts, pa.string())], len(texts))
    file.close()
    return path
