from datetime import date
from pathlib import Path

import duckdb
import pytest

from factory.buckets.local import LocalBucket
from factory.errors import Permanent
from factory.ingest.checks import CheckContext, run_checks
from factory.ingest.manifest import LandedTable
from factory.ingest.outcomes import CheckOutcome
from factory.plan import CheckPlan
from factory.ports import Column, Staged, TableId, TableShape
from factory.spec.marks import Mark
from factory.spec.model import CheckSpec
from factory.warehouses.duckdb import DuckDbWarehouse

COLUMNS = (
    Column("id", "INT64"),
    Column("sex", "INT64"),
    Column("name", "STRING"),
    Column("died", "DATE"),
)
ROWS = [
    (1, 1, "ana", date(2020, 1, 1)),
    (2, 2, "o'neil", None),
    (2, 3, None, date(2999, 1, 1)),
    (None, None, "back\\slash", None),
]
LANDED = LandedTable("d.t", (), len(ROWS), COLUMNS)


def silent(*_: object) -> None:
    """Nobody listens."""


@pytest.fixture
def staged(tmp_path: Path) -> tuple[Staged, DuckDbWarehouse]:
    parquet = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (id BIGINT, sex BIGINT, name VARCHAR, died DATE)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", ROWS)
        connection.execute(f"COPY t TO '{parquet}' (FORMAT parquet)")
    bucket = LocalBucket(tmp_path / "buckets", "bucket-a")
    bucket.put("rows.parquet", parquet, silent)
    warehouse = DuckDbWarehouse(tmp_path / "w.duckdb")
    shape = TableShape(TableId("d", "t"), COLUMNS)
    return warehouse.stage(shape, "a" * 24, ["rows.parquet"], bucket), warehouse


def outcome(
    staged: tuple[Staged, DuckDbWarehouse],
    spec: CheckSpec,
    previous: int | None = None,
    *,
    synthetic: bool = False,
) -> CheckOutcome:
    context = CheckContext(previous, synthetic, LANDED)
    (one,) = run_checks([CheckPlan("check", spec)], *staged, context)
    return one


@pytest.mark.parametrize(
    ("spec", "failing"),
    [
        (CheckSpec("not_null", columns=("id",)), 1),
        (CheckSpec("not_null", columns=("id", "name")), 2),
        (CheckSpec("unique", columns=("id",)), 1),
        (CheckSpec("unique", columns=("id", "sex")), 0),
        (CheckSpec("accepted_values", columns=("sex",), values=(1, 2)), 1),
        (CheckSpec("accepted_values", columns=("name",), values=("ana", "o'neil")), 1),
        (CheckSpec("accepted_values", columns=("name",), values=("o'neil", "back\\slash")), 1),
        (CheckSpec("range", columns=("sex",), min=2), 1),
        (CheckSpec("range", columns=("sex",), max=2), 1),
        (CheckSpec("range", columns=("sex",), min=1.5, max=2.5), 2),
        (CheckSpec("range", columns=("died",), max="2026-01-01"), 1),
        (CheckSpec("sql", name="q", query="SELECT * FROM {table} WHERE died > CURRENT_DATE"), 1),
        (CheckSpec("sql", name="q", query="SELECT id FROM {table} WHERE `name` = 'none';"), 0),
        (CheckSpec("sql", name="q", query="SELECT id FROM {table} WHERE id < 0 -- none"), 0),
        (
            CheckSpec(
                "sql", name="q", query="SELECT 1 FROM {table} WHERE SAFE_CAST(name AS INT64) > 0"
            ),
            0,
        ),
    ],
)
def test_failing_rows_are_counted(
    staged: tuple[Staged, DuckDbWarehouse], spec: CheckSpec, failing: int
) -> None:
    one = outcome(staged, spec)
    assert (one.failing, one.passed) == (failing, failing == 0)


def test_a_failure_says_what_is_wrong(staged: tuple[Staged, DuckDbWarehouse]) -> None:
    spec = CheckSpec("accepted_values", columns=("sex",), values=(1, 2))
    assert outcome(staged, spec).message == "1 of 4 rows: sex is not one of 1, 2"
    spec = CheckSpec("unique", columns=("id",))
    assert outcome(staged, spec).message == "1 of 4 rows: id occurs more than once in the new rows"
    spec = CheckSpec("range", columns=("sex",), min=2, max=9)
    assert outcome(staged, spec).message == "1 of 4 rows: sex is below 2 or above 9"


