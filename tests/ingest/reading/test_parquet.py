"""Parquet: types without an equal, and several files whose columns differ."""

import io
import struct
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, nan
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.errors import Permanent
from tests.ingest.reading.bench import FormatSpec, contract, read, table
from tests.ingest.reading.test_archives import zipped
from tests.ingest.reading.test_formats import parquet

NS = 1_577_934_245_123_456_000
MOMENT = datetime(2020, 1, 2, 3, 4, 5, 123456)


def column(*values: Any, of: pa.DataType) -> tuple[str, list[Any]]:
    seen = read({"a.parquet": parquet(v=pa.array(values, of))})
    return seen.types["v"], [value for (value,) in seen.rows]


@pytest.mark.parametrize(
    ("kind", "values", "read_as"),
    [
        (pa.timestamp("ns"), [NS, None], ("DATETIME", [MOMENT, None])),
        (pa.timestamp("ns"), [NS + 1], ("STRING", ["2020-01-02 03:04:05.123456001"])),
        (pa.timestamp("ns", "Asia/Tokyo"), [NS], ("TIMESTAMP", [MOMENT.replace(tzinfo=UTC)])),
        (pa.timestamp("s", "Asia/Tokyo"), [0], ("TIMESTAMP", [datetime(1970, 1, 1, tzinfo=UTC)])),
        (pa.date64(), [0], ("DATE", [date(1970, 1, 1)])),
        (pa.decimal128(38, 0), [Decimal(10**30)], ("STRING", [str(10**30)])),
        (pa.decimal128(38, 9), [Decimal("0.000000001")], ("NUMERIC", [Decimal("0.000000001")])),
        (pa.uint64(), [2**64 - 1], ("NUMERIC", [Decimal(2**64 - 1)])),
        (pa.uint32(), [2**32 - 1], ("INT64", [2**32 - 1])),
        (pa.float64(), [None, None], ("FLOAT64", [None, None])),
        (pa.list_(pa.int64()), [[1, None], []], ("JSON", ["[1,null]", "[]"])),
        (pa.map_(pa.string(), pa.int64()), [[("a", 2**62)]], ("JSON", [f'{{"a":{2**62}}}'])),
        (pa.list_(pa.decimal128(30, 2)), [[Decimal("12345678901234567.25")]],
            ("JSON", ['["12345678901234567.25"]'])),
        (pa.list_(pa.float64()), [[1.5, nan, inf, -inf]],
            ("JSON", ['[1.5,"NaN","Infinity","-Infinity"]'])),
        (pa.json_(), ['{"a":[1e400,"1e400"]}'], ("JSON", ['{"a":["1e400","1e400"]}'])),
        (pa.json_(), ["[1,]", "1"], ("STRING", ["[1,]", "1"])),
        (pa.list_(pa.decimal128(9, 2)), [[Decimal("1.25")]], ("JSON", ["[1.25]"])),
    ],
)  # fmt: skip
def test_what_types_become(kind: pa.DataType, values: list[Any], read_as: Any) -> None:
    assert column(*values, of=kind) == read_as


def test_moments_as_text_do_not_depend_on_the_machine_s_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        files = {
            "a.parquet": parquet(v=pa.array([NS], pa.timestamp("ns", "America/New_York"))),
            "b.parquet": parquet(v=["soon"]),
        }
        assert read(files).rows == [("2020-01-02 03:04:05.123456+00",), ("soon",)]
    finally:
        monkeypatch.undo()
        time.tzset()


YEAR_10000 = 253_402_300_800  # seconds
YEAR_0 = -62_135_596_801
DAY = 86_400


