"""Batches of rows that are neither many small ones nor large in memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 20_000  # in a batch
FEW: Final = 2_048  # rows that may come at once, however heavy: DuckDB has no fewer
HEAVY: Final = 8 << 20  # bytes in a batch


def gathered(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """The same rows in batches of ROWS or a few more, or as many as are HEAVY."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= ROWS or size >= HEAVY:
            yield _one(waiting)
            rows = size = 0
    if waiting:
        yield _one(waiting)


def _one(waiting: "list[pa.RecordBatch]") -> "pa.RecordBatch":
    import pyarrow as pa

    whole: pa.RecordBatch = waiting[0] if len(waiting) == 1 else pa.concat_batches(waiting)
    waiting.clear()
    return whole
