from dataclasses import replace
from pathlib import Path

import pytest

from factory.errors import Permanent, Refused
from factory.spec.model import CheckSpec
from tests.ingest.loads import TABLE, Bench, plan_of

ONE, TWO = [(1, "a"), (2, "b")], [(2, "B"), (3, "c")]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_rows_are_published_with_their_ledger_row(bench: Bench) -> None:
    plan = plan_of()
    outcome = bench.load(plan, bench.land(plan, "1", ONE), "run-1")
    assert (outcome.published, outcome.unchanged, outcome.rows) == (True, False, 2)
    assert bench.rows() == ONE
    (load,) = bench.warehouse.loads(TABLE)
    assert (load.source_version, load.rows, load.run_id) == ("1", 2, "run-1")
    assert bench.tables() == {"t", "_factory_loads"}


def test_the_same_version_again_changes_nothing(bench: Bench) -> None:
    plan = plan_of(checks=(CheckSpec("not_null", "warn", columns=("id",)),))
    manifest = bench.land(plan, "1", ONE)
    first = bench.load(plan, manifest, "run-1")
    again = bench.load(plan, manifest, "run-2")
    assert again.unchanged
    assert again.checks == first.checks
    assert [load.run_id for load in bench.warehouse.loads(TABLE)] == ["run-1"]


@pytest.mark.parametrize(
    ("disposition", "rows"),
    [
        ("replace", TWO),
        ("append", [*ONE, *TWO]),
        ("merge", [(1, "a"), (2, "B"), (3, "c")]),
    ],
)
def test_write_dispositions(bench: Bench, disposition: str, rows: list[tuple[int, str]]) -> None:
    plan = plan_of(write_disposition=disposition, primary_key=("id",))
    bench.load(plan, bench.land(plan, "1", ONE))
    bench.load(plan, bench.land(plan, "2", TWO))
    assert bench.rows() == sorted(rows)


def test_an_old_version_can_come_back(bench: Bench) -> None:
    plan = plan_of()
    one, two = bench.land(plan, "1", ONE), bench.land(plan, "2", TWO)
    for manifest in (one, two, one):
        bench.load(plan, manifest)
    assert bench.rows() == ONE
    assert [load.source_version for load in bench.warehouse.loads(TABLE)] == ["1", "2", "1"]


def test_append_takes_each_version_once_whatever_changes_in_the_spec(bench: Bench) -> None:
    plan = plan_of(write_disposition="append")
    bench.load(plan, bench.land(plan, "1", ONE))
    bench.load(plan, bench.land(plan, "2", TWO))
    changed = plan_of(write_disposition="append", cluster_by=("id",))
    assert bench.load(changed, bench.land(changed, "1", ONE)).unchanged
    assert bench.rows() == sorted([*ONE, *TWO])


def test_a_failed_check_keeps_the_old_table_and_the_staged_rows(bench: Bench) -> None:
    plan = plan_of(checks=(CheckSpec("unique", columns=("id",)),))
    bench.load(plan, bench.land(plan, "1", ONE))
    outcome = bench.load(plan, bench.land(plan, "2", [(7, "x"), (7, "y")]))
    assert not outcome.published
    assert [check.passed for check in outcome.checks] == [False]
    assert bench.rows() == ONE
    assert len(bench.warehouse.query(f"SELECT * FROM {outcome.staged}")) == 2
    assert len(bench.warehouse.loads(TABLE)) == 1


def test_a_warning_does_not_block(bench: Bench) -> None:
    plan = plan_of(checks=(CheckSpec("unique", "warn", columns=("id",)),))
    outcome = bench.load(plan, bench.land(plan, "1", [(7, "x"), (7, "y")]))
    assert outcome.published
    assert [check.passed for check in outcome.checks] == [False]


def test_a_new_check_is_asked_of_rows_that_are_loaded(bench: Bench) -> None:
    plan = plan_of()
    bench.load(plan, bench.land(plan, "1", [(7, "x"), (7, "y")]))
    stricter = plan_of(checks=(CheckSpec("unique", columns=("id",)),))
    outcome = bench.load(stricter, bench.land(stricter, "1", [(7, "x"), (7, "y")]))
    assert not outcome.unchanged
    assert not outcome.published


def test_a_dropped_table_is_made_again(bench: Bench) -> None:
    import duckdb

    plan = plan_of(write_disposition="append")
    manifest = bench.land(plan, "1", ONE)
    bench.load(plan, manifest, "run-1")
    with duckdb.connect(str(bench.folder / "w.duckdb")) as connection:
        connection.execute("DROP TABLE d.t")
    assert not bench.load(plan, manifest, "run-2").unchanged
    assert bench.rows() == ONE


def test_synthetic_rows_never_replace_real_ones(bench: Bench) -> None:
    plan = plan_of()
    bench.load(plan, bench.land(plan, "1", ONE))
    with pytest.raises(Refused, match="d.t holds 2 real rows"):
        bench.load(plan, bench.land(plan, "sample-2", TWO, synthetic=True))
    assert bench.rows() == ONE


def test_real_rows_replace_synthetic_ones_also_where_they_would_be_added(bench: Bench) -> None:
    plan = plan_of(write_disposition="append")
    bench.load(plan, bench.land(plan, "sample-2", TWO, synthetic=True))
    bench.load(plan, bench.land(plan, "1", ONE))
    assert bench.rows() == ONE


def test_fewer_staged_rows_than_landed_ones_are_refused(bench: Bench) -> None:
    plan = plan_of()
    manifest = bench.land(plan, "1", ONE)
    lying = replace(manifest, tables=(replace(manifest.tables[0], rows=3),))
    with pytest.raises(Permanent, match="3 rows were landed and 2 staged"):
        bench.load(plan, lying)
    assert "t" not in bench.tables()


def test_the_preview_shows_rows(bench: Bench) -> None:
    plan = plan_of()
    outcome = bench.load(plan, bench.land(plan, "1", ONE))
    assert [dict(row) for row in outcome.preview] == [
        {"id": 1, "name": "a"},
        {"id": 2, "name": "b"},
    ]
