"""Row groups of Parquet, and how many of their rows may be in memory at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

MOST: Final = 8_192  # rows at once
_WEIGHT: Final = 4 << 20  # bytes at once, of which several are in the making
_GROUP: Final = 122_880  # rows of a group, as one of DuckDB's own has
_HEAVY: Final = 8 << 20  # bytes of a group


class RowGroups:
    """A file in the making, in groups of which each can be held: DuckDB takes 2,048 rows of one at
    once, however long they are."""

    def __init__(self, path: Path, schema: "pa.Schema") -> None:
        from pyarrow import parquet

        self.at_once = MOST  # rows
        self._writer = parquet.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._weight = 0  # of these

    def add(self, batch: "pa.RecordBatch") -> None:
        """Append the rows."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._weight += batch.nbytes
        if self._weight >= _HEAVY or self._rows >= _GROUP:
            self._flush()

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self.at_once = min(self.at_once, _held(self._weight, self._rows))
            self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=_GROUP)
        self._waiting = []
        self._rows = self._weight = 0


def at_once(path: Path) -> int:
    """How many rows of the Parquet file to take at once, by the heaviest of its groups."""
    from pyarrow import parquet

    file = parquet.read_metadata(path)
    groups = [file.row_group(number) for number in range(file.num_row_groups)]
    return min((_held(g.total_byte_size, g.num_rows) for g in groups if g.num_rows), default=MOST)


def _held(weight: int, rows: int) -> int:
    """How many rows are as much as may be held, where so many have that weight."""
    return max(1, min(MOST, _WEIGHT * rows // max(weight, 1)))