@pytest.mark.parametrize(
    ("kind", "stored", "text"),
    [
        (pa.date32(), -1_000_000, "0769-02-04 (BC)"),
        (pa.date32(), YEAR_10000 // DAY, "10000-01-01"),
        (pa.timestamp("s"), YEAR_10000, "10000-01-01 00:00:00"),
        (pa.timestamp("ms"), YEAR_0 * 10**3, "0001-12-31 (BC) 23:59:59"),
        (pa.timestamp("us", "UTC"), YEAR_10000 * 10**6, "10000-01-01 00:00:00+00"),
        (pa.timestamp("us", "UTC"), YEAR_0 * 10**6, "0001-12-31 (BC) 23:59:59+00"),
        (pa.time64("us"), DAY * 10**6, "24:00:00"),
        (pa.time64("ns"), DAY * 10**9, "24:00:00"),
        (pa.time32("ms"), DAY * 10**3, "24:00:00"),
    ],
)
def test_what_no_calendar_of_a_warehouse_has_is_text(
    kind: pa.DataType, stored: int, text: str
) -> None:
    whole = pa.int32() if kind.bit_width == 32 else pa.int64()
    numbers = [0] * 30_000 + [stored]
    seen = read({"a.parquet": parquet(v=pa.array(numbers, whole).cast(kind))})
    assert seen.types == {"v": "STRING"}
    assert seen.rows[-1] == (text,)
    inside = pa.array(numbers[:-1], whole).cast(kind)
    assert read({"a.parquet": parquet(v=inside)}).types["v"] != "STRING"


def int96(*moments: int, wrapped: bool = False) -> bytes:
    """A column of moments, in nanoseconds, that may be beyond those of Arrow."""
    marks = [10**18 + number for number in range(len(moments))]
    kind = pa.list_(pa.timestamp("ns")) if wrapped else pa.timestamp("ns")
    rows = pa.table({"v": pa.array([[mark] for mark in marks] if wrapped else marks, kind)})
    out = io.BytesIO()
    plain = {"use_dictionary": False, "compression": "none", "write_statistics": False}
    pq.write_table(rows, out, use_deprecated_int96_timestamps=True, **plain)
    content = out.getvalue()
    for mark, stored in zip(marks, moments, strict=True):
        content = content.replace(_stored(mark), _stored(stored))
    return content


def _stored(moment: int) -> bytes:
    day, rest = divmod(moment, DAY * 10**9)
    return struct.pack("<qi", rest, day + 2_440_588)  # the Julian day of 1970-01-01


@pytest.mark.parametrize(
    ("moments", "read_as"),
    [
        ([NS], ("DATETIME", [MOMENT])),
        ([(YEAR_10000 - 1) * 10**9], ("DATETIME", [datetime(9999, 12, 31, 23, 59, 59)])),
        ([(YEAR_0 + 1) * 10**9], ("DATETIME", [datetime(1, 1, 1)])),
        ([NS, NS + 1],
            ("STRING", ["2020-01-02 03:04:05.123456", "2020-01-02 03:04:05.123456001"])),
        ([(YEAR_10000 - 1) * 10**9 + 1], ("STRING", ["9999-12-31 23:59:59.000000001"])),
        ([YEAR_10000 * 10**9, 0], ("STRING", ["10000-01-01 00:00:00", "1970-01-01 00:00:00"])),
        ([YEAR_0 * 10**9], ("STRING", ["0001-12-31 (BC) 23:59:59"])),
    ],
)  # fmt: skip
def test_moments_of_spark_lose_no_digits(moments: list[int], read_as: Any) -> None:
    seen = read({"a.parquet": int96(*moments)})
    assert (seen.types["v"], [value for (value,) in seen.rows]) == read_as
    nested = read({"a.parquet": int96(*moments, wrapped=True)})
    texts = [str(value) for value in read_as[1]]
    assert nested.types == {"v": "JSON"}
    assert [value for (value,) in nested.rows] == [f'["{text}"]' for text in texts]


def test_moments_of_spark_beside_other_columns() -> None:
    kinds = {
        "time": pa.timestamp("ns"),
        "nested": pa.struct({"at": pa.timestamp("ns"), "n": pa.decimal128(20, 2)}),
        "own": pa.struct({"date": pa.date32(), "time": pa.time64("ns")}),
    }
    rows = [None, {"at": NS + 1, "n": Decimal("1.25")}, {"date": 0, "time": 1}]
    values = dict(zip(kinds, rows, strict=True))
    table = pa.Table.from_pylist([values, dict.fromkeys(kinds)], pa.schema(kinds))
    out = io.BytesIO()
    pq.write_table(table, out, use_deprecated_int96_timestamps=True)
    seen = read({"a.parquet": out.getvalue()})
    assert list(seen.types.values()) == ["DATETIME", "JSON", "JSON"]
    nested = '{"at":"2020-01-02 03:04:05.123456001","n":"1.25"}'
    own = '{"date":"1970-01-01","time":"00:00:00.000000001"}'
    assert seen.rows == [(None, nested, own), (None, None, None)]


def named(*names: str) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([n]) for n in range(len(names))], names), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("names", "become"),
    [
        (["a b", "a_b", "A B"], ["a_b", "a_b__2", "a_b__3"]),
        (["a", "a"], ["a", "a__2"]),
        (["a", "A", "a_1"], ["a", "a__2", "a_1"]),
        (["", "a"], ["column_1", "a"]),
    ],
)
def test_names_are_those_of_the_file_as_in_text(names: list[str], become: list[str]) -> None:
    seen = read({"a.parquet": named(*names)})
    assert list(seen.types) == become
    assert [c.name if c.original is None else c.original for c in seen.result.columns] == names
    assert seen.rows == [tuple(range(len(names)))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (parquet(x=pa.array([1]), v=pa.array([9 * 10**18]).cast(pa.timestamp("ms"))),
            'd/a.parquet cannot be read as Parquet: column "v": Could not convert'),
        (parquet(v=pa.array([90_000 * 10**6]).cast(pa.time64("us"))),
            'd/a.parquet cannot be read as Parquet: column "v": Invalid TIME value'),
        (named(), "d/a.parquet cannot be read as Parquet: Failed to read Parquet file d/a.parq"),
        (parquet(v=pa.array([b"\xff\xfe"]).view(pa.string())),
            "d/a.parquet cannot be read: Invalid string encoding"),
        (parquet(v=pa.array(["x"]))[:-4], "d/a.parquet cannot be read as Parquet: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_the_name_of_the_file(content: bytes, said: str) -> None:
    with pytest.raises(Permanent) as caught:
        read({"d/a.parquet": content})
    assert caught.value.message.startswith(said)
    assert "/tmp" not in caught.value.message
    assert "\n" not in caught.value.message


def test_damage_behind_the_first_rows_is_told_by_the_name_of_the_file() -> None:
    whole = bytearray(parquet(v=pa.array([f"text {n}" for n in range(300_000)])))
    place = whole.index(b"text 299") if b"text 299" in whole else len(whole) // 2
    whole[place : place + 200] = b"\xff" * 200
    with pytest.raises(Permanent, match="d/a.parquet cannot be read"):
        read({"d/a.parquet": bytes(whole)})


def test_decimals_that_would_be_bent_are_an_error() -> None:
    wide = pa.decimal256(50, 5)
    for kind, value in [
        (wide, Decimal("1.5")),
        (pa.list_(wide), [Decimal("1.5")]),
        (pa.struct([("a", pa.map_(pa.string(), wide))]), {"a": [("k", Decimal("1.5"))]}),
    ]:
        with pytest.raises(Permanent, match='column "v" has decimals of 50 digits'):
            column(value, of=kind)


def test_decimals_are_taken_for_what_they_have_not_for_how_they_lay_in_memory() -> None:
    assert column(Decimal("1.5"), of=pa.decimal256(20, 2)) == ("NUMERIC", [Decimal("1.5")])


def test_tiny_doubles_may_be_declared_numeric() -> None:
    spec = table([contract("v", "NUMERIC")], "discard_value")
    seen = read({"a.parquet": parquet(v=pa.array([0.00001, 1e16, 1.5, 1e-10]))}, spec)
    assert seen.rows == [(Decimal("0.00001"),), (Decimal(10**16),), (Decimal("1.5"),), (None,)]


def test_texts_that_mean_no_value() -> None:
    kinds = {
        "text": pa.string(),
        "word": pa.dictionary(pa.int32(), pa.string()),
        "list": pa.list_(pa.string()),
        "number": pa.int64(),
    }
    values = [["NA", "x", "", None], ["b", "it's", "NA", "b"], [["NA"], [], None, []], [1, 2, 3, 4]]
    columns = {
        name: pa.array(some, kind) for (name, kind), some in zip(kinds.items(), values, strict=True)
    }
    seen = read({"a.parquet": parquet(**columns)}, form=FormatSpec(null_values=("NA", "it's")))
    assert list(seen.types.values()) == ["STRING", "STRING", "JSON", "INT64"]
    assert seen.rows == [
        (None, "b", '["NA"]', 1), ("x", None, "[]", 2), ("", None, None, 3), (None, "b", "[]", 4)
    ]  # fmt: skip


def test_columns_may_come_go_and_grow() -> None:
    files = {
        "1.parquet": parquet(id=pa.array([1], pa.int32()), old=pa.array(["x"])),
        "2.parquet": parquet(new=pa.array([True]), id=pa.array([2**33], pa.int64())),
        "3.parquet": parquet(id=pa.array([0.5])),
    }
    seen = read(files)
    assert seen.types == {"id": "FLOAT64", "old": "STRING", "new": "BOOL"}
    assert seen.rows == [(1.0, "x", None), (2.0**33, None, True), (0.5, None, None)]


def test_whole_numbers_and_floats_meet_without_loss() -> None:
    files = {"1.parquet": parquet(n=pa.array([2**53 + 1])), "2.parquet": parquet(n=pa.array([0.5]))}
    assert read(files).rows == [(Decimal(2**53 + 1),), (Decimal("0.5"),)]
    texts = {"1.csv": b"n\nx\n", "2.parquet": parquet(n=pa.array([7]))}
    assert read(texts).rows == [("x",), ("7",)]


def test_the_file_of_each_row_on_request() -> None:
    files = {
        "a.csv": b"id,name\n1,x\n2,y\n",
        "b.zip": zipped({"2020/b.csv": b"name,id\nz,3\n"}),
        "c.parquet": parquet(id=pa.array([4])),
    }
    seen = read(files, table(source_file=True))
    assert list(seen.types) == ["name", "id", "_source_file"]
    assert [row[1:] for row in seen.rows] == [
        (3, "2020/b.csv"), (1, "a.csv"), (2, "a.csv"), (4, "c.parquet"),
    ]  # fmt: skip
    assert seen.parquet_types["_source_file"] == "VARCHAR"


def test_the_file_of_the_rows_that_a_contract_leaves() -> None:
    spec = table([contract("id", "INT64")], "discard_row", source_file=True)
    seen = read({"a.csv": b"id,b\nx,1\n2,2\n", "b.csv": b"id,b\n3,y\n"}, spec)
    assert seen.rows == [(2, "2", "a.csv"), (3, "y", "b.csv")]


def test_a_column_that_is_called_so_already() -> None:
    spec = table(source_file=True, column_names="original")
    with pytest.raises(Permanent, match="has a column _source_file already"):
        read({"a.csv": b"id,_source_file\n1,x\n"}, spec)
