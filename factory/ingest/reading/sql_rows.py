"""Rows of what DuckDB reads (Parquet, texts that another reader left as Parquet) in batches."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.contract import KeptColumn
from factory.ingest.reading.rows import Batch, Expected, Piece, SourceRows
from factory.ingest.reading.sql import literals
from factory.ingest.reading.typed.standing import stays_native

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_ROWS: Final = 20_000  # in a batch


def sql_pieces(
    connection: "DuckDBPyConnection",
    part: SourceRows,
    kept: Sequence[KeptColumn],
    places: Sequence[int | None],
) -> Iterator[Piece]:
    """The rows of `part.sql`: native columns as they are if they stay so, others as text.

    `places` say at which place the part has the columns that all parts have together.
    """
    wanted = {places[column.index]: column for column in kept}
    items = [
        f"{_item(f'c{index}', wanted.get(index), native=source.native)} AS c{index}"
        for index, source in enumerate(part.columns)
    ]
    found = connection.cursor().sql(f"SELECT {', '.join(items)} FROM ({part.sql})")
    for batch in found.to_arrow_reader(_ROWS):
        yield partial(_batch, batch)


def _item(x: str, column: KeptColumn | None, *, native: bool) -> str:
    if column is None:
        return "CAST(NULL AS VARCHAR)"
    if not native:
        return x
    if not stays_native(column):
        return f"CAST({x} AS VARCHAR)"
    nulls = column.spec.null_values if column.spec else ()
    missing = f"CAST({x} AS VARCHAR) IN ({literals(nulls)})"
    return f"CASE WHEN {missing} THEN NULL ELSE {x} END" if nulls else x


def _batch(batch: "pa.RecordBatch", _: Expected) -> Batch:
    return Batch(batch.columns, batch.num_rows)
