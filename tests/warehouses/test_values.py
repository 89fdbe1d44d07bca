"""The same Parquet gives equal values in both warehouses, at both ends of every type.

What the stand-in cannot show: BYTES (it cannot load them from Parquet, so a test looks at what it
is sent), BigQuery's own text for JSON numbers (those wider than its 64 bits are rounded), and
REQUIRED.
"""

import json
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.errors import FactoryError
from factory.ingest.checks import CheckContext, run_checks
from factory.ingest.manifest import LandedTable
from factory.plan import CheckPlan
from factory.ports import Column, ColumnType
from factory.spec.model import CheckSpec
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
from tests.standins.proxy import Wire
from tests.standins.tokens import PROJECT
from tests.warehouses.rig import Rig

_ARROW: dict[ColumnType, pa.DataType] = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "NUMERIC": pa.decimal128(38, 9),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "DATETIME": pa.timestamp("us"),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "TIME": pa.time64("us"),
    "BYTES": pa.binary(),
    "JSON": pa.string(),
}
_WARSAW, _KABUL = ZoneInfo("Europe/Warsaw"), ZoneInfo("Asia/Kabul")
_VALUES: dict[ColumnType, list[object]] = {
    "STRING": [
        "",  # is not NULL
        "NULL",
        " ",
        "ünï 数 \U0001f600 'q\" `b` \\ \t\n\r\n",
        "e\u0301",  # e and an accent, which are not é
        "\u00e9",
        "\U0001f469\u200d\U0001f52c \u202eabc \ufeff",
        "\u0000\u0001\u007f",
        "\uffff\U0010ffff",
        "007",
        "x" * 100_000,
    ],
    "INT64": [-(2**63), 2**63 - 1, 0, -1, 2**53 + 1],
    "FLOAT64": [
        -1.7976931348623157e308,
        1.7976931348623157e308,
        5e-324,
        0.1,
        -0.0,
        0.0,
        float("inf"),
        float("-inf"),
        float("nan"),
        float(2**63),
        1e16 + 2,
    ],
    "NUMERIC": [
        Decimal("-" + "9" * 29 + "." + "9" * 9),
        Decimal("9" * 29 + "." + "9" * 9),
        Decimal("0.000000001"),
        Decimal("-0.000000001"),
        Decimal(0),
        Decimal("123456789012345678.1"),
    ],
    "BOOL": [True, False],
    "DATE": [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(1582, 10, 10)],
    "DATETIME": [
        datetime(1, 1, 1),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        datetime(2024, 3, 31, 2, 30),  # does not exist on European clocks
        datetime(1969, 12, 31, 23, 59, 59, 999999),
    ],
    "TIMESTAMP": [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2024, 10, 27, 2, 30, fold=0, tzinfo=_WARSAW),  # comes twice on that day
        datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=_WARSAW),
        datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=_KABUL),  # half an hour off the hours
    ],
    "TIME": [time(0, 0), time(23, 59, 59, 999999), time(12, 30), time(0, 0, 0, 1)],
    "BYTES": [b"", bytes(range(256)), b"\x00", "ü".encode()],
    "JSON": [
        '{"a": [1, null, "ü"], "b": {"c": {"d": [[], {}, ""]}}}',
        "[]",
        "null",
        '""',
        "0.1",
        "-9223372036854775808",
        '"\\u00e9 \\ud83d\\ude00 \\n"',
        '{"": {"a.b": true}}',
    ],
}
_ROWS_EACH = max(map(len, _VALUES.values())) + 1  # the last one is NULL in every column
_COLUMNS = (
    Column("a", "INT64"),
    *(Column(f"{kind.lower()}_column", kind) for kind in _VALUES),
)


def _padded(kind: ColumnType) -> list[object]:
    return _VALUES[kind] + [None] * (_ROWS_EACH - len(_VALUES[kind]))


_ROWS = pa.table(
    {"a": pa.array(range(_ROWS_EACH), pa.int64())}
    | {f"{kind.lower()}_column": pa.array(_padded(kind), _ARROW[kind]) for kind in _VALUES}
)


