"""In how much memory DuckDB fills its tables, and what it makes them of."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.buckets.local import LocalBucket
from factory.ports import Column, Disposition
from factory.warehouses.duckdb import DuckDbWarehouse
from factory.warehouses.duckdb_file import writing
from factory.warehouses.duckdb_fill import weight_of_rows
from factory.warehouses.duckdb_room import OutOfMemory, Room, room_to_fill, room_to_publish, roomy
from tests.warehouses.rig import AB, Rig

_TEXT = "x" * 9_000


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", patience=0.2)
    return Rig(warehouse, LocalBucket(tmp_path / "buckets", "b"), "health")


def _row_groups(file: duckdb.DuckDBPyConnection, table: str) -> int:
    groups = f"SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('health.{table}')"
    [(count,)] = file.execute(groups).fetchall()
    return int(count)


def _written(path: Path, rows: pa.Table) -> str:
    pq.write_table(rows, path, use_dictionary=False)
    return str(path)


@pytest.mark.parametrize(
    ("columns", "text", "group"),
    [(2, 0, 122_880), (65, 0, 122_880), (130, 0, 122_880), (200, 0, 12_288), (2, 9_000, 2_048)],
)
def test_row_groups_are_as_large_as_their_rows_allow(
    tmp_path: Path, columns: int, text: int, group: int
) -> None:
    rows = {f"c{n}": np.arange(3_000) for n in range(columns)}
    values = [f"{n}{'x' * text}" for n in range(3_000)]
    file = _written(tmp_path / "rows.parquet", pa.table({**rows, "t": values}))
    assert room_to_fill(columns, weight_of_rows([file])).group == group


def test_the_heaviest_of_all_files_counts(tmp_path: Path) -> None:
    light = _written(tmp_path / "light.parquet", pa.table({"a": [1] * 100_000}))
    heavy = _written(tmp_path / "heavy.parquet", pa.table({"a": [_TEXT, _TEXT + "y"]}))
    empty = _written(tmp_path / "empty.parquet", pa.table({"a": pa.array([], pa.int64())}))
    assert room_to_fill(1, weight_of_rows([light, heavy, empty])).group == 2_048
    assert weight_of_rows([light, heavy, empty]) == weight_of_rows([heavy]) > len(_TEXT)
    assert weight_of_rows([empty]) == weight_of_rows([]) == 0
    assert room_to_fill(1, weight_of_rows([empty])) == room_to_fill(1, weight_of_rows([light]))


def test_who_lacks_memory_gets_more_and_at_last_all() -> None:
    asked: list[Room] = []

    def act(room: Room) -> str:
        asked.append(room)
        if room.memory is not None:
            raise OutOfMemory("too little")
        return "done"

    assert roomy(act, Room(192)) == "done"
    assert [room.memory for room in asked] == [192, 360, None]
    assert all(room.threads == 1 and room.group == 2_048 for room in asked[1:])
    asked.clear()
    assert roomy(act, Room(400)) == "done"
    assert [room.memory for room in asked] == [400, None]
    asked.clear()
    assert roomy(act, Room(None, 122_880)) == "done"
    assert asked == [Room(None, 122_880)]


def test_only_in_little_memory_small_row_groups_may_become_one() -> None:
    assert room_to_publish("replace", 2, 1_000_000).may_merge  # a staged table takes its place
    assert room_to_publish("append", 2, 10).may_merge
    assert not room_to_publish("append", 2, 1_000_000).may_merge
    assert not room_to_publish("replace", 2_000, 10).may_merge
    assert room_to_publish("merge", 2, 1_000_000) == Room(None, 122_880)
    assert not Room(None, 2_048).may_merge


def test_row_groups_of_the_ledger_and_of_a_few_rows_do_not_add_up(rig: Rig, tmp_path: Path) -> None:
    most = {"people": 0, "_factory_loads": 0}
    for load in range(20):
        rig.load(f"load{load}", {"a": [load], "b": ["x"]}, AB, "append", version=f"v{load}")
        with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as file:
            most = {table: max(most[table], _row_groups(file, table)) for table in most}
    assert all(6 < groups < 12 for groups in most.values()), most
    assert rig.rows("count(*), sum(a)") == [(20, sum(range(20)))]


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_one_thread_takes_hundreds_of_columns(rig: Rig, disposition: Disposition) -> None:
    """Each of two would hold a block of every column, and wait for the other most of the time."""
    count = 1_200
    columns = [Column("a", "INT64"), *(Column(f"c{n}", "FLOAT64") for n in range(count))]
    rng = np.random.default_rng(1)

    for load, first in (("one", 0), ("two", 2_000)):
        keys = np.arange(first, first + 5_000)
        rows = {"a": keys, **{f"c{n}": rng.random(5_000) for n in range(count)}}
        staged = rig.stage(rig.shape(columns, disposition), load, rows)
        published = rig.publish(staged, rig.row(load, 5_000, disposition))

    assert room_to_publish(disposition, count, 5_000).threads == 1
    assert room_to_fill(count, 0) == Room(300, 2_048, 1)
    assert published.rows == {"replace": 5_000, "append": 10_000, "merge": 7_000}[disposition]


def test_small_row_groups_of_heavy_rows_stay_through_later_loads(rig: Rig, tmp_path: Path) -> None:
    texts = [f"{number}{_TEXT}" for number in range(8_000)]
    rig.load("one", {"a": list(range(8_000)), "b": texts})
    other = Rig(rig.warehouse, rig.bucket, "other")
    other.load("two", {"a": [1], "b": ["x"]})
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as file:
        assert _row_groups(file, "people") == 4
        assert file.execute("SELECT count(*), sum(length(b)) FROM health.people").fetchone() == (
            8_000,
            sum(map(len, texts)),
        )


@pytest.mark.parametrize("dataset", ["warehouse", "memory"])
def test_a_dataset_may_be_called_as_the_file_or_as_a_database_of_duckdb(
    tmp_path: Path, dataset: str
) -> None:
    warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", patience=0.2)
    rig = Rig(warehouse, LocalBucket(tmp_path / "buckets", "b"), dataset)
    rig.load("one", {"a": [1], "b": ["x"]}, rejects=["bad"])
    assert [row[2] for row in rig.rejects()] == ["bad"]
    rig.load("two", {"a": [2], "b": ["y"]}, disposition="append")
    rig.load("three", {"a": [2], "b": ["z"]}, disposition="merge")
    assert sorted(map(str, rig.rows())) == ["(1, 'x')", "(2, 'z')"]
    assert len(warehouse.loads(rig.table)) == 3


def test_a_row_group_larger_than_the_memory_is_read(tmp_path: Path) -> None:
    """DuckDB would take all columns of it at once, as they lie in the file."""
    drawn = np.random.default_rng(1).integers(0, 1 << 60, (10, 800_000))
    rows = pa.table({f"c{number}": values for number, values in enumerate(drawn)})
    file = _written(tmp_path / "rows.parquet", rows)
    with writing(tmp_path / "warehouse.duckdb", 1, Room(50, 2_048, 1)) as connection:
        total = " + ".join(f"sum(c{number} % 1000)" for number in range(10))
        found = connection.execute(f"SELECT {total} FROM '{file}'").fetchone()
    assert found == (int((drawn % 1000).sum()),)
