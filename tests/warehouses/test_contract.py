"""What every warehouse does. The same tests on DuckDB and on BigQuery."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from factory.errors import FactoryError, Overtaken, Permanent
from factory.ports import Column, ColumnType, Disposition, TableId
from tests.warehouses.rig import AB, Rig

ABC = (*AB, Column("c", "DATE"))


@pytest.fixture
def rig(both: Rig) -> Rig:
    return both


def test_a_first_load_makes_the_table_and_its_ledger(rig: Rig) -> None:
    assert not rig.warehouse.exists(rig.table)
    assert rig.warehouse.loads(rig.table) == ()

    published = rig.load("one", {"a": [1, 2], "b": ["x", None]})

    assert (published.rows, published.already) == (2, False)
    assert rig.rows() == [(1, "x"), (2, None)]
    assert rig.warehouse.exists(rig.table)
    [load] = rig.warehouse.loads(rig.table)
    assert load.loaded_at is not None
    assert abs(load.loaded_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert replace(load, loaded_at=None) == rig.row("one", 2)
    assert rig.warehouse.loads(TableId(rig.dataset, "other")) == ()


def test_staged_rows_are_counted_and_seen_by_nobody_else(rig: Rig) -> None:
    rig.load("one", {"a": [1], "b": ["old"]})

    staged = rig.stage(rig.shape(), "two", {"b": ["new", "newer"], "a": [1, 2]})

    assert staged.rows == 2
    assert rig.rows() == [(1, "old")]
    [count] = rig.warehouse.query(f"SELECT COUNT(*) AS n FROM {staged.reference}")
    assert count["n"] == 2


def test_staging_again_is_the_same(rig: Rig) -> None:
    rows = {"a": [1, 2], "b": ["x", "y"]}

    first = rig.stage(rig.shape(), "one", rows)
    second = rig.stage(rig.shape(), "one", rows)
    rig.warehouse.discard(second)
    rig.warehouse.discard(second)
    third = rig.stage(rig.shape(), "one", rows)

    assert first == second == third
    [count] = rig.warehouse.query(f"SELECT COUNT(*) AS n FROM {third.reference}")
    assert count["n"] == 2


@pytest.mark.parametrize(("asked", "shown"), [(0, []), (2, [2, 1]), (10, [2, 1, 3])])
def test_the_first_rows_come_with_the_outcome_as_they_are_typed(
    rig: Rig, asked: int, shown: list[int]
) -> None:
    name = rig.put("raw/1", pa.table({"b": ["x", "y", "z"], "a": pa.array([2, 1, 3], pa.int8())}))
    shape = rig.shape((Column("a", "FLOAT64"), AB[1]))

    staged = rig.warehouse.stage(shape, "one", [name], rig.bucket, asked)

    assert [list(row) for row in staged.preview] == [["a", "b"]] * len(shown)
    assert [row["a"] for row in staged.preview] == shown
    assert all(isinstance(row["a"], float) for row in staged.preview)


def test_rows_may_lie_in_several_objects(rig: Rig) -> None:
    names = [
        rig.put("raw/1", pa.table({"a": [1], "b": ["x"]})),
        rig.put("raw/2", pa.table({"a": [2], "b": pa.array([None], pa.string())})),
    ]

    staged = rig.warehouse.stage(rig.shape(), "one", names, rig.bucket)

    assert staged.rows == 2


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_a_load_is_published_once(rig: Rig, disposition: Disposition) -> None:
    rig.load("zero", {"a": [9], "b": ["before"]}, disposition=disposition)
    staged = rig.stage(rig.shape(AB, disposition), "one", {"a": [1], "b": ["x"]})
    rig.publish(staged, rig.row("one", 1, disposition))
    before = rig.rows()
    assert before == ([(1, "x")] if disposition == "replace" else [(1, "x"), (9, "before")])

    again = rig.stage(rig.shape(AB, disposition), "one", {"a": [1], "b": ["x"]})
    published = rig.publish(again, rig.row("one", 1, disposition))

    assert (published.rows, published.already) == (len(before), True)
    assert rig.rows() == before
    assert [load.load_id for load in rig.warehouse.loads(rig.table)] == ["one", "zero"]


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_a_load_is_published_after_the_one_that_it_knows_of_or_not_at_all(
    rig: Rig, disposition: Disposition
) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)
    slow = rig.stage(rig.shape(AB, disposition), "slow", {"a": [2], "b": ["slow"]})
    let_go = rig.stage_rejects("slow", ["r"])
    rig.load("fast", {"a": [2], "b": ["fast"]}, disposition=disposition)
    before = rig.rows()

    with pytest.raises(FactoryError) as told:  # Permanent where its rows are missed first
        rig.warehouse.publish(slow, rig.row("slow", 1, disposition), "one", let_go)
    if disposition == "replace":
        assert isinstance(told.value, Overtaken)
        assert f"another run has published {rig.table}" in told.value.message

    assert rig.rows() == before
    assert not rig.warehouse.exists(rig.table.rejects) or rig.rejects() == []
    assert [load.load_id for load in rig.warehouse.loads(rig.table)] == ["fast", "one"]
    if disposition == "append":  # whose rows stand beside the others
        again = rig.stage(rig.shape(AB, disposition), "slow", {"a": [2], "b": ["slow"]})
        rig.warehouse.publish(again, rig.row("slow", 1, disposition), "one")
        assert sorted(rig.rows()) == sorted([*before, (2, "slow")])


def test_a_first_load_is_not_published_over_another_first_one(rig: Rig) -> None:
    slow = rig.stage(rig.shape(), "slow", {"a": [2], "b": ["slow"]})
    rig.load("fast", {"a": [1], "b": ["fast"], "c": [1]}, (*AB, Column("c", "INT64")))

    with pytest.raises(Overtaken):
        rig.warehouse.publish(slow, rig.row("slow", 1), None)

    assert rig.rows() == [(1, "fast", 1)]


def test_replace_leaves_nothing_of_the_old_table(rig: Rig) -> None:
    rig.load("one", {"a": [1, 2], "b": ["x", "y"]})
    rig.load("two", {"a": [3], "b": ["z"]})
    assert rig.rows() == [(3, "z")]

    columns = (Column("c", "FLOAT64"), Column("a", "STRING"))
    rig.load("three", {"a": ["007"], "c": [0.5]}, columns)

    assert rig.names() == ["c", "a"]
    assert rig.rows() == [(0.5, "007")]


def test_append_evolves_the_columns(rig: Rig) -> None:
    required = (Column("a", "INT64"), Column("b", "STRING", nullable=False))
    rig.load("one", {"a": [1], "b": ["x"]}, required, "append")

    added = (Column("c", "INT64", description="New."), Column("a", "INT64"))
    published = rig.load("two", {"a": [2], "c": [7]}, added, "append")

    assert published.rows == 2
    assert rig.names() == ["a", "b", "c"]
    assert rig.rows() == [(1, "x", None), (2, None, 7)]


def test_a_wider_column_takes_narrower_rows(rig: Rig) -> None:
    rig.load("one", {"a": [1.5]}, (Column("a", "FLOAT64"),), "append")

    rig.load("two", {"a": [2]}, (Column("a", "INT64"),), "append")

    assert rig.rows() == [(1.5,), (2.0,)]


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_whole_numbers_that_no_double_is_stop_the_load(rig: Rig, disposition: Disposition) -> None:
    doubles = tuple(Column(name, "FLOAT64") for name in "ab")
    whole = (*(Column(name, "INT64") for name in "ab"), Column("c", "STRING"))
    exact = [-(2**63), -(2**53), 2**53, 2**53 + 2, 2**63 - 1024, None]
    bent = [2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**63 - 1023, 2**54 + 2, 7]
    rig.load("one", {"a": [1.5, 2.0**53], "b": [0.5, 1.5]}, doubles, disposition)

    with pytest.raises(Permanent, match=r"change in columns of .* FLOAT64: b \(5 values\)"):
        rig.load("two", {"a": range(6), "b": bent, "c": ["x"] * 6}, whole, disposition)
    rows = {"a": [2**53 + 1], "b": [-(2**63) + 1], "c": ["x"]}
    with pytest.raises(Permanent, match=r"a \(1 values\), b \(1 values\)"):
        rig.load("three", rows, whole, disposition)

    assert rig.rows() == [(1.5, 0.5), (2.0**53, 1.5)]
    rig.load("four", {"a": range(3, 9), "b": exact, "c": ["x"] * 6}, whole, disposition)
    assert [row[1] for row in rig.rows()] == [0.5, *exact, 1.5]


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_a_column_without_values_goes_into_one_of_any_type(
    rig: Rig, disposition: Disposition
) -> None:
    kinds: dict[str, ColumnType] = {"b": "INT64", "c": "DATE", "d": "JSON"}
    values = {"b": [5], "c": [date(2024, 1, 1)], "d": ["{}"]}
    filled = (AB[0], *(Column(name, kind) for name, kind in kinds.items()))
    rig.load("one", {"a": [1], **values}, filled, disposition)

    empty = (AB[0], *(Column(name, "STRING", empty=True) for name in kinds))
    nothing = {name: pa.array([None], pa.string()) for name in kinds}
    rig.load("two", {"a": [2], **nothing}, empty, disposition)

    none = ", ".join(f"{name} IS NULL AS {name}" for name in kinds)
    found = rig.warehouse.query(f"SELECT a, {none} FROM {rig.dataset}.people ORDER BY a")
    assert [tuple(row.values()) for row in found] == [
        (1, False, False, False),
        (2, True, True, True),
    ]


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_a_file_without_rows_changes_nothing_in_a_table(rig: Rig, disposition: Disposition) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)

    nothing, columns = pa.array([], pa.string()), [Column(n, "STRING", empty=True) for n in "ab"]
    published = rig.load("two", {"a": nothing, "b": nothing}, columns, disposition)

    assert (published.rows, rig.rows()) == (1, [(1, "x")])


@pytest.mark.parametrize("disposition", ["append", "merge"])
def test_a_column_of_another_type_stops_the_load(rig: Rig, disposition: Disposition) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)

    with pytest.raises(Permanent, match="column b of .* is STRING, the new rows have FLOAT64"):
        rig.load("two", {"a": [2], "b": [0.5]}, (AB[0], Column("b", "FLOAT64")), disposition)

    assert rig.rows() == [(1, "x")]
    assert len(rig.warehouse.loads(rig.table)) == 1


def test_merge_updates_and_inserts_by_key(rig: Rig) -> None:
    rig.load("one", {"a": [1, 2], "b": ["x", "y"]}, disposition="merge")

    rows = {"a": [2, 3], "b": [None, "z"], "c": pa.array([None, 19000], pa.date32())}
    published = rig.load("two", rows, ABC, "merge")

    assert published.rows == 3
    day = datetime(2022, 1, 8, tzinfo=UTC).date()
    assert rig.rows() == [(1, "x", None), (2, None, None), (3, "z", day)]


@pytest.mark.parametrize("keys", [[2, 2, 3], [2, None, 3]])
def test_rows_without_a_key_of_their_own_stop_a_merge(rig: Rig, keys: list[int | None]) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition="merge")

    with pytest.raises(Permanent, match=r"1 values of the primary key \(a\)"):
        rig.load("two", {"a": keys, "b": ["y", "z", "w"]}, disposition="merge")

    assert rig.rows() == [(1, "x")]
    assert len(rig.warehouse.loads(rig.table)) == 1


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_a_publish_uses_up_what_was_staged(rig: Rig, disposition: Disposition) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)
    staged = rig.stage(rig.shape(AB, disposition), "two", {"a": [2], "b": ["y"]})

    rig.publish(staged, rig.row("two", 1, disposition))

    with pytest.raises(Permanent):
        rig.warehouse.query(f"SELECT COUNT(*) AS n FROM {staged.reference}")


def test_a_publish_drops_what_others_have_staged_for_its_table(rig: Rig) -> None:
    rig.stage(rig.shape(), "dead", {"a": [1], "b": ["x"]})
    rig.stage_rejects("dead", ["r"])
    others = [
        replace(rig.shape(), id=TableId(rig.dataset, name))
        for name in ("people2", "other_people", "people__stg_old")
    ]
    kept = [rig.stage(shape, "dead", {"a": [1], "b": ["x"]}) for shape in others]
    alike = replace(rig.shape(), id=TableId(rig.dataset, "people__stg_list"))
    rig.publish(
        rig.stage(alike, "made", {"a": [1], "b": ["x"]}),
        replace(rig.row("made", 1), table=alike.id),
    )

    rig.load("one", {"a": [1], "b": ["x"]})

    tables = "duckdb_tables()" if rig.is_file else f"{rig.dataset}.INFORMATION_SCHEMA.TABLES"
    found = {
        str(row["table_name"]) for row in rig.warehouse.query(f"SELECT table_name FROM {tables}")
    }
    staged = {part.reference.replace("`", "").replace('"', "").rpartition(".")[2] for part in kept}
    assert found == {"people", "people__stg_list", "_factory_loads", *staged}


@pytest.mark.parametrize("disposition", ["replace", "append", "merge"])
def test_a_publish_that_fails_changes_nothing(rig: Rig, disposition: Disposition) -> None:
    rig.load("one", {"a": [1], "b": ["x"]}, disposition=disposition)
    staged = rig.stage(rig.shape(AB, disposition), "two", {"a": [2], "b": ["y"]})
    rig.warehouse.discard(staged)

    with pytest.raises(Permanent):
        rig.publish(staged, rig.row("two", 1, disposition))

    assert rig.rows() == [(1, "x")]
    assert [load.load_id for load in rig.warehouse.loads(rig.table)] == ["one"]


def test_after_a_failed_publish_the_same_load_goes_through(rig: Rig) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})
    staged = rig.stage(rig.shape(), "two", {"a": [2], "b": ["y"]})
    rig.warehouse.discard(staged)
    with pytest.raises(Permanent):
        rig.publish(staged, rig.row("two", 1))

    published = rig.load("two", {"a": [2], "b": ["y"]})

    assert not published.already
    assert rig.rows() == [(2, "y")]


def test_a_query_in_the_users_language(rig: Rig) -> None:
    rig.load("one", {"a": [1, 2, 3], "b": ["x", "y", None]})
    sql = (
        f"SELECT COUNTIF(a > 1) AS big, SAFE_DIVIDE(1, 0) AS nothing, "
        f"COUNTIF(REGEXP_CONTAINS(b, r'^[xy]$')) AS named FROM `{rig.dataset}`.`people`"
    )

    [row] = rig.warehouse.query(rig.warehouse.translate(sql))

    assert dict(row) == {"big": 2, "nothing": None, "named": 2}


def test_a_wrong_query_says_what_is_wrong(rig: Rig) -> None:
    rig.load("one", {"a": [1], "b": ["x"]})

    with pytest.raises(Permanent, match="no_such_column"):
        rig.warehouse.query(f"SELECT no_such_column FROM {rig.dataset}.people")


def test_names_and_texts_may_hold_anything(rig: Rig) -> None:
    odd = "select"
    columns = (
        Column("a", "INT64", description='It\'s "the" `key`\\; line\ntwo — ünï'),
        Column(odd, "STRING"),
    )

    rig.load("it's one", {"a": [1], odd: ["x"]}, columns, "merge")
    rig.load("it's two", {"a": [1], odd: ["y"]}, columns, "merge")
    rig.load('it\'s "three"', {"a": [1], odd: ["z"]}, columns)

    assert rig.rows() == [(1, "z")]
    assert len(rig.warehouse.loads(rig.table)) == 3
