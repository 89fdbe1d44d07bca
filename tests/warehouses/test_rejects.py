"""Tables of rejects, on every warehouse: they change with the rows, and as the rows do."""

from dataclasses import replace

import pyarrow as pa
import pytest

from factory.errors import Permanent
from factory.ports import REJECT_COLUMNS, Column, Disposition, TableShape
from factory.warehouses.rejects import COLUMNS
from tests.warehouses.rig import AB, VERSION, Rig

ROWS = {"a": [1], "b": ["x"]}


def test_rejects_are_told_with_their_load(both: Rig) -> None:
    both.load("one", ROWS, rejects=["x", "y"])

    found = both.warehouse.query(f"SELECT * FROM {both.dataset}.people__rejects ORDER BY _line")

    assert [tuple(row) for row in found] == [tuple(c.name for c in COLUMNS)] * 2
    assert list(found[1].values()) == [
        "one", VERSION, "people.csv", 3, "a", "y", "not INT64", None,
    ]  # fmt: skip
    assert both.rows() == [(1, "x")]


def test_there_is_no_table_until_something_is_rejected(both: Rig) -> None:
    both.load("one", ROWS)

    assert not both.warehouse.exists(both.table.rejects)


def test_a_replace_leaves_the_rejects_of_its_own_load(both: Rig) -> None:
    both.load("one", ROWS, rejects=["x", "y"])
    both.load("two", ROWS, rejects=["z"])
    assert both.rejects() == [("two", VERSION, "z")]

    both.load("three", ROWS)

    assert both.warehouse.exists(both.table.rejects)
    assert both.rejects() == []


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_rejects_of_other_versions_stay_where_rows_do(both: Rig, disposition: Disposition) -> None:
    for load, version, value in (("1", "v1", "x"), ("2", "v2", "y"), ("3", "v1", "z")):
        both.load(load, ROWS, AB, disposition, rejects=[value], version=version)
    assert both.rejects() == [("2", "v2", "y"), ("3", "v1", "z")]

    both.load("4", ROWS, AB, disposition, version="v2")

    assert both.rejects() == [("3", "v1", "z")]


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_rejects_of_a_load_are_published_once(both: Rig, disposition: Disposition) -> None:
    both.load("one", ROWS, AB, disposition, rejects=["x"])

    again = both.load("one", ROWS, AB, disposition, rejects=["x"])

    assert again.already
    assert both.rejects() == [("one", VERSION, "x")]
    assert both.rows() == [(1, "x")]


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_a_publish_that_fails_leaves_the_rejects(both: Rig, disposition: Disposition) -> None:
    both.load("one", ROWS, AB, disposition, rejects=["x"], version="v1")
    staged = both.stage(both.shape(AB, disposition), "two", ROWS)
    let_go = both.stage_rejects("two", ["y"])
    both.warehouse.discard(let_go)

    with pytest.raises(Permanent):
        both.publish(staged, both.row("two", 1, disposition, "v2"), let_go)

    assert both.rejects() == [("one", "v1", "x")]
    assert both.rows() == [(1, "x")]
    assert [load.load_id for load in both.warehouse.loads(both.table)] == ["one"]


def test_a_table_of_somebody_else_is_left_alone(both: Rig) -> None:
    table = both.table.rejects
    shape = TableShape(table, (Column("a", "INT64"),))
    name = both.put("raw/theirs.parquet", pa.table({"a": [7]}))
    theirs = both.warehouse.stage(shape, "theirs", [name], both.bucket)
    both.publish(theirs, replace(both.row("theirs", 1), table=table))

    for rejects in ([], ["x"]):
        with pytest.raises(Permanent, match="people__rejects .* is a table of somebody else"):
            both.load("one", ROWS, rejects=rejects)

    found = both.warehouse.query(f"SELECT a FROM {table}")
    assert [row["a"] for row in found] == [7]
    assert not both.warehouse.exists(both.table)


def test_rejects_may_hold_anything(both: Rig) -> None:
    odd = ["", "it's \"`\\", "ünï 数 \U0001f600 e\u0301", "two\nlines\t\x01"]

    both.load("it's one", ROWS, rejects=odd)

    assert {row[2] for row in both.rejects()} == set(odd)


def test_staging_of_rejects_is_typed_as_they_are(both: Rig) -> None:
    staged = both.stage_rejects("one", ["x"])

    [row] = both.warehouse.query(f"SELECT * FROM {staged.reference}")
    assert list(row) == [column.name for column in REJECT_COLUMNS]
