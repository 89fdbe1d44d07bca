"""The same Parquet gives equal values in both warehouses, at both ends of every type.

What the stand-in cannot show: BYTES (it cannot load them from Parquet), BigQuery's own text for
JSON numbers, and REQUIRED.
"""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from factory.buckets.gcs import GcsBucket
from factory.buckets.local import LocalBucket
from factory.ports import Column, ColumnType
from factory.warehouses.bigquery import BigQueryWarehouse
from factory.warehouses.duckdb import DuckDbWarehouse
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
_VALUES: dict[ColumnType, list[object]] = {
    "STRING": ["", "ünï 数 \U0001f600 'q\" `b` \\ \t\n", "NULL", None],
    "INT64": [-(2**63), 2**63 - 1, 0, None],
    "FLOAT64": [-1.7976931348623157e308, 5e-324, 0.1, None],
    "NUMERIC": [Decimal("-" + "9" * 29 + "." + "9" * 9), Decimal("0.000000001"), Decimal(0), None],
    "BOOL": [True, False, None, None],
    "DATE": [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), None],
    "DATETIME": [
        datetime(1, 1, 1),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        datetime(2024, 3, 31, 2, 30),  # does not exist on European clocks
        None,
    ],
    "TIMESTAMP": [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        None,
    ],
    "TIME": [time(0, 0), time(23, 59, 59, 999999), time(12, 30), None],
    "BYTES": [b"", bytes(range(256)), b"\x00", None],
    "JSON": ['{"a": [1, null, "ü"]}', "[]", "null", None],
}
_COLUMNS = (
    Column("a", "INT64"),
    *(Column(f"{kind.lower()}_column", kind) for kind in _VALUES),
)
_ROWS = pa.table(
    {"a": pa.array(range(4), pa.int64())}
    | {f"{kind.lower()}_column": pa.array(_VALUES[kind], _ARROW[kind]) for kind in _VALUES}
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
    rig.warehouse.publish(staged, rig.row("one", staged.rows))
    # a second time, by the other way of publishing: the table keeps its columns
    again = rig.warehouse.stage(shape, "two", [name], rig.bucket)
    rig.warehouse.publish(again, rig.row("two", again.rows))

    rows = rig.warehouse.query(f"SELECT * FROM {rig.dataset}.people ORDER BY a")

    for kind, expected in _VALUES.items():
        if kind in unknown:
            continue
        found = [row[f"{kind.lower()}_column"] for row in rows]
        if kind == "JSON":
            assert [_parsed(value) for value in found] == [_parsed(value) for value in expected]
        else:
            assert found == expected, kind
            assert [type(value) for value in found] == [type(value) for value in expected], kind


def _parsed(value: object) -> object:
    return None if value is None else json.loads(str(value))
