"""JSON, Parquet and Excel."""

import bz2
import gzip
import io
import json
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.errors import Permanent
from factory.spec.model import FormatSpec
from tests.ingest.reading.bench import contract, read, table
from tests.ingest.reading.workbook import workbook

RECORDS: list[dict[str, Any]] = [
    {"id": 1, "zip": "00501", "ok": True, "day": "2020-01-01", "more": {"a": [1, 2.50]}},
    {"id": 2, "price": 1.5, "zip": "10001", "ok": None, "day": "2020-01-02"},
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(RECORDS)),
        ("a.json", json.dumps(RECORDS, indent=2)),
        ("a.jsonl", "\n".join(json.dumps(record) for record in RECORDS)),
        ("a.json", "\n".join(json.dumps(record) for record in RECORDS) + "\n\n"),
        ("a.txt", json.dumps(RECORDS)),
    ],
)
def test_json_in_both_shapes(name: str, content: str) -> None:
    seen = read({name: content.encode()})
    assert seen.types == {
        "id": "INT64",
        "zip": "STRING",
        "ok": "BOOL",
        "day": "DATE",
        "more": "JSON",
        "price": "FLOAT64",
    }
    assert seen.rows == [
        (1, "00501", True, date(2020, 1, 1), '{"a": [1, 2.5]}', None),
        (2, "10001", None, date(2020, 1, 2), None, 1.5),
    ]


def test_json_numbers_keep_their_digits() -> None:
    seen = read({"a.json": b'[{"n": 12345678901234567.25, "x": {"y": 0.12345678901234567890}}]'})
    assert seen.rows == [(Decimal("12345678901234567.25"), '{"y": "0.12345678901234567890"}')]


def test_json_of_many_rows_streams_through_small_pieces() -> None:
    records = [{"n": number, "text": "x" * (number % 300)} for number in range(12_000)]
    seen = read({"a.json": json.dumps(records).encode()})
    assert seen.rows == [(record["n"], record["text"]) for record in records]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"a": 1}\n {"a": 2}]', "line 2 cannot be read as JSON: a comma is missing"),
        (b'[{"a": 1},\n', "line 2 cannot be read as JSON"),
        (b'{"a": 1}\n{"a": \n', "line 2 cannot be read as JSON"),
        (b"[1, 2]", "line 1: the value is not an object"),
        (b'{"a": 1}\n{"a": 2}\n[3]', "line 3: the value is not an object"),
        (b'[{"a": 1}] x', "line 1 cannot be read as JSON: there is more after its end"),
        (b"[]", "no objects"),
        (b'[{"a": "\xff"}]', "is not utf-8"),
    ],
)
def test_damaged_json_names_its_line(content: bytes, message: str) -> None:
    with pytest.raises(Permanent, match=message):
        read({"a.json": content})


def test_the_contract_holds_for_json_too() -> None:
    spec = table([contract("zip", "INT64"), contract("day", "STRING")])
    assert read({"a.json": json.dumps(RECORDS).encode()}, spec).rows[0][1:4:2] == (
        501,
        "2020-01-01",
    )
    with pytest.raises(Permanent, match='column "day": 2 values are not INT64: "2020-01-01"'):
        read({"a.json": json.dumps(RECORDS).encode()}, table([contract("day", "INT64")]))


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_parquet_keeps_its_types() -> None:
    moment = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)  # noqa: UP017  # as DuckDB returns it
    seen = read(
        {
            "a.parquet": parquet(
                small=pa.array([1, None], pa.int8()),
                huge=pa.array([2**64 - 1, 0], pa.uint64()),
                real=pa.array([1.5, None], pa.float32()),
                money=pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)),
                exact=pa.array([Decimal("1.123456789012"), None], pa.decimal128(20, 12)),
                day=pa.array([date(2020, 1, 2), None]),
                naive=pa.array([moment.replace(tzinfo=None), None], pa.timestamp("ms")),
                zoned=pa.array([moment, None], pa.timestamp("us", "UTC")),
                clock=pa.array([time(1, 2, 3), None], pa.time64("us")),
                raw=pa.array([b"\x00", None]),
                word=pa.array(["007", None]),
                flag=pa.array([True, None]),
                many=pa.array([[1, 2], None]),
                tree=pa.array([{"a": "x"}, None]),
            )
        }
    )
    assert list(seen.types.values()) == [
        "INT64", "NUMERIC", "FLOAT64", "NUMERIC", "STRING", "DATE", "DATETIME", "TIMESTAMP",
        "TIME", "BYTES", "STRING", "BOOL", "JSON", "JSON",
    ]  # fmt: skip
    assert seen.rows[0] == (
        1, Decimal(2**64 - 1), 1.5, Decimal("1.25"), "1.123456789012", date(2020, 1, 2),
        moment.replace(tzinfo=None), moment, time(1, 2, 3), b"\x00", "007", True, "[1,2]",
        '{"a":"x"}',
    )  # fmt: skip


def test_the_contract_retypes_parquet_columns() -> None:
    spec = table([contract("a", "STRING"), contract("b", "INT64", null_values=("n/a",))])
    content = parquet(a=pa.array([1, 2]), b=pa.array(["7", "n/a"]))
    assert read({"a.parquet": content}, spec).rows == [("1", 7), ("2", None)]