@pytest.mark.parametrize(
    ("spec", "previous", "passed"),
    [
        (CheckSpec("row_count", min=4), None, True),
        (CheckSpec("row_count", min=5), None, False),
        (CheckSpec("row_count", max=3), None, False),
        (CheckSpec("row_count", max_change=0.2), None, True),
        (CheckSpec("row_count", max_change=0.2), 5, True),
        (CheckSpec("row_count", max_change=0.2), 6, False),
        (CheckSpec("row_count", max_change=0.2), 3, False),
        (CheckSpec("row_count", max_change=0.0), 4, True),
    ],
)
def test_row_counts(
    staged: tuple[Staged, DuckDbWarehouse], spec: CheckSpec, previous: int | None, passed: bool
) -> None:
    assert outcome(staged, spec, previous).passed is passed


def test_a_change_is_told_with_both_numbers(staged: tuple[Staged, DuckDbWarehouse]) -> None:
    message = outcome(staged, CheckSpec("row_count", max_change=0.2), 8).message
    assert message == "4 rows; -50.0% against 8 before, and 20% is allowed"


def test_synthetic_rows_only_warn_about_their_number(
    staged: tuple[Staged, DuckDbWarehouse],
) -> None:
    one = outcome(staged, CheckSpec("row_count", min=1000), synthetic=True)
    assert (one.passed, one.severity) == (False, "warn")


def test_severity_is_the_spec_s(staged: tuple[Staged, DuckDbWarehouse]) -> None:
    assert outcome(staged, CheckSpec("not_null", "warn", columns=("id",))).severity == "warn"


def test_a_column_that_is_not_there_is_named_with_its_place(
    staged: tuple[Staged, DuckDbWarehouse],
) -> None:
    spec = CheckSpec("not_null", columns=("sexx",), mark=Mark("pipelines/c.yaml", 9, 5, 9, 9))
    with pytest.raises(Permanent, match="pipelines/c.yaml:9.*sexx") as caught:
        outcome(staged, spec)
    assert caught.value.hint == 'did you mean "sex"?'


def test_an_empty_table_breaks_no_rule_about_rows(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id WHERE false) TO '{tmp_path}/r.parquet'")
    bucket = LocalBucket(tmp_path / "buckets", "bucket-a")
    bucket.put("r.parquet", tmp_path / "r.parquet", silent)
    warehouse = DuckDbWarehouse(tmp_path / "w.duckdb")
    shape = TableShape(TableId("d", "t"), (Column("id", "INT64"),))
    staged = warehouse.stage(shape, "a" * 24, ["r.parquet"], bucket)
    specs = [CheckSpec("not_null", columns=("id",)), CheckSpec("unique", columns=("id",))]
    plans = [CheckPlan(spec.kind, spec) for spec in specs]
    outcomes = run_checks(plans, staged, warehouse, CheckContext(None, False, LANDED))
    assert [one.failing for one in outcomes] == [0, 0]
    alone = run_checks(plans[1:], staged, warehouse, CheckContext(None, False, LANDED))
    assert [one.failing for one in alone] == [0]


def test_all_checks_are_one_query(
    staged: tuple[Staged, DuckDbWarehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, warehouse = staged
    asked: list[str] = []
    query = warehouse.query

    def counting(sql: str) -> object:
        asked.append(sql)
        return query(sql)

    monkeypatch.setattr(warehouse, "query", counting)
    specs = [
        CheckSpec("row_count", min=1),
        CheckSpec("not_null", columns=("id",)),
        CheckSpec("unique", columns=("id",)),
    ]
    plans = [CheckPlan(spec.kind, spec) for spec in specs]
    outcomes = run_checks(plans, table, warehouse, CheckContext(None, False, LANDED))
    assert [one.name for one in outcomes] == ["row_count", "not_null", "unique"]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "query", ["SELECT * FROM {table} WHERE nope > 1", "SELEC 1", "SELECT 1 FROM {table} WHERE ("]
)
def test_a_query_that_cannot_run_is_named_with_its_place(
    staged: tuple[Staged, DuckDbWarehouse], query: str
) -> None:
    table, warehouse = staged
    mark = Mark("pipelines/c.yaml", 9, 5, 9, 9)
    plans = [
        CheckPlan("fine", CheckSpec("not_null", columns=("id",))),
        CheckPlan("mine", CheckSpec("sql", name="mine", query=query, mark=mark)),
    ]
    with pytest.raises(Permanent, match="pipelines/c.yaml:9: check mine cannot be asked"):
        run_checks(plans, table, warehouse, CheckContext(None, False, LANDED))
