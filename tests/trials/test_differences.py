"""Rows against expectations, and the values in them."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.ports import ColumnType
from factory.spec.marks import Mark
from factory.spec.model import ExpectedRow
from factory.trials.differences import difference
from factory.trials.values import is_same, shown, value_of

TYPES: Mapping[str, ColumnType] = {"a": "INT64", "b": "STRING"}
MARK = Mark("p.yaml", 3, 1, 3, 9)
ROWS = st.lists(st.tuples(st.integers(0, 2) | st.none(), st.sampled_from("xyz")), max_size=12)
NAMED = st.lists(st.sampled_from([("a",), ("b",), ("a", "b"), ()]), min_size=12, max_size=12)


def expected(row: tuple[int | None, str], names: tuple[str, ...] = ("a", "b")) -> ExpectedRow:
    texts = {"a": None if row[0] is None else str(row[0]), "b": row[1]}
    return ExpectedRow(tuple((name, texts[name]) for name in names), MARK)


def came(rows: list[tuple[int | None, str]]) -> list[dict[str, object]]:
    return [{"a": a, "b": b} for a, b in rows]


@given(ROWS, NAMED, st.randoms(use_true_random=False))
def test_the_order_and_what_is_not_named_do_not_matter(
    rows: list[tuple[int | None, str]], names: list[tuple[str, ...]], chance: random.Random
) -> None:
    wanted = [expected(row, named) for row, named in zip(rows, names, strict=False)]
    chance.shuffle(wanted)
    assert difference(wanted, came(rows), TYPES) is None


@given(ROWS, st.integers(0, 11))
def test_a_row_too_few_or_another_value_is_seen(
    rows: list[tuple[int | None, str]], which: int
) -> None:
    wanted = [expected(row) for row in rows]
    assert difference([*wanted, expected((7, "x"))], came(rows), TYPES) is not None
    assert difference(wanted, came([*rows, (7, "x")]), TYPES) is not None
    if rows:
        changed = list(rows)
        changed[which % len(rows)] = (9, "w")
        found = difference(wanted, came(changed), TYPES)
        assert found is not None
        assert found[0].endswith("1 did not come and 1 came that was not expected")


def test_a_long_difference_is_cut_and_wide_characters_line_up() -> None:
    rows = came([(n, "日本") for n in range(60)])
    found = difference([expected((99, "é"))], rows, TYPES)
    assert found is not None
    assert found[1][1] == "-  99  é     p.yaml:3"
    assert found[1][2].endswith("日本")
    assert found[1][-2] == "and 41 more"


VALUES: list[tuple[ColumnType, str, object, str]] = [
    ("STRING", "007", "007", "007"),
    ("INT64", "7", 7, "7"),
    ("FLOAT64", "1e3", 1000.0, "1000.0"),
    ("NUMERIC", "1.50", Decimal("1.500000000"), "1.5"),
    ("BOOL", "True", True, "true"),
    ("DATE", "2020-05-03", date(2020, 5, 3), "2020-05-03"),
    ("DATETIME", "2020-05-03 04:05:06", datetime(2020, 5, 3, 4, 5, 6), "2020-05-03 04:05:06"),
    ("TIMESTAMP", "2020-05-03T04:05:06+02:00", datetime(2020, 5, 3, 2, 5, 6, tzinfo=UTC),
     "2020-05-03 02:05:06Z"),
    ("TIMESTAMP", "2020-05-03 02:05", datetime(2020, 5, 3, 2, 5, tzinfo=UTC),
     "2020-05-03 02:05:00Z"),
    ("TIME", "04:05", time(4, 5), "04:05:00"),
    ("BYTES", "AAE=", b"\x00\x01", "AAE="),
    ("JSON", '{"b": 1, "a": 2}', '{"a":2,"b":1}', '{"a":2,"b":1}'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "value", "text"), VALUES)
def test_a_value_is_what_the_column_makes_of_it(
    kind: ColumnType, typed: str, value: object, text: str
) -> None:
    assert is_same(value, typed, kind)
    assert shown(value) == text
    assert is_same(value, text, kind)
    assert not is_same(None, typed, kind)
    assert not is_same(value, None, kind)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("INT64", "true"), ("INT64", "1.5"), ("FLOAT64", "a"), ("NUMERIC", "sNaN"), ("BOOL", "1"),
        ("DATE", "03/05/2020"), ("DATETIME", "2020-05-03T00:00Z"), ("TIME", "noon"),
        ("BYTES", "?"), ("JSON", "{"), ("TIMESTAMP", "x"),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_none(kind: ColumnType, typed: str) -> None:
    with pytest.raises(ValueError, match=f"is no {kind}"):
        value_of(typed, kind)
    assert not is_same(1, typed, kind)


def test_null_is_null() -> None:
    assert is_same(None, None, "STRING")
    assert not is_same(None, "", "STRING")
    assert shown(None) == "NULL"
    assert shown("a\x1b[31m\n") == "a\\x1b[31m\\n"
