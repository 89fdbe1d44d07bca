"""Synthetic rows: they follow the contract, pass its checks, and are the same every time."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from factory.errors import Permanent, Refused
from factory.ingest.reading import ReadRequest, match_members, open_members, read_table
from factory.ingest.table_files import SAMPLE_FORMAT, sample_file
from factory.plan import TablePlan, plan_pipeline
from factory.ports import FetchedFile, FetchRequest, TableId
from factory.sources.sample import SampleSource
from factory.spec.marks import Mark
from factory.spec.model import (
    BucketSpec,
    BucketTarget,
    CheckSpec,
    ColumnSpec,
    LimitSpec,
    PipelineSpec,
    RetrySpec,
    SchemaContract,
    SourceSpec,
    TableSpec,
    TargetSpec,
    WarehouseTarget,
)

TYPES = (
    "STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME",
    "BYTES", "JSON",
)  # fmt: skip


def planned(*tables: TableSpec) -> tuple[TablePlan, ...]:
    spec = PipelineSpec(
        name="p",
        mark=Mark("pipelines/p.yaml", 1, 1, 1, 1),
        source=SourceSpec("kaggle", "a/b"),
        bucket=BucketSpec("b", "raw", "parquet"),
        tables=tables,
        retries=RetrySpec(1, 0, "constant"),
        limits=LimitSpec(),
    )
    target = TargetSpec("local", BucketTarget("local", "."), WarehouseTarget("duckdb", "."))
    return plan_pipeline(spec, target).tables


def table(columns: Sequence[ColumnSpec], name: str = "t", **more: Any) -> TableSpec:
    return TableSpec(
        TableId("d", name), SchemaContract("evolve", "freeze"), columns=tuple(columns), **more
    )


def fetch(source: SampleSource, folder: Path, max_bytes: int | None = None) -> list[FetchedFile]:
    request = FetchRequest(("*.parquet",), folder, max_bytes, lambda *_: None)
    return list(source.fetch(source.version(), request))


def rows_of(spec: TableSpec, rows: int, seed: int = 1) -> list[dict[str, Any]]:
    """The sample as the pipeline's own reader takes it: frozen types, so every value must fit."""
    import duckdb

    (plan,) = planned(spec)
    source = SampleSource([plan], rows, seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        members = open_members(fetch(source, folder / "fetched"), folder)
        chosen = match_members(members, [sample_file(plan)])
        request = ReadRequest(spec, SAMPLE_FORMAT, folder / "read", None, lambda *_: None)
        result = read_table(chosen, request)
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT * FROM read_parquet('{result.parquet}')")
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_every_type_can_be_made_and_read_again() -> None:
    spec = table([ColumnSpec(f"c_{kind.lower()}", type=kind) for kind in TYPES])  # type: ignore[arg-type]  # kind is a type's name
    rows = rows_of(spec, 500)
    assert len(rows) == 500
    for name in rows[0]:
        values = [row[name] for row in rows]
        assert 0 < values.count(None) < 50, name
        assert len(set(values)) >= 3, name


def test_values_stay_within_the_contract() -> None:
    spec = table(
        [
            ColumnSpec("age", type="INT64", min=0, max=125, nullable=False),
            ColumnSpec("sex", type="INT64", values=(1, 2)),
            ColumnSpec("share", type="FLOAT64", min=-1.5, max=-0.5),
            ColumnSpec("tiny", type="NUMERIC", min=0.001, max=0.002, nullable=False),
            ColumnSpec(
                "died",
                type="DATE",
                format="%d/%m/%Y",
                null_values=("9999-99-99", "unknown"),
                min="2020-01-01",
                max="2020-12-31",
            ),
            ColumnSpec("seen", type="DATETIME", max="2001-01-01T00:00:00"),
        ]
    )
    rows = rows_of(spec, 2_000)
    assert {row["age"] for row in rows} <= set(range(126))
    assert {row["sex"] for row in rows} == {1, 2, None}
    assert all(-1.5 <= row["share"] <= -0.5 for row in rows if row["share"] is not None)
    assert all(float(row["tiny"]) == 0.001 for row in rows)
    died = [row["died"] for row in rows if row["died"]]
    assert date(2020, 1, 1) <= min(died) <= max(died) <= date(2020, 12, 31)
    assert 20 < len(rows) - len(died) < 100
    assert max(row["seen"] for row in rows if row["seen"]) <= datetime(2001, 1, 1)


def test_null_values_are_written_as_the_source_writes_them(tmp_path: Path) -> None:
    spec = table([ColumnSpec("d", type="DATE", null_values=("9999-99-99",)), ColumnSpec("e")])
    text = fetch(SampleSource(planned(spec), 500), tmp_path)[0].path.read_text()
    assert text.startswith("d,e\n")
    assert "9999-99-99" in text


def test_the_declared_checks_hold() -> None:
    spec = table(
        [
            ColumnSpec("ID", type="INT64"),
            ColumnSpec("code", type="STRING"),
            ColumnSpec("what", type="STRING"),
            ColumnSpec("size", type="INT64"),
            ColumnSpec("day", type="DATE"),
        ],
        write_disposition="merge",
        primary_key=("id",),
        checks=(
            CheckSpec("unique", columns=("code",)),
            CheckSpec("unique", columns=("what", "day")),
            CheckSpec("not_null", columns=("size",)),
            CheckSpec("accepted_values", columns=("what",), values=("a", "b")),
            CheckSpec("range", columns=("size",), min=5, max=6),
        ),
    )
    rows = rows_of(spec, 700)
    assert len({row["id"] for row in rows}) == 700
    assert len({row["code"] for row in rows}) == 700
    assert len({(row["what"], row["day"]) for row in rows}) == 700
    assert {row["what"] for row in rows} <= {"a", "b", None}
    assert {row["size"] for row in rows} == {5, 6}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    spec = table([ColumnSpec("a", type="INT64"), ColumnSpec("b", type="STRING")])

    def hashes(rows: int, seed: int) -> set[str]:
        source = SampleSource(planned(spec), rows, seed)
        return {fetch(source, tmp_path)[0].sha256 for _ in range(2)}

    first = hashes(1_000, 1)
    assert len(first) == 1
    assert hashes(1_000, 2) != first
    assert hashes(999, 1) != first


def test_the_version_tells_contract_rows_and_seed_apart() -> None:
    column = ColumnSpec("a", type="INT64")
    version = SampleSource(planned(table([column])), 1_000).version()
    assert version.synthetic
    assert version.label == "synthetic, 1,000 rows"
    assert version.id.startswith("sample-1000-1-")
    described = ColumnSpec("a", type="INT64", description="x", mark=Mark("f", 1, 1, 1, 1))
    others = [
        SampleSource(planned(table([described])), 1_000).version().id,
        SampleSource(planned(table([ColumnSpec("a", type="STRING")])), 1_000).version().id,
        SampleSource(planned(table([column])), 1_000, seed=2).version().id,
        SampleSource(planned(table([column])), 2_000).version().id,
    ]
    assert [other == version.id for other in others] == [True, False, False, False]


def test_each_table_has_a_file_of_its_own(tmp_path: Path) -> None:
    columns = [ColumnSpec("a", type="INT64")]
    plans = planned(
        table(columns, "one", files=("shared.csv",)), table(columns, "two", files=("*.parquet",))
    )
    names = [file.name for file in fetch(SampleSource(plans, 10), tmp_path)]
    assert names == ["d.one.csv", "d.two.csv"] == [sample_file(plan) for plan in plans]


@pytest.mark.parametrize("columns", [[], [ColumnSpec("a"), ColumnSpec("b")]])
def test_without_types_there_is_nothing_to_make(columns: list[ColumnSpec]) -> None:
    with pytest.raises(Permanent, match="no column contract") as caught:
        SampleSource(planned(table(columns)), 10)
    assert "add columns:" in str(caught.value.hint)


def test_a_key_with_too_few_values_is_an_error() -> None:
    narrow = table(
        [ColumnSpec("id", type="INT64", min=1, max=9)],
        checks=(CheckSpec("unique", columns=("id",)),),
    )
    assert len(rows_of(narrow, 9)) == 9
    with pytest.raises(Permanent, match='"id" is unique and has only 9 values'):
        SampleSource(planned(narrow), 10)


def test_the_limit_on_bytes_holds(tmp_path: Path) -> None:
    source = SampleSource(planned(table([ColumnSpec("a", type="INT64")])), 1_000)
    with pytest.raises(Refused, match="more than max_bytes allows"):
        fetch(source, tmp_path, max_bytes=100)