@pytest.fixture(params=["duckdb", "bigquery", "bigquery-local-files"])
def rig(request: pytest.FixtureRequest, tmp_path: Path, dataset_name: str) -> Rig:
    folder = LocalBucket(tmp_path / "buckets", "b")
    if request.param == "duckdb":
        return Rig(DuckDbWarehouse(tmp_path / "w.duckdb"), folder, dataset_name)
    warehouse = BigQueryWarehouse(PROJECT, "EU", request.getfixturevalue("bigquery_endpoint"))
    if request.param == "bigquery-local-files":
        return Rig(warehouse, folder, dataset_name)
    name = request.getfixturevalue("gcs_bucket_name")
    return Rig(
        warehouse, GcsBucket(name, PROJECT, request.getfixturevalue("gcs_endpoint")), dataset_name
    )


def test_values_arrive_as_they_were(rig: Rig) -> None:
    unknown = {"BYTES"} if isinstance(rig.warehouse, BigQueryWarehouse) else set()
    shape = rig.shape([column for column in _COLUMNS if column.type not in unknown])
    name = rig.put("raw/all.parquet", _ROWS.select([column.name for column in shape.columns]))
    staged = rig.warehouse.stage(shape, "one", [name], rig.bucket)
    rig.publish(staged, rig.row("one", staged.rows))
    # a second time, by the other way of publishing: the table keeps its columns
    again = rig.warehouse.stage(shape, "two", [name], rig.bucket)
    rig.publish(again, rig.row("two", again.rows))

    rows = rig.warehouse.query(f"SELECT * FROM {rig.dataset}.people ORDER BY a")

    for kind in _VALUES:
        if kind not in unknown:
            found = [row[f"{kind.lower()}_column"] for row in rows]
            assert list(map(_plain(kind), found)) == list(map(_plain(kind), _padded(kind))), kind
    [nulls] = rig.warehouse.query(
        f"SELECT COUNT(*) AS n FROM {rig.dataset}.people WHERE json_column IS NULL"
    )
    assert nulls["n"] == _padded("JSON").count(None)  # JSON's null is none of them


def _plain(kind: ColumnType) -> Callable[[object], object]:
    """What is compared: the type too, the bits of a float, the instant of a time with a zone."""
    if kind == "FLOAT64":
        return lambda value: None if value is None else struct.pack("d", value)
    if kind == "TIMESTAMP":
        return lambda value: None if value is None else value.astimezone(UTC)  # type: ignore[attr-defined]  # a datetime
    if kind == "JSON":
        # BigQuery's client gives None for JSON's null, too
        return lambda value: "null" if value is None else json.dumps(json.loads(str(value)))
    return lambda value: (type(value), value)


def test_bytes_are_sent_as_bytes(
    bigquery_wire: Wire, tmp_path: Path, dataset_name: str, google_credentials: object
) -> None:
    """The stand-in cannot load them: what it is sent is what BigQuery takes."""
    bucket = LocalBucket(tmp_path, "b")
    rig = Rig(BigQueryWarehouse(PROJECT, "EU", bigquery_wire.url), bucket, dataset_name)
    columns = (Column("b", "BYTES"),)

    with suppress(FactoryError):
        rig.stage(rig.shape(columns), "one", {"b": _VALUES["BYTES"]})

    [upload, *_] = bigquery_wire.sent("POST", "/upload/")
    described, content = upload.body.split(b"PAR1", 1)
    assert b'"type": "BYTES"' in described
    sent = pq.read_table(BytesIO(b"PAR1" + content.rpartition(b"PAR1")[0] + b"PAR1"))
    assert sent.schema.field("b").type == pa.binary()
    assert sent["b"].to_pylist() == _VALUES["BYTES"]


def test_checks_find_the_same_in_floats(both: Rig) -> None:
    """NaN is in no range, though DuckDB orders it above all and BigQuery compares it to none."""
    floats = [float("nan"), float("inf"), float("-inf"), -0.0, 1.5, None]
    staged = both.stage(both.shape((Column("f", "FLOAT64"),)), "one", {"f": floats})
    specs = [
        CheckSpec("range", columns=("f",), min=-1.0, max=2.0, name="both"),
        CheckSpec("range", columns=("f",), max=2.0, name="max"),
        CheckSpec("range", columns=("f",), min=-1.0, name="min"),
        CheckSpec("accepted_values", columns=("f",), values=(0, 1.5), name="values"),
        CheckSpec("unique", columns=("f",), name="unique"),
    ]
    landed = LandedTable(str(both.table), (), len(floats), staged.shape.columns)

    outcomes = run_checks(
        [CheckPlan(str(spec.name), spec) for spec in specs],
        staged,
        both.warehouse,
        CheckContext(None, False, landed),
    )

    assert [outcome.failing for outcome in outcomes] == [3, 2, 2, 3, 0]
