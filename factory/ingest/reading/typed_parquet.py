"""Writes typed rows to Parquet, the same bytes for the same rows however they arrive.

A row group is encoded in a thread of its own, while the rows of the next one are gathered.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from factory.workers import Outcome, Workers

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    Ends = np.ndarray[Any, np.dtype[np.int64]]

_GROUP: Final = 122_880  # rows; so many has a group of DuckDB's own, which it then takes as it is
_HEAVY: Final = 64 << 20  # bytes of text after which a group ends early
_OF_HEAVY_ROWS: Final = 16 << 20  # the same, if its rows are heavy on average
_HEAVY_ROW: Final = 64 << 10  # bytes of text
_LARGE: Final = 100 << 20  # bytes of text and of all else after which a group ends, too
_OF_WIDE_ROWS: Final = 32 << 20  # the same, if its rows are wide
_WIDE_ROW: Final = 1 << 10  # bytes of all but text
_AT_ONCE: Final = 1_024  # values that go to a page at once, at most
_PAGE: Final = 1 << 20  # bytes of them, roughly
_LOOK: Final = 32_768  # rows that show whether the values of a column come again
_LOOKED: Final = 4 << 20  # bytes of them
_STATED: Final = 4 << 10  # bytes of a value up to which Arrow writes the least and greatest
_NEW: Final = 0.9  # of them are different: a dictionary would be all of the column


class TypedParquet:
    """A file in the making. Rows wait until a row group of them is complete.

    One group waits for the encoder at most: who is faster waits for it. What it raises comes out
    of the next call. `close` or `abandon` must be called.
    """

    def __init__(self, path: Path, schema: "pa.Schema") -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        self._fixed = sum(map(_width, schema.types))  # bytes of a row without its texts
        self._large = _LARGE if self._fixed < _WIDE_ROW else _OF_WIDE_ROWS
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._weight = 0  # bytes of text that wait
        self._heavy = False  # too many to wait for more
        self._writer: parquet.ParquetWriter | None = None  # until the first group is known
        self._encoder = Workers(1)
        self._encoding: Outcome[None] | None = None

    def add(self, columns: Sequence["pa.Array"], rows: int) -> None:
        """Append rows, whose columns must be as the schema has them."""
        import pyarrow as pa

        batch = pa.RecordBatch.from_arrays(list(columns), names=self._schema.names)
        if batch.schema != self._schema:  # given a schema, Arrow would cast
            raise TypeError(f"{batch.schema} was to be written as {self._schema}")
        self.rows += rows
        while rows:
            taken = self._room(batch)
            self._waiting.append(batch.slice(0, taken))
            self._waiting_rows += taken
            if self._full():
                self._flush()
            batch = batch.slice(taken)
            rows -= taken

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        try:
            if self._waiting_rows:
                self._flush()
            self._encoded()
        finally:
            self._encoder.end()
        (self._writer or self._open(self._schema.empty_table())).close()

    def abandon(self) -> None:
        """Leave no file behind."""
        self._waiting.clear()
        self._encoder.end()
        if self._writer is not None:
            self._writer.close()
        self.path.unlink(missing_ok=True)

    def _room(self, batch: "pa.RecordBatch") -> int:
        """Rows of `batch` up to the end of the group, or to the one with which it is heavy."""
        import numpy as np

        room: int = min(_GROUP - self._waiting_rows, batch.num_rows)
        weights = self._weight + _text_ends(batch, room)
        rows = self._waiting_rows + np.arange(1, room + 1)
        heavy = weights > np.clip(_HEAVY_ROW * rows, _OF_HEAVY_ROWS, _HEAVY)
        ends = heavy | (weights + self._fixed * rows > self._large)
        self._heavy = bool(ends.any())
        room = int(ends.argmax()) + 1 if self._heavy else room
        self._weight = int(weights[room - 1])
        return room

    def _full(self) -> bool:
        return self._waiting_rows == _GROUP or self._heavy

    def _flush(self) -> None:
        self._encoded()
        self._encoding = self._encoder.begin(partial(self._encode, self._waiting))
        self._waiting = []
        self._waiting_rows = self._weight = 0

    def _encoded(self) -> None:
        """Wait for the group that is being encoded. Raises what that raised."""
        encoding, self._encoding = self._encoding, None
        if encoding is not None:
            encoding.get()

    def _encode(self, batches: "list[pa.RecordBatch]") -> None:
        import pyarrow as pa

        pieces = [[batch.column(n) for batch in batches] for n in range(len(self._schema))]
        batches.clear()
        columns = []
        for n in range(len(pieces)):  # one after the other, so that no group is there twice
            columns.append(pa.concat_arrays(pieces[n]))
            pieces[n].clear()
        table = pa.Table.from_arrays(columns, schema=self._schema)
        self._writer = self._writer or self._open(table)
        self._writer.write_table(table, row_group_size=_GROUP)

    def _open(self, first: "pa.Table") -> "parquet.ParquetWriter":
        from pyarrow import parquet

        return parquet.ParquetWriter(
            self.path,
            self._schema,
            compression="zstd",
            use_dictionary=[name for name in first.column_names if _repeats(first[name])],
            store_schema=False,
            write_statistics=[name for name in first.column_names if not _is_long(first[name])],
            write_batch_size=_at_once(first),
        )


def _repeats(column: "pa.ChunkedArray") -> bool:
    """Whether values come again among the first rows, fewer of which are looked at if heavy."""
    few = _LOOKED * len(column) // max(column.nbytes, 1)
    some = column.slice(0, min(_LOOK, max(few, 2))).drop_null()
    return len(some.unique()) < _NEW * len(some)


def _is_long(column: "pa.ChunkedArray") -> bool:
    """Whether the least and greatest value would be copied, often, for nothing."""
    return bool(column.nbytes > _STATED * len(column))


def _at_once(table: "pa.Table") -> int:
    """Values that make about a page in each column: its size is looked at behind so many."""
    heaviest = max((column.nbytes for column in table.columns), default=0)
    return max(1, min(_AT_ONCE, _PAGE * len(table) // max(heaviest, 1)))


def _width(kind: "pa.DataType") -> int:
    """Bytes of a value in memory; of a text, where it ends."""
    import pyarrow as pa

    texts = pa.types.is_string(kind) or pa.types.is_binary(kind)
    return 4 if texts else -(-int(kind.bit_width) // 8)


def _text_ends(batch: "pa.RecordBatch", rows: int) -> "Ends":
    """Bytes of all texts up to the end of each of the first rows."""
    import numpy as np
    import pyarrow as pa

    total = np.zeros(rows, np.int64)
    for column in batch.columns:
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset :]
            total += offsets[1 : rows + 1]
            total -= offsets[0]
    return total
