"""Types are decided from the whole column, and nothing is lost by them."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.ingest.reading.lossless import inferred
from factory.ports import ColumnType
from tests.ingest.reading.bench import csv_text, read


def kind_of(*values: str) -> str:
    return read(csv_text([["v", "x"], *([value, "x"] for value in values)])).types["v"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2", "0", "9223372036854775807", "-9223372036854775808"], "INT64"),
        (["1", ""], "INT64"),
        (["007", "1"], "STRING"),
        (["+1", "2"], "STRING"),
        (["  1", " 20", "3  "], "INT64"),
        (["\t1", "2"], "STRING"),
        (["   ", "2"], "STRING"),
        ([" 007", "1"], "STRING"),
        (["1_000", "2"], "STRING"),
        (["0x1F", "2"], "STRING"),
        (["1", "9223372036854775808"], "STRING"),
        (["12345678901234567890", "1.5"], "STRING"),
        (["1", "2.5"], "FLOAT64"),
        (["1.50", "-0.25", ".5", "5.", "1e3", "1.5E-7"], "FLOAT64"),
        ([" 1.50", "-0.25 ", "  123456789.0123456"], "FLOAT64"),
        (["0.00001234567890123456", "-73.98215484619139"], "FLOAT64"),
        (["1e400", "1.5"], "STRING"),
        (["1e-400", "1.5"], "STRING"),
        (["nan", "1.5"], "STRING"),
        (["inf", "1.5"], "STRING"),
        (["01.5", "2.5"], "STRING"),
        (["12345678901234567.25", "1.5"], "NUMERIC"),
        (["0.1234567890123456789", "1.5"], "STRING"),
        (["12345678901234567", "1.5"], "NUMERIC"),
        (["true", "False", "TRUE"], "BOOL"),
        ([" true", "false"], "BOOL"),
        (["true", "1"], "STRING"),
        (["yes", "no"], "STRING"),
        (["2020-02-29", "0001-01-01", "9999-12-31"], "DATE"),
        ([" 2020-02-29", "2020-01-01 "], "DATE"),
        (["2020-02-30", "2020-01-01"], "STRING"),
        (["9999-99-99", "2020-01-01"], "STRING"),
        (["2020-1-5", "2020-01-01"], "STRING"),
        (["03/05/2020", "04/05/2020"], "STRING"),
        (["20200101", "20200102"], "INT64"),
        (["2020-01-01 10:00:00", "2020-01-01T10:00:00.123456", "2020-01-01 10:00"], "DATETIME"),
        (["2020-01-01 10:00:00 ", " 2020-01-01 10:00"], "DATETIME"),
        (["2020-01-01 10:00:00.1234567", "2020-01-01 10:00:00"], "STRING"),
        (["2020-01-01 24:00:00", "2020-01-01 10:00:00"], "STRING"),
        (["2020-01-01T10:00:00Z", "2020-01-01 10:00:00+02:00"], "TIMESTAMP"),
        ([" 2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z "], "TIMESTAMP"),
        (["2020-01-01T10:00:00Z", "2020-01-01 10:00:00"], "STRING"),
        (["0001-01-01T14:00:00+14:00", "9999-12-31 23:59:59.999999Z"], "TIMESTAMP"),
        (["2024-05-01T09:00-05:00", "2024-05-01 09:00+02:00"], "TIMESTAMP"),
        (["2024-05-01 09:00:00-05", "2024-05-01 09:00:00.123-0530"], "TIMESTAMP"),
        (["2024-05-01T09:00+14:59", "2024-05-01T09:00-14"], "TIMESTAMP"),
        (["2024-05-01 09:00-17:00", "2024-05-02 10:00-18:30"], "STRING"),
        (["2024-05-01 09:00-11:00", "2024-05-02 10:00-12:30"], "STRING"),
        (["2024-05-01 09:00-11:00", "2024-05-02 10:00:00Z"], "STRING"),
        (["2024-05-01T09:00+15:00", "2024-05-01T09:00Z"], "STRING"),
        (["2024-05-01T09:00:00-23", "2024-05-01T09:00Z"], "STRING"),
        (["2024-05-01T09:00+1830", "2024-05-01T09:00Z"], "STRING"),
        (["2024-05-01T09:00+24:00", "2024-05-01T09:00+99:00"], "STRING"),
        (["2024-05-01T09:00+05:60", "2024-05-01T09:00Z"], "STRING"),
        (["0001-01-01T00:00:00+14:00", "2020-01-01T10:00:00Z"], "STRING"),
        (["9999-12-31T23:59:59-14:00", "2020-01-01T10:00:00Z"], "STRING"),
        (["10:00:00", "11:30:00"], "STRING"),
        (["", ""], "STRING"),
    ],
)
def test_the_narrowest_type_that_loses_nothing(values: list[str], kind: str) -> None:
    assert kind_of(*values) == kind


def test_spaces_stay_in_texts_and_are_no_part_of_other_values() -> None:
    seen = read("id,what\n  1, a \n 20,b\n")
    assert seen.rows == [(1, " a "), (20, "b")]


@pytest.mark.parametrize("place", [0, 29_999])
def test_a_moment_beyond_the_calendar_counts_wherever_it_stands(place: int) -> None:
    values = ["2020-01-01T10:00:00Z"] * 30_000
    values[place] = "9999-12-31T23:59:59-14:00"
    seen = read("v,w\n" + "".join(f"{value},a\n" for value in values))
    assert seen.types["v"] == "STRING"
    assert [value for value, _ in seen.rows] == values


@pytest.mark.parametrize("strange", ["1.5", "007", "x", "9999-99-99"])
@pytest.mark.parametrize("place", [0, 7, 2_500, 29_999])
def test_a_strange_value_counts_wherever_it_stands(strange: str, place: int) -> None:
    values = [str(number) for number in range(30_000)]
    values[place] = strange
    seen = read("v,w\n" + "".join(f"{value},a\n" for value in values))
    kept = [value for value, _ in seen.rows]
    if strange == "1.5":
        assert seen.types["v"] == "FLOAT64"
        assert kept == [float(value) for value in values]
    else:
        assert seen.types["v"] == "STRING"
        assert kept == values


def test_a_column_that_is_empty_for_long_still_gets_its_type() -> None:
    seen = read("v,w\n" + ",a\n" * 5_000 + "2020-01-01,a\n")
    assert seen.types == {"v": "DATE", "w": "STRING"}


def test_every_type_has_its_own_parquet_type() -> None:
    seen = read(
        "i,f,n,b,d,m,t,s\n"
        "1,1.5,12345678901234567.25,true,2020-01-02,2020-01-02 03:04:05,2020-01-02T03:04:05Z,x\n"
    )
    assert seen.parquet_types == {
        "i": "BIGINT",
        "f": "DOUBLE",
        "n": "DECIMAL(38,9)",
        "b": "BOOLEAN",
        "d": "DATE",
        "m": "TIMESTAMP",
        "t": "TIMESTAMP WITH TIME ZONE",
        "s": "VARCHAR",
    }
    assert seen.rows[0][2] == Decimal("12345678901234567.25")


TEXTS = st.one_of(
    st.integers(-(10**21), 10**21).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.floats(allow_nan=False).map(repr),
    st.text("0123456789.-+eE_ ", max_size=22),
)


@given(st.lists(TEXTS, min_size=1, max_size=40))
@settings(max_examples=80)
def test_a_number_taken_as_one_has_the_digits_it_was_written_with(texts: list[str]) -> None:
    kinds: tuple[ColumnType, ...] = ("INT64", "FLOAT64", "NUMERIC")
    for kind in kinds:
        candidate = inferred(kind, "x")
        found = duckdb.execute(
            f"SELECT x, CAST({candidate.value} AS VARCHAR) FROM"
            f" (SELECT unnest(?::VARCHAR[]) AS x) WHERE {candidate.holds}",
            [texts],
        ).fetchall()
        for text, value in found:
            assert Decimal(value) == Decimal(text), (kind, text, value)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
@settings(max_examples=20)
def test_whole_numbers_are_always_recognised(numbers: list[int]) -> None:
    seen = read(csv_text([["v", "x"], *([str(number), "x"] for number in numbers)]))
    assert seen.types["v"] == "INT64"
    assert [value for value, _ in seen.rows] == numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=20)
def test_the_shortest_text_of_a_float_is_a_float(numbers: list[float]) -> None:
    texts = [repr(number) for number in [*numbers, 0.5]]
    seen = read(csv_text([["v", "x"], *([text, "x"] for text in texts)]))
    assert seen.types["v"] == "FLOAT64"
    assert [repr(value) for value, _ in seen.rows] == texts
