"""What the column contract does to columns and values."""

import json
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any

import pytest

from factory.errors import Permanent
from factory.spec.model import ColumnSpec, FormatSpec
from tests.ingest.reading.bench import contract, csv_text, read, table

FILE = "ID,Age,Born\n1,34,3/5/2020\n2,x,03/05/2020\n3,7.5,9999-99-99\n"
BORN = contract("Born", "DATE", format="%d/%m/%Y", null_values=("9999-99-99",))


def test_frozen_types_name_the_column_the_values_and_the_place() -> None:
    with pytest.raises(Permanent) as caught:
        read(FILE, table([contract("age", "INT64"), BORN]))
    assert caught.value.message == (
        'pipelines/p.yaml:12: column "Age": 2 values are not INT64: "x" (line 3), "7.5" (line 4)'
    )


def test_at_most_five_values_are_shown() -> None:
    text = "a,b\n" + "".join(f"bad{n},1\n" for n in range(9))
    with pytest.raises(Permanent, match=r"9 values are not INT64.*bad4.*line 6") as caught:
        read(text, table([contract("a", "INT64")]))
    assert "bad5" not in caught.value.message


def test_lines_are_counted_through_quoted_line_ends() -> None:
    text = 'a,b\n"x\ny",1\nz,bad\n'
    with pytest.raises(Permanent, match=r'"bad" \(line 4\)'):
        read(text, table([contract("b", "INT64")]))


def test_lines_are_counted_in_their_own_file() -> None:
    files = {"1.csv": b"a,b\n1,2\n", "2.csv": b"a,b\n1,2\nx,3\n"}
    with pytest.raises(Permanent, match=r'"x" \(2.csv line 3\)'):
        read(files, table([contract("a", "INT64")]))


def test_evolving_types_are_widened_and_noted() -> None:
    seen = read("a,b\n1,x\n2.5,y\n", table([contract("a", "INT64")], "evolve"))
    assert seen.types["a"] == "FLOAT64"
    assert seen.rows == [(1.0, "x"), (2.5, "y")]
    assert seen.result.notes == ('column "a": not all INT64, widened to FLOAT64',)
    assert read(FILE, table([contract("Age", "INT64")], "evolve")).types["age"] == "STRING"


def test_discarded_values_are_null_and_counted() -> None:
    seen = read(FILE, table([contract("Age", "INT64"), BORN], "discard_value"))
    assert [age for _, age, _ in seen.rows] == [34, None, None]
    assert seen.result.notes == ('column "Age": 2 values made NULL, not INT64',)
    assert seen.result.rejected == 2


def test_discarded_rows_are_dropped_and_counted() -> None:
    seen = read(FILE, table([contract("Age", "INT64"), BORN], "discard_row"))
    assert seen.rows == [(1, 34, date(2020, 5, 3))]
    assert seen.result.notes == ('column "Age": 2 rows dropped, not INT64',)
    assert seen.result.rejected == 2


def test_a_row_with_two_bad_values_is_rejected_once() -> None:
    text = "a,b\n1,2\nx,y\nx,3\n4,\n"
    spec = table([contract("a", "INT64"), contract("b", "INT64")], "discard_row")
    seen = read(text, spec)
    assert seen.rows == [(1, 2), (4, None)]
    assert seen.result.rejected == 2
    assert read("a,b\n1,2\n", spec).result.rejected == 0


ODD = 'Some report\n\nID,Age,Note\n1,34,"a\nb"\n2,x,c\n\n3,7.5,"d"\n'


def test_rejected_rows_are_kept_with_their_line_and_texts() -> None:
    first, second = read(ODD, table([contract("Age", "INT64")], "discard_row")).rejects
    assert first == {
        "_source_file": "rows.csv",
        "_line": 6,
        "_column": "age",
        "_value": "x",
        "_reason": "not INT64",
        "_row": '{"id": "2", "age": "x", "note": "c"}',
    }
    assert (second["_line"], second["_value"]) == (8, "7.5")


def test_rejected_values_are_kept_with_their_line() -> None:
    seen = read(ODD, table([contract("Age", "INT64")], "discard_value"))
    assert [(r["_line"], r["_value"], r["_row"]) for r in seen.rejects] == [
        (6, "x", None),
        (8, "7.5", None),
    ]


def test_dates_are_read_by_their_format_with_or_without_zeros() -> None:
    seen = read(FILE, table([BORN]))
    assert [born for *_, born in seen.rows] == [date(2020, 5, 3), date(2020, 5, 3), None]
    with pytest.raises(Permanent, match='not DATE as %d/%m/%Y: "3/5/20"'):
        read("Born,x\n3/5/20,1\n", table([BORN]))


