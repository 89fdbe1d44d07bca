"""What the schema contract lets go of, from a file of rejects to its table and its check."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.ingest.manifest import LandedTable, Reject
from factory.ingest.pruning import prune
from factory.ingest.reading import ReadResult
from factory.ingest.rejects import judge_rejects, summed_up
from factory.ingest.storing import store
from factory.plan import CheckPlan
from factory.spec.model import CheckSpec, SchemaContract
from tests.ingest.loads import COLUMNS, Bench, plan_of, silent
from tests.warehouses.rig import rejects_of

CHECK = CheckPlan("rejected_rows", CheckSpec("rejected_rows", "warn"))
DISCARDING = SchemaContract("evolve", "discard_row")
ONE, TWO = [(1, "a")], [(2, "b")]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_rejects_are_counted_by_column(tmp_path: Path) -> None:
    path = tmp_path / "rejects.parquet"
    parts = [rejects_of(["x"] * 3), rejects_of(["x" * 100])]
    whole_row = pa.array([None], pa.string())
    parts[1] = parts[1].set_column(2, "_column", whole_row)
    pq.write_table(pa.concat_tables(parts), path, row_group_size=2)

    summary = summed_up(path)

    assert (summary.rows, summary.columns) == (4, (("a", 3), ("", 1)))
    assert [reject.line for reject in summary.first] == [2, 3, 4, 2]
    assert summary.first[3] == Reject("people.csv", 2, None, "x" * 60 + "…", "not INT64")


def test_no_more_than_five_are_told(tmp_path: Path) -> None:
    pq.write_table(rejects_of(list("abcdefg")), tmp_path / "r.parquet")

    assert [r.value for r in summed_up(tmp_path / "r.parquet").first] == list("abcde")


def test_the_check_tells_the_first_with_line_and_reason(bench: Bench) -> None:
    plan = plan_of()
    [landed] = bench.land(plan, "1", ONE, rejects=list("xyzabcd")).tables

    outcome = judge_rejects(CHECK, landed)

    assert (outcome.passed, outcome.severity, outcome.failing) == (False, "warn", 7)
    assert outcome.message.startswith('7 rejected; line 2: a "x": not INT64; line 3: a "y"')
    assert outcome.message.count("line") == 5


def test_the_check_passes_where_nothing_was_rejected() -> None:
    outcome = judge_rejects(CHECK, LandedTable("d.t", (), 1, COLUMNS))

    assert (outcome.passed, outcome.failing) == (True, 0)


def test_a_contract_that_discards_brings_the_check_by_itself() -> None:
    discarding = plan_of(schema_contract=DISCARDING).tables[0]

    assert [(c.name, c.spec.severity) for c in discarding.checks] == [("rejected_rows", "warn")]
    assert plan_of().tables[0].checks == ()


@pytest.mark.parametrize(
    ("disposition", "after_two", "after_three"),
    [("replace", ["z"], []), ("append", ["x", "y", "z"], ["x", "y", "z"])],
)
def test_rejects_are_published_with_their_rows(
    bench: Bench, disposition: str, after_two: list[str], after_three: list[str]
) -> None:
    plan = plan_of(schema_contract=DISCARDING, write_disposition=disposition)
    first = bench.load(plan, bench.land(plan, "1", ONE, rejects=["x", "y"]))
    assert first.published
    assert first.rejects is not None
    assert bench.rejects() == ["x", "y"]

    bench.load(plan, bench.land(plan, "2", TWO, rejects=["z"]))
    assert bench.rejects() == after_two

    bench.load(plan, bench.land(plan, "3", TWO))
    assert bench.rejects() == after_three
    assert bench.tables() == {"t", "t__rejects", "_factory_loads"}


def test_the_same_version_again_rejects_nothing_twice(bench: Bench) -> None:
    plan = plan_of(schema_contract=DISCARDING, write_disposition="append")
    manifest = bench.land(plan, "1", ONE, rejects=["x"])
    first = bench.load(plan, manifest)

    again = bench.load(plan, manifest)

    assert again.unchanged
    assert (again.rejected, again.checks) == (1, first.checks)
    assert bench.rejects() == ["x"]


def test_rejects_of_refused_rows_are_not_published(bench: Bench) -> None:
    plan = plan_of(schema_contract=DISCARDING, checks=(CheckSpec("row_count", "error", min=2),))

    outcome = bench.load(plan, bench.land(plan, "1", ONE, rejects=["x"]))

    assert not outcome.published
    assert "t__rejects" not in bench.tables()


def test_rejects_are_stored_beside_their_rows(bench: Bench) -> None:
    plan = plan_of(schema_contract=DISCARDING)
    for name, table in (("rows", rejects_of([])), ("rejects", rejects_of(["x"]))):
        pq.write_table(table, bench.folder / f"{name}.parquet")
    read = ReadResult(
        bench.folder / "rows.parquet", 0, COLUMNS, 0, (), 1, bench.folder / "rejects.parquet"
    )

    landed = store(bench.bucket, plan.prefix("1"), plan.tables[0], read, silent)

    names = {stored.name for stored in bench.bucket.list("")}
    assert {o.name for o in landed.stored} == names
    assert len([name for name in names if "/d.t__rejects-" in name]) == 1
    assert not list(bench.folder.glob("*.parquet"))


def test_rejects_are_pruned_with_their_version(bench: Bench) -> None:
    plan = plan_of(schema_contract=DISCARDING)
    keeping = replace(
        plan, spec=replace(plan.spec, bucket=replace(plan.spec.bucket, keep_versions=1))
    )
    for day, version in enumerate(("1", "2"), start=1):
        moment = datetime(2026, 1, day, tzinfo=UTC)
        manifest = bench.land(plan, version, ONE, rejects=["x"], landed_at=moment)

    prune(keeping, bench.bucket, "2")

    left = {stored.name for stored in bench.bucket.list("")}
    assert left == {manifest.name, *(o.name for o in manifest.tables[0].stored)}
