"""What only a file has to fear: other programs, half-written states, curious queries."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from factory.buckets.local import LocalBucket
from factory.errors import Permanent, Retryable
from factory.ports import Column, Load, TableId, TableShape
from factory.warehouses.duckdb import DuckDbWarehouse
from factory.warehouses.duckdb_file import holding, reading
from factory.warehouses.duckdb_room import OutOfMemory, Room
from tests.warehouses.rig import AB, Rig

_HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", patience=0.2)
    return Rig(warehouse, LocalBucket(tmp_path / "buckets", "b"), "health")


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program has the file open, until it is told to end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield holder
    holder.stdin.close()
    holder.wait()
    holder.stdout.close()


def test_the_table_is_what_the_shape_says(rig: Rig, tmp_path: Path) -> None:
    columns = (
        Column("a", "INT64", nullable=False, description='The key; it\'s "a".'),
        Column("b", "NUMERIC", original="B (%)"),
        Column("c", "TIMESTAMP"),
        Column("d", "JSON"),
    )
    empty = {"a": [1], "b": pa.array([1]), "c": pa.array([None], pa.timestamp("ms")), "d": ["{}"]}

    rig.load("one", empty, columns)

    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as file:
        described = file.execute(
            "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
            "WHERE table_name = 'people' ORDER BY column_index"
        ).fetchall()
        tables = file.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY 1")
        assert described == [
            ("a", "BIGINT", False, 'The key; it\'s "a".'),
            ("b", "DECIMAL(38,9)", True, 'in the source: "B (%)"'),
            ("c", "TIMESTAMP WITH TIME ZONE", True, None),
            ("d", "JSON", True, None),
        ]
        assert tables.fetchall() == [("_factory_loads", None), ("people", "People.")]


def test_a_null_where_none_may_be_stops_the_publish(rig: Rig) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})

    rows = {"a": pa.array([None], pa.int64()), "b": ["y"]}
    with pytest.raises(Permanent, match="NULL"):
        rig.load("two", rows, (Column("a", "INT64", nullable=False), AB[1]))

    assert rig.rows() == [(1, "x")]


def test_a_file_that_is_in_use_names_who_uses_it(rig: Rig, tmp_path: Path) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})

    with held(tmp_path / "warehouse.duckdb") as holder:
        for call in (
            lambda: rig.stage(rig.shape(), "two", {"a": [2], "b": ["y"]}),
            lambda: rig.warehouse.loads(rig.table),
        ):
            with pytest.raises(Retryable, match=rf"warehouse\.duckdb is in use.*PID {holder.pid}"):
                call()


def test_a_file_that_is_in_use_is_waited_for(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    said: list[str] = []
    patient = Rig(DuckDbWarehouse(path, 30, said.append), rig.bucket, rig.dataset)
    rig.load("one", {"a": [1], "b": ["x"]})

    with held(path) as holder:
        assert holder.stdin is not None
        threading.Timer(2.5, holder.stdin.close).start()
        started = time.monotonic()
        patient.load("two", {"a": [2], "b": ["y"]})

    assert time.monotonic() - started >= 2.4
    [named] = said
    assert re.search(rf"is in use by .*\(PID {holder.pid}\): waiting for it, up to 30 s", named)
    assert rig.rows() == [(2, "y")]


def test_the_newest_load_is_the_last_one_whatever_the_clock_says(rig: Rig, tmp_path: Path) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    rig.load("two", {"a": [2], "b": ["y"]})
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("UPDATE health._factory_loads SET loaded_at = now() + INTERVAL 10 DAY")
    rig.load("three", {"a": [3], "b": ["z"]})
    rig.load("four", {"a": [4], "b": ["z"]})

    assert [load.load_id for load in rig.warehouse.loads(rig.table)][:2] == ["four", "three"]


def test_many_runs_of_one_program_take_turns(rig: Rig) -> None:
    def run(number: int) -> int:
        table = TableId("health", f"t{number}")
        shape = TableShape(table, AB, disposition="append")
        name = rig.put(f"raw/{number}", pa.table({"a": [number], "b": ["x"]}))
        staged = rig.warehouse.stage(shape, f"load {number}", [name], rig.bucket)
        rig.warehouse.query(f"SELECT COUNT(*) FROM {staged.reference}")
        load = Load(f"load {number}", "p", table, "1", "f", 1, "append", "m", "r", False)
        rig.publish(staged, load)
        rig.warehouse.discard(staged)
        return len(rig.warehouse.loads(table))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(12)))

    tables = [f"SELECT a FROM health.t{number}" for number in range(12)]
    found = rig.warehouse.query(f"{' UNION ALL '.join(tables)} ORDER BY a")
    assert [row["a"] for row in found] == list(range(12))
    [loads] = rig.warehouse.query("SELECT COUNT(*) AS n FROM health._factory_loads")
    assert loads["n"] == 12


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE health.people",
        "INSERT INTO health.people VALUES (2, 'y')",
        "COPY health.people TO '{folder}/out.csv'",
        "SELECT * FROM read_text('{folder}/secret')",
        "ATTACH '{folder}/other.duckdb'",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "INSTALL httpfs",
        'SELECT * FROM "{folder}/secret.csv"',
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM 'https://example.org/x.csv'",
        "EXPORT DATABASE '{folder}/out.csv'",
        "CREATE TABLE health.more AS SELECT 1 AS a",
        "COMMIT; CREATE TABLE health.more AS SELECT 1 AS a",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
        "CALL enable_logging()",
        "SET lock_configuration = false",
        "PRAGMA enable_profiling",
    ],
)
def test_a_query_only_reads_and_only_the_warehouse(rig: Rig, tmp_path: Path, sql: str) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    (tmp_path / "secret").write_text("secret")

    with pytest.raises(Permanent):
        rig.warehouse.query(sql.replace("{folder}", str(tmp_path)))

    assert rig.rows() == [(1, "x")]
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_none_says_how_to_go_on(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    file.write_bytes(b"garbage" * 1000)
    with pytest.raises(Permanent) as caught:
        DuckDbWarehouse(file).loads(TableId("d", "t"))
    assert str(caught.value.hint).startswith(f"mv {file} {file}.old")


def test_questions_while_the_file_is_held_open_find_the_same_locks(
    rig: Rig, tmp_path: Path
) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    with holding(tmp_path / "warehouse.duckdb", 1.0):
        zones = "current_setting('TimeZone') AS zone, current_setting('lock_configuration') AS it"
        for _ in range(2):
            assert rig.warehouse.query(f"SELECT {zones}") == [{"zone": "UTC", "it": True}]
    rig.load("two", {"a": [2], "b": ["y"]})
    assert rig.rows() == [(2, "y")]


def test_the_first_rows_are_the_first_of_the_file_though_many_threads_fill_the_table(
    rig: Rig,
) -> None:
    name = rig.put("raw/1", pa.table({"a": range(500_000), "b": ["x"] * 500_000}))

    for load in "12345":
        staged = rig.warehouse.stage(rig.shape(), load, [name], rig.bucket, 3)
        assert [row["a"] for row in staged.preview] == [0, 1, 2]


def test_staged_rows_that_nobody_came_back_for_are_dropped(rig: Rig, tmp_path: Path) -> None:
    young = rig.stage(rig.shape(), "young", {"a": [1], "b": ["x"]})
    old = rig.stage(rig.shape(), "old", {"a": [1], "b": ["x"]})
    born = (datetime.now(UTC) - timedelta(days=3, minutes=1)).isoformat()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as file:
        comment = json.dumps({"load": "old", "staged_at": born})
        file.execute(f"COMMENT ON TABLE {old.reference} IS '{comment}'")

    rig.stage(rig.shape(), "next", {"a": [1], "b": ["x"]})

    assert len(rig.warehouse.query(f"SELECT * FROM {young.reference}")) == 1
    with pytest.raises(Permanent, match="does not exist"):
        rig.warehouse.query(f"SELECT * FROM {old.reference}")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Column("c", "STRING"), "have no column c"),
        (Column("b", "INT64"), "column b of .* is to be INT64, the landed objects have VARCHAR"),
        (Column("a", "BOOL"), "column a of .* is to be BOOL, the landed objects have BIGINT"),
    ],
)
def test_objects_that_are_not_what_the_shape_says(rig: Rig, column: Column, said: str) -> None:
    with pytest.raises(Permanent, match=said):
        rig.stage(rig.shape((column,)), "one", {"a": [1], "b": ["x"]})


def test_a_file_that_is_not_duckdbs_is_left_alone(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_text("notes" * 100)

    with pytest.raises(Permanent, match="not a valid DuckDB database"):
        rig.stage(rig.shape(), "one", {"a": [1], "b": ["x"]})

    assert (tmp_path / "warehouse.duckdb").read_text() == "notes" * 100


def test_who_has_a_torn_file_is_told_what_to_do(rig: Rig, tmp_path: Path) -> None:
    """As a disk leaves it that is full in the middle of a block."""
    rig.load("one", {"a": [1], "b": ["x"]})
    with (tmp_path / "warehouse.duckdb").open("r+b") as file:
        file.seek(3 * 4096 + 100)  # in the first block, behind the three headers
        file.write(bytes(1000))

    with pytest.raises(Permanent, match="Corrupt database file") as caught:
        rig.load("two", {"a": [1], "b": ["x"]})

    assert f"mv {tmp_path}/warehouse.duckdb" in str(caught.value.hint)


def test_the_time_zone_of_the_machine_does_not_matter(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        rig.load("one", {"a": pa.array([0], pa.timestamp("us"))}, (Column("a", "TIMESTAMP"),))
        assert rig.rows() == [(datetime(1970, 1, 1, tzinfo=UTC),)]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "not one SELECT|not BigQuery's SQL"),
        ("SELECT 1; SELECT 2", "not one SELECT"),
        ("DROP TABLE a.b", "not one SELECT"),
        ("SELECT (1", "not BigQuery's SQL"),
    ],
)
def test_what_is_not_a_query_is_not_translated(rig: Rig, sql: str, said: str) -> None:
    with pytest.raises(Permanent, match=said):
        rig.warehouse.translate(sql)


def test_a_uri_for_people(rig: Rig, tmp_path: Path) -> None:
    assert rig.warehouse.uri(rig.table) == f"duckdb://{tmp_path}/warehouse.duckdb/health/people"


def test_a_query_that_the_disk_cannot_help_gets_more_memory(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    monkeypatch.setattr("factory.warehouses.duckdb.ORDINARY", Room(16))
    sql = "SELECT length(string_agg(repeat('x', 1000) || r, ',')) AS n FROM range(40000) AS t(r)"

    [row] = rig.warehouse.query(sql)

    assert int(str(row["n"])) > 40_000_000
    with (
        pytest.raises(OutOfMemory),
        reading(tmp_path / "warehouse.duckdb", 1, Room(16)) as connection,
    ):
        connection.execute(sql)


@pytest.mark.parametrize("what", ["failed to pin block", "could not allocate block"])
def test_a_commit_without_memory_is_told_from_a_conflict(
    rig: Rig, tmp_path: Path, what: str
) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    said = f"TransactionContext Error: Failed to commit: {what} of size 256.0 KiB"
    with pytest.raises(OutOfMemory), reading(tmp_path / "warehouse.duckdb", 1):
        raise duckdb.TransactionException(said)
    with pytest.raises(Retryable), reading(tmp_path / "warehouse.duckdb", 1):
        raise duckdb.TransactionException("TransactionContext Error: Conflict on update!")


def test_a_table_too_wide_for_the_bound_is_loaded_all_the_same(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factory.warehouses.duckdb.ORDINARY", Room(2))
    monkeypatch.setattr("factory.warehouses.duckdb.room_to_fill", lambda *_: Room(2))
    columns = tuple(Column(f"c{number}", "INT64") for number in range(40))
    rows = {column.name: list(range(3000)) for column in columns}

    for load in ("one", "two"):
        published = rig.load(load, rows, columns, "append")

    assert published.rows == 6000