def test_a_format_that_is_none_is_an_error_with_its_place() -> None:
    spec = table([contract("a", "DATE", format="%Q")])
    with pytest.raises(Permanent, match='pipelines/p.yaml:12: column "a": "%Q" is no format'):
        read("a,b\n1,2\n", spec)


@pytest.mark.parametrize(
    ("kind", "good", "value", "bad"),
    [
        ("STRING", "007", "007", None),
        ("INT64", "007", 7, "1.5"),
        ("INT64", "+5", 5, "1_000"),
        ("INT64", " 5 ", 5, "0x1F"),
        ("INT64", "3.0", 3, "9223372036854775808"),
        ("FLOAT64", "1e3", 1000.0, "1,5"),
        ("FLOAT64", "-inf", float("-inf"), "1e999"),
        ("NUMERIC", "0.123456789", Decimal("0.123456789"), "0.1234567891"),
        ("NUMERIC", "1.10", Decimal("1.1"), "1e29"),
        ("NUMERIC", "1e-05", Decimal("0.00001"), "1e-10"),
        ("NUMERIC", " -1.50E2", Decimal(-150), "9.99e-09"),
        (
            "NUMERIC",
            "12345678901234567890123456789e0",
            Decimal("12345678901234567890123456789"),
            "0.5e-9",
        ),
        ("NUMERIC", "0e400", Decimal(0), "1e-400"),
        ("BOOL", "Yes", True, "2"),
        ("BOOL", "0", False, "maybe"),
        ("DATE", "2020-02-29", date(2020, 2, 29), "2021-02-29"),
        ("DATE", "2020-02-29 00:00:00", date(2020, 2, 29), "2020-02-29 10:00:00"),
        ("DATETIME", "2020-02-29", datetime(2020, 2, 29), "2020-02-29T10:00:00Z"),
        ("DATETIME", "2020-02-29T10:00", datetime(2020, 2, 29, 10), "2020-02-29 24:00"),
        (
            "TIMESTAMP",
            "2020-02-29T10:00:00+02:00",
            datetime(2020, 2, 29, 8, tzinfo=timezone.utc),  # noqa: UP017  # as DuckDB returns it
            "29.2.2020",
        ),
        (
            "TIMESTAMP",
            "2020-02-29 10:00-11:00",
            datetime(2020, 2, 29, 21, tzinfo=timezone.utc),  # noqa: UP017  # as DuckDB returns it
            "2020-02-29 10:00-17:00",
        ),
        ("TIME", "9:30", time(9, 30), "25:00"),
        ("BYTES", "aGk=", b"hi", "aGk"),
        ("JSON", '{"a": [1]}', '{"a": [1]}', "{a"),
    ],
)
def test_what_each_type_takes(kind: Any, good: str, value: object, bad: str | None) -> None:
    spec = table([contract("v", kind)])
    seen = read(csv_text([["v", "x"], [good, "1"], ["", "2"]]), spec)
    assert seen.rows == [(value, 1), (None, 2)]
    assert seen.types["v"] == kind
    if bad is not None:
        with pytest.raises(Permanent, match=f"1 value is not {kind}"):
            read(csv_text([["v", "x"], [good, "1"], [bad, "2"]]), spec)


def test_a_column_is_empty_that_has_no_value_and_no_type() -> None:
    spec = table([contract("day", "DATE")])
    columns = read("id,amount,day\n1,,\n2,,\n", spec).result.columns
    assert [(c.type, c.empty) for c in columns] == [
        ("INT64", False),
        ("STRING", True),
        ("DATE", False),
    ]
    assert [c.empty for c in read("id,amount\n").result.columns] == [True, True]


def test_names_renames_and_descriptions_reach_the_table() -> None:
    spec = table([ColumnSpec("DATE_DIED", rename="Died", description="when")])
    columns = read("DATE_DIED,someName\nx,1\n", spec).result.columns
    assert [(c.name, c.original, c.description) for c in columns] == [
        ("Died", "DATE_DIED", "when"),
        ("some_name", "someName", None),
    ]
    original = table([], column_names="original")
    assert list(read("Some Name,x\n1,2\n", original).types) == ["Some Name", "x"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("_PARTITIONTIME", "it keeps names that begin so for itself"),
        ("a.b", "the character ."),
        ("Age (years)", "the character ("),
        ("a`b", "the character `"),
        ("a\nb", "a character that cannot be seen, such as a line end"),
        ("x" * 301, "301 characters, 300 are taken"),
    ],
)
def test_names_as_published_that_no_table_can_have(name: str, why: str) -> None:
    original = table([], column_names="original")
    text = csv_text([[name, "Größe %", "x"], ["1", "2", "3"]])
    with pytest.raises(Permanent) as caught:
        read(text, original)
    shown = json.dumps(name if len(name) < 60 else f"{name[:60]}…", ensure_ascii=False)
    assert f"has columns whose names BigQuery does not take: {shown} ({why})" in str(caught.value)
    renamed = table([ColumnSpec(name, rename="a")], column_names="original")
    assert list(read(text, renamed).types) == ["a", "Größe %", "x"]
    assert len(read(text, table()).types) == 3


