"""The ledger: a table `_factory_loads` in every dataset, a row for each load, on any warehouse.

Its columns are the fields of `factory.ports.Load`. The table is written `dataset.table`: the
ledger lies in the project and dataset that it tells about.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from factory.errors import Overtaken
from factory.ports import Column, ColumnType, Load, TableId

TABLE = "_factory_loads"
LOADED_AT = "loaded_at"  # set by the warehouse's own clock

_TYPES: dict[str, ColumnType] = {"rows": "INT64", "synthetic": "BOOL", LOADED_AT: "TIMESTAMP"}
COLUMNS: tuple[Column, ...] = tuple(
    Column(field.name, _TYPES.get(field.name, "STRING")) for field in fields(Load)
)


def ledger_of(table: TableId) -> TableId:
    """The ledger that tells about `table`."""
    return TableId(dataset=table.dataset, table=TABLE, project=table.project)


def name_in_ledger(table: TableId) -> str:
    """How the ledger writes `table`."""
    return f"{table.dataset}.{table.table}"


def overtaken(table: TableId) -> Overtaken:
    """The error of a publish whose ledger has another newest load than the one it is to follow."""
    return Overtaken(f"another run has published {table} while this one prepared its rows")


def row_values(load: Load) -> dict[str, Any]:
    """The row of `load` without the time, which the warehouse sets."""
    values = {field.name: getattr(load, field.name) for field in fields(Load)}
    del values[LOADED_AT]
    return values | {"table": name_in_ledger(load.table)}


def read_row(row: Mapping[str, Any], table: TableId) -> Load:
    """The load that a row tells of; `table` is the table that was asked for."""
    return Load(**{field.name: row[field.name] for field in fields(Load)} | {"table": table})
