"""Staging rows so heavy that the file takes them in parts."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.buckets.local import LocalBucket
from factory.errors import FactoryError
from factory.ports import Column
from factory.warehouses import duckdb_fill
from factory.warehouses.duckdb import DuckDbWarehouse
from factory.warehouses.duckdb_file import writing
from factory.warehouses.duckdb_fill import weight_of_rows
from factory.warehouses.duckdb_room import room_to_fill
from factory.warehouses.duckdb_sql import Part
from tests.warehouses.rig import AB, Rig

_TEXT = 140_000  # characters
_ROWS, _GROUP = 25, 10
_KILLED_AFTER_TWO = """
import os, sys
from itertools import islice
from pathlib import Path
from factory.warehouses import duckdb_fill
from tests.warehouses.test_duckdb_fill import landed, rig_in

folder = Path(sys.argv[1])
parts = duckdb_fill._parts

def two(files):
    yield from islice(parts(files), 2)
    os._exit(9)

duckdb_fill._parts = two
rig = rig_in(folder)
rig.warehouse.stage(rig.shape(), "one", [landed(rig, "heavy", 0)], rig.bucket)
"""


def rig_in(folder: Path) -> Rig:
    """A file and a bucket in the folder."""
    warehouse = DuckDbWarehouse(folder / "warehouse.duckdb", patience=0.2)
    return Rig(warehouse, LocalBucket(folder / "buckets", "b"), "health")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return rig_in(tmp_path)


def landed(rig: Rig, name: str, first: int, more: dict[str, list[int]] | None = None) -> str:
    """Heavy rows in row groups of 10, as an object; the columns in another order than the table."""
    numbers = range(first, first + _ROWS)
    texts = [f"{number}{'x' * _TEXT}" for number in numbers]
    buffer = pa.BufferOutputStream()
    rows = pa.table({**(more or {}), "b": texts, "a": list(numbers)})
    pq.write_table(rows, buffer, row_group_size=_GROUP, use_dictionary=False, compression="zstd")
    rig.bucket.put(name, buffer.getvalue().to_pybytes(), lambda *_: None)
    return name


def _tables(folder: Path) -> list[tuple[str]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as file:
        return file.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'health'"
        ).fetchall()


def test_heavy_rows_of_several_files_come_whole(rig: Rig, tmp_path: Path) -> None:
    names = [landed(rig, "one", 0), landed(rig, "two", 1_000)]
    files = [str(rig.bucket.local_copy(name, tmp_path)) for name in names]
    assert room_to_fill(2, weight_of_rows(files)).in_parts
    staged = rig.warehouse.stage(rig.shape(), "one", names, rig.bucket, preview=_ROWS + 1)
    rig.publish(staged, rig.row("one", staged.rows))

    assert staged.rows == 2 * _ROWS
    assert [row["a"] for row in staged.preview] == [*range(_ROWS), 1_000]
    assert rig.rows("a, length(b), left(b, 5)") == [
        (n, _TEXT + len(str(n)), f"{n}xxxxx"[:5]) for n in (*range(_ROWS), *range(1_000, 1_025))
    ]


def test_rows_that_are_not_so_heavy_come_in_one_go(rig: Rig, tmp_path: Path) -> None:
    rows = pa.table({"a": [1, 2], "b": ["x" * 120_000, "y" * 120_000]})
    pq.write_table(rows, tmp_path / "rows.parquet", use_dictionary=False)
    assert not room_to_fill(2, weight_of_rows([str(tmp_path / "rows.parquet")])).in_parts


@pytest.mark.parametrize("name", ["file_row_number", "File_Index"])
def test_a_column_may_be_called_as_what_duckdb_counts(rig: Rig, name: str) -> None:
    numbers = list(range(_ROWS, 0, -1))
    landed(rig, "heavy", 0, {name: numbers})
    shape = rig.shape((*AB, Column(name, "INT64")))
    staged = rig.warehouse.stage(shape, "one", ["heavy"], rig.bucket)
    rig.publish(staged, rig.row("one", staged.rows))
    assert rig.rows(f"a, {name}") == list(enumerate(numbers))


def test_what_an_error_leaves_is_dropped(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = duckdb_fill._parts
    begun = []

    def broken(files: list[str]) -> Iterator[Part]:
        first, second, _ = parts(files)
        yield first
        begun.append(first)
        Path(files[0]).write_bytes(b"PAR1")
        yield second

    monkeypatch.setattr(duckdb_fill, "_parts", broken)
    name = landed(rig, "heavy", 0)
    with pytest.raises(FactoryError):
        rig.warehouse.stage(rig.shape(), "one", [name], rig.bucket)
    assert begun
    assert _tables(tmp_path) == []


@pytest.mark.parametrize("open_still", [True, False])
def test_the_table_is_dropped_whether_a_part_or_its_commit_failed(
    tmp_path: Path, *, open_still: bool
) -> None:
    """A commit that fails ends its transaction; there is none to roll back."""
    with writing(tmp_path / "warehouse.duckdb", 1) as connection:
        connection.execute("CREATE SCHEMA health")
        connection.execute("CREATE TABLE health.staged (a BIGINT)")
        connection.execute("COMMIT")
        if open_still:
            connection.execute("BEGIN TRANSACTION")
        dropped = duckdb_fill._dropped_on_error(connection, "health.staged")
        with pytest.raises(KeyboardInterrupt), dropped:
            raise KeyboardInterrupt
        connection.execute("BEGIN TRANSACTION")
    assert _tables(tmp_path) == []


def test_what_a_kill_leaves_is_never_taken_for_the_rows(rig: Rig, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED_AFTER_TWO, str(tmp_path)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == 9, killed.stderr
    assert len(_tables(tmp_path)) == 1

    staged = rig.warehouse.stage(rig.shape(), "one", ["heavy"], rig.bucket)
    assert staged.rows == _ROWS
    other = rig.warehouse.stage(rig.shape(), "two", ["heavy"], rig.bucket)
    assert len(_tables(tmp_path)) == 2
    rig.publish(other, rig.row("two", other.rows))
    assert rig.rows("count(*)") == [(_ROWS,)]
    assert sorted(name for (name,) in _tables(tmp_path)) == ["_factory_loads", "people"]