def test_the_contract_has_the_first_right_to_a_name() -> None:
    spec = table([ColumnSpec("b", rename="a")])
    assert list(read("a,b\n1,2\n", spec).types) == ["a__2", "a"]
    both = table([contract("a", rename="n"), contract("b", rename="N")])
    with pytest.raises(Permanent, match='two columns would be called "N"'):
        read("a,b\n1,2\n", both)


def test_a_missing_column_names_the_nearest() -> None:
    with pytest.raises(Permanent) as caught:
        read("USMER,AGE\n1,2\n", table([contract("AGES", "INT64")]))
    assert caught.value.message == 'pipelines/p.yaml:12: the source has no column "AGES"'
    assert caught.value.hint is not None
    assert 'did you mean "AGE"?' in caught.value.hint


def test_an_exact_name_wins_over_another_case() -> None:
    seen = read("Age,age\n1,x\n", table([contract("age", "STRING", rename="kept")]))
    assert seen.types == {"age": "INT64", "kept": "STRING"}
    with pytest.raises(Permanent, match='"AGE" could be any of "Age", "age"'):
        read("Age,age\n1,x\n", table([contract("AGE")]))


def test_names_of_several_files_that_differ_in_case_are_one_column() -> None:
    files = {"a.csv": b"ID,v\n1,2\n", "b.csv": b"v, id \n4,3\n"}
    seen = read(files, form=FormatSpec(delimiter=","))
    assert (list(seen.types), seen.rows) == (["id", "v"], [(1, 2), (3, 4)])
    assert seen.result.notes == ('one column whose name is written in several ways: "ID", " id "',)
    declared = read(files, table([contract("Id", "STRING")]), form=FormatSpec(delimiter=","))
    assert declared.rows == [("1", 2), ("3", 4)]


def test_names_that_one_file_has_in_two_ways_are_two_columns() -> None:
    seen = read({"a.csv": b"Age,age\n1,2\n", "b.csv": b"age,v\n3,4\n"})
    assert seen.rows == [(1, 2, None), (None, 3, 4)]
    assert seen.result.notes == ()


def test_files_that_share_no_column_with_any_other_are_told() -> None:
    rows = {"a.csv": b"id,v\n1,2\n", "b.csv": b"id,w\n3,4\n", "z.csv": b""}
    told = "no column is one of another file's; choose with files, or tables"
    assert not any(told in note for note in read(rows).result.notes)
    prose = {"README.txt": b"Shop data.\nTwo tables, of customers and orders.\n"}
    assert f"README.txt: {told}" in read({**rows, **prose}).result.notes
    assert (
        f"a.csv, x.csv: {told}"
        in read({"a.csv": b"a,b\n1,2\n", "x.csv": b"c,d\n1,2\n"}).result.notes
    )


def test_a_name_is_found_however_its_letters_are_composed() -> None:
    seen = read("gro\u0308\u00dfe,v\n1,2\n", table([contract("gr\u00f6\u00dfe", "STRING")]))
    assert seen.rows == [("1", 2)]


def test_columns_that_the_contract_does_not_know() -> None:
    spec = [contract("a", "INT64")]
    assert list(read("a,b\n1,2\n", table(spec)).types) == ["a", "b"]
    dropped = read("a,b\n1,2\n", table(spec, unknown="discard_value"))
    assert dropped.rows == [(1,)]
    assert dropped.result.notes == ('columns dropped: "b"',)
    with pytest.raises(Permanent, match='columns that the contract does not know: "b"'):
        read("a,b\n1,2\n", table(spec, unknown="freeze"))


@pytest.mark.parametrize("pattern", ["%H:%M %z", "%K"])
def test_a_format_that_its_type_does_not_take_is_told_at_its_place(pattern: str) -> None:
    """One that comes from a variable, which nobody checked before."""
    with pytest.raises(
        Permanent, match=f'"{pattern}" is no format for values of type TIME'
    ) as told:
        read("v\n10:00\n", table([contract("v", "TIME", format=pattern)]))
    assert told.value.message.startswith("pipelines/p.yaml:12: ")


