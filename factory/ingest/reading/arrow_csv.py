"""Parses blocks of text into Arrow arrays, sure that no other reader would parse them otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.blocks import Layout, lay_out, lines_of
from factory.ingest.reading.dialect import Dialect
from factory.ingest.reading.rows import Batch, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa

_BOM: Final = b"\xef\xbb\xbf"
_SMALL: Final = 1 << 31  # from here on, numbers need more than 32 bits


@dataclass(frozen=True, slots=True)
class BlockParser:
    """How the blocks of one file are parsed. `nulls` are texts for no value, quoted or not."""

    dialect: Dialect
    width: int
    nulls: tuple[str, ...]

    @property
    def able(self) -> bool:
        """Whether the dialect is one that a fast parser knows."""
        return self.dialect.plain

    def parse(self, text: bytes, whole_numbers: frozenset[int] = frozenset()) -> Batch:
        """The records of `text` by column; those of `whole_numbers` as such if all of them are.

        Raises Unreadable, or UnicodeDecodeError if it is no UTF-8.
        """
        layout = lay_out(text, self.dialect, blank_counts=self.width == 1)
        _check_utf8(text)
        columns = self._whole(text, layout, whole_numbers) or self._columns(text, layout, ())
        if any(len(column) != layout.records for column in columns):
            raise Unreadable(f"{layout.records:,} records are there, {len(columns[0]):,} were read")
        return Batch(columns, layout.records, layout.line_ends, self._lines(text))

    def _lines(self, text: bytes) -> Callable[[Sequence[int]], list[int]]:
        blank_counts = self.width == 1
        return lambda rows: lines_of(text, self.dialect, blank_counts=blank_counts, rows=rows)

    def _whole(
        self, text: bytes, layout: Layout, wished: frozenset[int]
    ) -> "list[pa.Array] | None":
        """The columns with whole numbers in place, if it is certain that nothing is lost.

        A number is at its shortest as it would be printed. So if all values together are as
        long as they would be printed, each of them is.
        """
        if not wished or not set(self.nulls) <= {""} or _has_hex(text):
            return None
        try:
            columns = self._columns(text, layout, wished)
        except Unreadable:
            return None
        printed = sum(_printed(column) for column in columns)
        inner = sum(_quotes_in(column, self.dialect) for column in columns) if layout.quotes else 0
        separators = layout.records * (self.width - 1)
        same = printed + separators + layout.ends + layout.quotes - inner == len(text)
        return columns if same else None

    def _columns(
        self, text: bytes, layout: Layout, whole: "frozenset[int] | tuple[()]"
    ) -> "list[pa.Array]":
        import pyarrow as pa
        from pyarrow import csv

        names = [str(index) for index in range(self.width)]
        kinds = {name: pa.int64() if int(name) in whole else pa.string() for name in names}
        if not layout.records:
            return [pa.array([], kind) for kind in kinds.values()]
        try:
            table = csv.read_csv(
                pa.BufferReader(_BOM + text if text.startswith(_BOM) else text),
                csv.ReadOptions(
                    column_names=names, use_threads=False, block_size=len(text) + len(_BOM) + 1
                ),
                self._syntax(layout),
                csv.ConvertOptions(
                    column_types=kinds,
                    null_values=list(self.nulls),
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as exc:
            raise Unreadable(str(exc)) from exc
        return [_one(column) for column in table.columns]

    def _syntax(self, layout: Layout) -> "pa.csv.ParseOptions":
        from pyarrow import csv

        return csv.ParseOptions(
            delimiter=self.dialect.delimiter,
            quote_char=self.dialect.quote if layout.quoted else False,
            double_quote=layout.quoted,
            newlines_in_values=layout.quoted_line_ends,
            ignore_empty_lines=self.width > 1,
        )


def _one(column: "pa.ChunkedArray") -> "pa.Array":
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _check_utf8(text: bytes) -> None:
    import numpy as np
    import pyarrow as pa

    if text.isascii():
        return
    offsets = pa.py_buffer(np.array([0, len(text)], np.int32))
    whole = pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(text)])
    try:
        whole.cast(pa.string())
    except pa.ArrowInvalid:
        text.decode()  # says where


def _has_hex(text: bytes) -> bool:
    """Whether something in `text` may be a number of the kind 0x1F, which the parser takes."""
    return (b"x" in text and b"0x" in text) or (b"X" in text and b"0X" in text)


def _printed(column: "pa.Array") -> int:
    """Bytes of all values, as they would be printed."""
    import pyarrow as pa

    if pa.types.is_int64(column.type):
        return _digits(column)
    first, last = _extent(column)
    return last - first


def _digits(column: "pa.Array") -> int:
    import numpy as np

    filled = column.drop_null() if column.null_count else column
    if not len(filled):
        return 0
    numbers = np.frombuffer(filled.buffers()[1], np.int64)[filled.offset :][: len(filled)]
    least, largest = int(numbers.min()), int(numbers.max())
    total = len(numbers)
    if least < 0:
        total += int(np.count_nonzero(numbers < 0))
        numbers = np.abs(numbers).view(np.uint64)  # which has a place for the smallest, too
        largest = max(-least, largest)
    if largest < _SMALL:
        numbers = numbers.astype(np.int32)
    for power in range(1, len(str(largest))):
        total += int(np.count_nonzero(numbers >= numbers.dtype.type(10**power)))
    return total


def _quotes_in(column: "pa.Array", dialect: Dialect) -> int:
    import pyarrow as pa

    if not pa.types.is_string(column.type):
        return 0
    return _content(column).count((dialect.quote or "").encode()) if dialect.quote else 0


def _content(column: "pa.Array") -> bytes:
    """The characters of all texts."""
    first, last = _extent(column)
    return bytes(memoryview(column.buffers()[2])[first:last]) if last > first else b""


def _extent(column: "pa.Array") -> tuple[int, int]:
    """Where the characters of all texts begin and end in their buffer."""
    import numpy as np

    if not len(column):
        return 0, 0
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return int(offsets[column.offset]), int(offsets[column.offset + len(column)])
