"""Rows of what DuckDB reads (Parquet, texts that another reader left as Parquet) in batches."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from factory.errors import Permanent
from factory.ingest.reading.contract import KeptColumn
from factory.ingest.reading.json_strict import bare
from factory.ingest.reading.rows import Batch, Expected, Piece, SourceColumn, SourceRows
from factory.ingest.reading.sql import literals, reason_of
from factory.ingest.reading.typed.standing import stays_native

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_OF_THE_MACHINE: Final = ("IO Error", "Out of Memory Error", "INTERRUPT")


def sql_pieces(
    connection: "DuckDBPyConnection",
    part: SourceRows,
    kept: Sequence[KeptColumn],
    places: Sequence[int | None],
) -> Iterator[Piece]:
    """The rows of `part.sql`: native columns as they are if they stay so, others as text.

    Values that were written as JSON are the texts they were if the column is of another type.

    `places` say at which place the part has the columns that all parts have together.
    """
    wanted = {places[column.index]: column for column in kept}
    items = [
        f"{_item(f'c{index}', wanted.get(index), source)} AS c{index}"
        for index, source in enumerate(part.columns)
    ]
    query = f"SELECT {', '.join(items)} FROM ({part.sql})"
    for batch in _batches(connection.cursor(), query, part):
        yield Piece(partial(_batch, batch), batch.nbytes)


def _batches(
    connection: "DuckDBPyConnection", query: str, part: SourceRows
) -> "Iterator[pa.RecordBatch]":
    """The rows. What is wrong with the file is told by its name; of the machine, others tell."""
    import duckdb

    try:
        yield from connection.sql(query).to_arrow_reader(part.at_once)
    except (duckdb.Error, OSError) as exc:  # of later batches, Arrow tells as OSError
        if str(exc).startswith(_OF_THE_MACHINE) or getattr(exc, "errno", None) is not None:
            raise
        raise Permanent(f"{part.name} cannot be read: {reason_of(exc, part.name)}") from exc


def _item(x: str, column: KeptColumn | None, source: SourceColumn) -> str:
    if column is None:
        return "CAST(NULL AS VARCHAR)"
    nulls = literals(column.spec.null_values) if column.spec else ""
    if not source.native:
        return _json(x, column, nulls) if source.ladder == ("JSON",) else x
    if not stays_native(column):
        return f"CAST({x} AS VARCHAR)"
    missing = f"CAST({x} AS VARCHAR) IN ({nulls})"
    return f"CASE WHEN {missing} THEN NULL ELSE {x} END" if nulls else x


def _json(x: str, column: KeptColumn, nulls: str) -> str:
    """Values that were written as JSON; `nulls` are compared with the texts that they were."""
    asked = column.spec.type if column.spec else None
    if (asked or column.source.ladder[0]) != "JSON":
        return bare(x)
    return f"CASE WHEN {bare(x)} IN ({nulls}) THEN NULL ELSE {x} END" if nulls else x


def _batch(batch: "pa.RecordBatch", _: Expected) -> Batch:
    return Batch(batch.columns, batch.num_rows)
