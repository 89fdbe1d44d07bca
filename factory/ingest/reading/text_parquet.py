"""Rows of text as a Parquet file without types: what readers other than DuckDB's hand over."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH = 20_000  # rows held in memory


def write_text(path: Path, width: int, records: Iterable[Sequence[str | None]]) -> int:
    """Write `records`, each of `width` texts, as columns c0, c1, …; the rows written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(f"c{index}", pa.string()) for index in range(width)])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        batch: list[Sequence[str | None]] = []
        for record in records:
            batch.append(record)
            if len(batch) == _BATCH:
                rows += _flush(writer, schema, batch)
        rows += _flush(writer, schema, batch)
    return rows


def _flush(
    writer: "pq.ParquetWriter", schema: "pa.Schema", batch: list[Sequence[str | None]]
) -> int:
    import pyarrow as pa

    rows = len(batch)
    arrays = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
    if rows:
        writer.write_batch(pa.record_batch(arrays, schema=schema))
    batch.clear()
    return rows