def test_text_and_parquet_may_be_one_table() -> None:
    seen = read({"a.csv": b"a,b\n1,x\n", "b.parquet": parquet(a=pa.array([2]), b=pa.array(["y"]))})
    assert seen.rows == [(1, "x"), (2, "y")]


def test_a_file_that_is_not_what_it_is_called_is_an_error() -> None:
    with pytest.raises(Permanent, match="is called .parquet and is none"):
        read({"a.parquet": b"a,b\n1,2\n"})
    assert read({"a.parquet": b"a,b\n1,2\n"}, form=FormatSpec(type="csv")).rows == [(1, 2)]
    with pytest.raises(Permanent, match="cannot be read as Parquet"):
        read({"a.parquet": b"PAR1 and no more"})


LONG = [{"n": n, "text": "x" * 9_000} for n in range(3)]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.tab"])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"error": "rate limit, exceeded"}', [("rate limit, exceeded",)]),
        ('\ufeff\n [{"a": 1, "b": 2},\n {"a": 3, "b": 4}]\n', [(1, 2), (3, 4)]),
        ('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', [(1, 2), (3, 4)]),
        (json.dumps(LONG), [(n, "x" * 9_000) for n in range(3)]),
        ("\n".join(map(json.dumps, LONG)), [(n, "x" * 9_000) for n in range(3)]),
    ],
)
def test_json_is_json_by_the_name_of_a_text(name: str, content: str, found: list[Any]) -> None:
    assert read({name: content.encode()}).rows == found


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("[a],[b]\n1,2\n", ["a", "b"]),
        ("{a},{b}\n1,2\n", ["a", "b"]),
        ("[1],x\n[2],y\n", ["c_1", "x"]),
        ('{"v": 1};5\n{"v": 2};6\n', ["column_1", "column_2"]),
        ('[{"v": 1}];5\n[{"v": 2}];6\n', ["column_1", "column_2"]),
        ('{"made": "2020"}\na,b\n1,2\n3,4\n', ["a", "b"]),
    ],
)
def test_text_that_begins_with_a_bracket_is_text(content: str, names: list[str]) -> None:
    seen = read({"a.csv": content.encode()})
    assert list(seen.types) == names


def test_an_empty_array_by_the_name_of_a_text_has_no_rows() -> None:
    with pytest.raises(Permanent, match="no objects"):
        read({"a.csv": b"[]\n"})


def test_excel_sheets_become_typed_columns() -> None:
    content = workbook(
        [
            ["id", "zip", "share", "when", "flag"],
            [1, "00501", 0.5, date(2020, 1, 2), True],
            [2, "10001", 2, date(2020, 1, 3), False],
            [3, None, None, None, None],
        ]
    )
    seen = read({"a.xlsx": content})
    assert seen.types == {
        "id": "INT64", "zip": "STRING", "share": "FLOAT64", "when": "DATE", "flag": "BOOL",
    }  # fmt: skip
    assert seen.rows == [
        (1, "00501", 0.5, date(2020, 1, 2), True),
        (2, "10001", 2.0, date(2020, 1, 3), False),
        (3, None, None, None, None),
    ]


def test_damaged_workbooks_are_errors() -> None:
    with pytest.raises(Permanent, match="cannot be read as an Excel workbook"):
        read({"a.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more"})


@pytest.mark.parametrize("name", ["b.parquet", "b.xlsx", "b.xls", "b.ods", "b.sqlite", "b.db"])
def test_a_file_of_no_bytes_has_no_rows_whatever_its_format(name: str) -> None:
    seen = read({"a.csv": b"id,n\n1,2\n", name: b""})
    assert seen.rows == [(1, 2)]
    assert f"{name} is empty: it has no rows and no header" in seen.result.notes
    with pytest.raises(Permanent, match=f"{name}: the file has no rows and no header"):
        read({name: b""})


@pytest.mark.parametrize(
    ("ending", "packed"),
    [("gz", b""), ("zst", b""), ("gz", gzip.compress(b"", mtime=0)), ("bz2", bz2.compress(b""))],
)
def test_a_compressed_file_of_nothing_has_no_rows(ending: str, packed: bytes) -> None:
    seen = read({"a.csv": b"id,n\n1,2\n", f"b.csv.{ending}": packed})
    assert seen.rows == [(1, 2)]
    assert "b.csv is empty: it has no rows and no header" in seen.result.notes


@pytest.mark.parametrize("name", ["b.zip", "b.tar", "b.tar.gz", "b.tgz"])
def test_an_archive_of_no_bytes_is_damaged(name: str) -> None:
    with pytest.raises(Permanent, match=f"{name} is damaged: it has no bytes"):
        read({"a.csv": b"id,n\n1,2\n", name: b""})


def test_notes_of_several_files_name_those_that_they_are_about() -> None:
    plain, other = b"a,b\n1,2\n", b"a;b\n1;2\n"
    two = read({"x.csv": plain, "y.csv": other})
    assert two.result.notes == ("y.csv: delimiter ;",)
    many = read({"x.csv": plain, **{f"y{n}.csv": other for n in range(5)}})
    assert many.result.notes == ("y0.csv, y1.csv, y2.csv and 2 more: delimiter ;",)
    assert read({"x.csv": other, "y.csv": other}).result.notes == ("delimiter ;",)
