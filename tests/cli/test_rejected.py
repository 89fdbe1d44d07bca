"""How the terminal tells what a schema contract let go of."""

from pathlib import Path

from factory.changes.outlook import Facts, TableFacts, look_ahead
from factory.cli.plan_changes import table_words
from factory.cli.summary import table_lines
from factory.ports import SourceVersion
from factory.spec.model import SchemaContract
from tests.ingest.loads import TABLE, Bench, plan_of

PLAN = plan_of(schema_contract=SchemaContract("evolve", "discard_value"))


def test_a_run_counts_rejects_by_column_and_says_where_they_are(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    loading = bench.load(PLAN, bench.land(PLAN, "1", [(1, "a")], rejects=["x", "y"]))

    said = list(table_lines([loading], PLAN, color=False))

    assert "  2 rejected: a 2 (see d.t__rejects)" in said
    assert any("warned rejected_rows: 2 rejected; line 2" in line for line in said)


def test_a_run_without_rejects_says_nothing_of_them(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    loading = bench.load(PLAN, bench.land(PLAN, "1", [(1, "a")]))

    assert "reject" not in "\n".join(table_lines([loading], PLAN, color=False))


def test_a_plan_tells_what_the_last_load_rejected(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.load(PLAN, bench.land(PLAN, "1", [(1, "a")], rejects=["x", "y"]))
    facts = TableFacts(True, tuple(bench.warehouse.loads(TABLE)))

    outlook = look_ahead(PLAN, Facts(SourceVersion("1", "version 1"), {TABLE: facts}))

    [table] = outlook.tables
    assert table.rejected == 2
    assert "1 row now, 2 rejected by the last load" in table_words(table)