@pytest.mark.parametrize(
    ("kind", "pattern", "good", "bad"),
    [
        ("TIMESTAMP", None, "0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("TIMESTAMP", None, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
        ("TIMESTAMP", "%Y-%m-%d %H %z", "9999-12-31 23 +0000", "9999-12-31 23 -0200"),
        ("TIMESTAMP", "%Y-%m-%d %H:%M%z", "9999-12-31 23:00Z", "2020-01-01 10:00z"),
        ("TIMESTAMP", "%Y-%m-%dT%H:%M:%S.%n%z", "2020-01-01T10:00:00.123456000Z",
            "2020-01-01T10:00:00.123456789Z"),
        ("TIMESTAMP", "%d/%m/%Y %H%M %z", "31/12/2020 2330 -0200", "31/12/20 2330 -0200"),
        ("TIMESTAMP", "%d/%m/%Y %H%M %z", "01/01/2021 0130 +0200", "01/01/21 2230 Z"),
        ("TIMESTAMP", "%d/%m/%Y %H%M %Z", "31/12/2020 2330 America/New_York", "31/12/20 2330 UTC"),
        ("DATETIME", "%d/%m/%Y %H%M", "03/05/2020 1030", "03/05/20 1030"),
        ("DATE", "%d%m%Y", "01122020", "1112020"),
        ("TIME", None, "23:59:59.999999", "24:00:00"),
        ("DATE", "%d/%m/%Y", "01/01/0001", "29/02/0000"),
        ("DATETIME", "%d/%m/%Y", "31/12/9999", "29/02/0000"),
        ("DATETIME", "%Y-%m-%d %H:%M:%S.%n", "2020-01-01 00:00:00.123456000",
            "2020-01-01 00:00:00.123456789"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 29_999])
def test_moments_that_no_warehouse_has_are_not_of_the_type(
    kind: Any, pattern: str | None, good: str, bad: str, place: int
) -> None:
    spec = table([contract("v", kind, format=pattern)], "discard_value")
    values = [good] * 30_000
    assert read(csv_text([["v", "x"], [good, "1"]]), spec).result.rejected == 0
    values[place] = bad
    seen = read(csv_text([["v", "x"], *([value, "1"] for value in values)]), spec)
    assert seen.types["v"] == kind
    assert [row for row, (value, _) in enumerate(seen.rows) if value is None] == [place]
    assert seen.rejects[0]["_value"] == bad


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1234567890123456789", 0.12345678901234568),
        ("9007199254740992", 2.0**53),
        ("9007199254740993.5", 9007199254740994.0),
        ("6.0221407599999999e+23", 6.02214076e23),  # as %.17g writes it
        ("1.7976931348623158e+308", 1.7976931348623157e308),
        ("100000000000000000000000", 1e23),
        ("99999999999999991611392.000000", 1e23),  # as %f writes it
        ("0e5", 0.0),
        ("2e-324", None),
        ("1e-400", None),
        ("0." + "0" * 400 + "1", None),
        ("9007199254740993", None),
        ("-9007199254740993.00", None),
        ("12345678901234567890", None),
        ("1e400", None),
    ],
)
@pytest.mark.parametrize("beside", ["1.5", "1e3", " 2"])
def test_a_declared_float_is_the_nearest_double_and_no_other_whole_number_or_zero(
    text: str, value: float | None, beside: str
) -> None:
    spec = table([contract("v", "FLOAT64")], "discard_value")
    seen = read(csv_text([["v", "x"], [beside, "1"], ["", "1"], [text, "1"]]), spec)
    assert [found for found, _ in seen.rows] == [float(beside), None, value]


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", '{"a": NaN}', "[1,]", '["a", ]', "[inf]", "{a: 1}", "[1] x"]
)
def test_json_is_that_of_the_standard(text: str) -> None:
    spec = table([contract("v", "JSON")], "discard_value")
    good = '["NaN", ",]", "a", null]'
    seen = read(csv_text([["v", "x"], [good, "1"], [text, "1"]]), spec)
    assert seen.rows == [(good, 1), (None, 1)]


def test_numbers_that_no_warehouse_holds_are_texts_within_json() -> None:
    text = '{"a": [1e999, 1.50, 12345678901234567890123], "1e999": "1e999"}'
    seen = read(csv_text([["v", "x"], [text, "1"]]), table([contract("v", "JSON")]))
    assert seen.rows == [('{"a": ["1e999", 1.50, "12345678901234567890123"], "1e999": "1e999"}', 1)]
