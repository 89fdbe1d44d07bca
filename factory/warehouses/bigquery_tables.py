"""BigQuery's tables and datasets in the factory's words, and the other way round."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from factory.errors import Permanent
from factory.ports import Column, ColumnType, TableId, TableShape
from factory.warehouses.evolution import Evolution
from factory.warehouses.remarks import remark
from factory.warehouses.staging import is_staging_of

if TYPE_CHECKING:
    from google.cloud.bigquery import Client, SchemaField, Table, TimePartitioning

TIMEOUT = 60.0  # seconds, for calls that are no jobs
_PAGE = 1000  # tables an answer
_LEGACY = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def ensure_dataset(client: "Client", reference: str, location: str | None) -> str:
    """Create the dataset if it is missing; its location. Raises Permanent if that is another."""
    from google.api_core.exceptions import NotFound
    from google.cloud.bigquery import Dataset

    try:
        dataset: Dataset = client.get_dataset(reference, timeout=TIMEOUT)
    except NotFound:
        wanted = Dataset(reference)
        wanted.location = location
        dataset = client.create_dataset(wanted, exists_ok=True, timeout=TIMEOUT)
    there = str(dataset.location or location or "US")
    if location and there.upper() != location.upper():
        raise Permanent(
            f"the dataset {reference} is in {there}, the target's location is {location}",
            hint=f"set `location: {there}` in the target of factory.yaml, or use another dataset",
        )
    return there


def find_table(client: "Client", reference: str) -> "Table | None":
    """The table; None if there is none. Raises Permanent if it is a view or the like."""
    from google.api_core.exceptions import NotFound

    try:
        table = client.get_table(reference, timeout=TIMEOUT)
    except NotFound:
        return None
    if table.table_type not in {"TABLE", None}:
        raise Permanent(
            f"{reference} is a {table.table_type.lower()}, not a table",
            hint="choose another name under `table`, or drop it",
        )
    return table


def ensure_table(client: "Client", reference: str, shape: TableShape) -> "Table":
    """Create the table without rows, as the shape has it, unless it exists; as it is now."""
    from google.cloud.bigquery import Table

    table = Table(reference, schema=schema(shape.columns))
    table.description = shape.description
    table.time_partitioning = _partitioning(shape)
    table.clustering_fields = list(shape.cluster_by) or None
    return client.create_table(table, exists_ok=True, timeout=TIMEOUT)


def staged_for(client: "Client", table: TableId, dataset: str) -> list[str]:
    """The names of all staging tables of `table`, which lies in the dataset of that reference."""
    listed = client.list_tables(dataset, page_size=_PAGE, timeout=TIMEOUT)
    return [item.table_id for item in listed if is_staging_of(table, item.table_id)]


def has_layout(table: "Table", shape: TableShape) -> bool:
    """Whether the table's columns, partitions and clusters are already those of the shape."""
    there = [(c.name, c.type, c.nullable) for c in columns_of(table)]
    wanted = [(c.name, c.type, c.nullable) for c in shape.columns]
    return (
        there == wanted
        and _described(table.time_partitioning) == _described(_partitioning(shape))
        and tuple(table.clustering_fields or ()) == shape.cluster_by
    )


def adapt(client: "Client", table: "Table", shape: TableShape, evolution: Evolution) -> None:
    """Add the new columns, let others take NULL and describe all as the shape does, in one call."""
    texts = {c.name.lower(): remark(c) for c in shape.columns if remark(c)}
    kept = [
        _field(
            field.name,
            field.field_type,
            nullable=field.is_nullable or field.name in evolution.relax,
            description=texts.get(field.name.lower(), field.description),
        )
        for field in table.schema
    ]
    schema = [*kept, *(_of(column, nullable=True) for column in evolution.add)]
    if schema == table.schema and table.description == shape.description:
        return
    table.schema = schema
    table.description = shape.description
    client.update_table(table, ["schema", "description"], timeout=TIMEOUT)


def columns_of(table: "Table") -> tuple[Column, ...]:
    """The table's columns."""
    return tuple(
        Column(
            field.name,
            cast(ColumnType, _LEGACY.get(field.field_type, field.field_type)),
            nullable=field.is_nullable,
            description=field.description,
        )
        for field in table.schema
    )


def schema(columns: Iterable[Column]) -> "list[SchemaField]":
    """The columns for a table of BigQuery."""
    return [_of(column, nullable=column.nullable) for column in columns]


def staging_schema(columns: Iterable[Column]) -> "list[SchemaField]":
    """The columns for a staging table: NULL is for the checks to find, JSON is still text."""
    return [
        _field(
            column.name,
            "STRING" if column.type == "JSON" else column.type,
            nullable=True,
            description=remark(column),
        )
        for column in columns
    ]


def _of(column: Column, *, nullable: bool) -> "SchemaField":
    return _field(column.name, column.type, nullable=nullable, description=remark(column))


def _field(name: str, kind: str, *, nullable: bool, description: str | None) -> "SchemaField":
    from google.cloud.bigquery import SchemaField

    mode = "NULLABLE" if nullable else "REQUIRED"
    if description is None:
        return SchemaField(name, kind, mode=mode)
    return SchemaField(name, kind, mode=mode, description=description)


def _partitioning(shape: TableShape) -> "TimePartitioning | None":
    from google.cloud.bigquery import TimePartitioning

    if shape.partition_column is None:
        return None
    kind = (shape.granularity or "day").upper()
    return TimePartitioning(type_=kind, field=shape.partition_column)


def _described(partitioning: "TimePartitioning | None") -> tuple[str, str] | None:
    return (partitioning.type_, partitioning.field) if partitioning else None
