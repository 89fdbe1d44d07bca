"""Parses blocks of text into Arrow arrays, sure that no other reader would parse them otherwise."""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.rows import NOTHING, Batch, Expected, Unreadable
from factory.ingest.reading.text.blocks import Layout, lay_out, lines_of
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.escapes import Escapes
from factory.ingest.reading.text.proving import as_printed
from factory.ingest.reading.typed.kernels import days_within, moments_within
from factory.ports import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa

_SEVERAL_FORMS: Final = frozenset({"BOOL", "DATETIME"})  # of which one is parsed at once


@dataclass(slots=True)
class _Patience:
    """How many more blocks are tried with kinds that may be written in several forms."""

    left: int = 3


@dataclass(frozen=True, slots=True)
class BlockParser:
    """How the blocks of one file are parsed. `nulls` are texts for no value, quoted or not."""

    dialect: Dialect
    width: int
    nulls: tuple[str, ...]
    _patience: _Patience = field(default_factory=_Patience)

    @property
    def able(self) -> bool:
        """Whether the dialect is one that a fast parser knows."""
        return self.dialect.plain

    def parse(self, text: bytes, expected: Expected = NOTHING) -> Batch:
        """The records of `text` by column; the `expected` ones as values if all of them are.

        Escaped letters are marked in it. Raises Unreadable, or UnicodeDecodeError for what is no
        UTF-8.
        """
        layout = lay_out(text, self.dialect, self.width)
        _check_utf8(text)
        columns = self._typed(text, layout, expected) or self._columns(text, layout, NOTHING)
        columns = Escapes.of(self.dialect).values(text, columns, self.nulls)
        if any(len(column) != layout.records for column in columns):
            raise Unreadable(f"{layout.records:,} records are there, {len(columns[0]):,} were read")
        return Batch(
            columns,
            layout.records,
            line_ends=layout.line_ends,
            below_blanks=layout.below_blanks,
            like_rows=layout.like_rows,
            lines=self._lines(text),
        )

    def _lines(self, text: bytes) -> Callable[[Sequence[int]], list[int]]:
        blank_counts = self.width == 1
        return lambda rows: lines_of(text, self.dialect, blank_counts=blank_counts, rows=rows)

    def _typed(self, text: bytes, layout: Layout, expected: Expected) -> "list[pa.Array] | None":
        """The columns with values in place, if it is certain that nothing is lost."""
        if self._patience.left <= 0:
            expected = {n: kind for n, kind in expected.items() if kind not in _SEVERAL_FORMS}
        if not expected or not set(self.nulls) <= {""}:
            return None
        try:
            columns = self._columns(text, layout, expected)
        except Unreadable:
            columns = []
        if columns and as_printed(text, columns, layout, self.dialect):
            finished = [_finished(column) for column in columns]
            if None not in finished:
                return finished
        if not _SEVERAL_FORMS.isdisjoint(expected.values()):
            self._patience.left -= 1
        return None

    def _columns(self, text: bytes, layout: Layout, expected: Expected) -> "list[pa.Array]":
        import pyarrow as pa
        from pyarrow import csv

        kinds = {str(n): _parsed_type(expected.get(n)) for n in range(self.width)}
        if not layout.records:
            return [pa.array([], kind) for kind in kinds.values()]
        try:
            table = csv.read_csv(
                pa.BufferReader(BOM_UTF8 + text if text.startswith(BOM_UTF8) else text),
                csv.ReadOptions(
                    column_names=list(kinds),
                    use_threads=False,
                    block_size=len(text) + len(BOM_UTF8) + 1,
                ),
                self._syntax(layout),
                csv.ConvertOptions(
                    column_types=kinds,
                    null_values=list(self.nulls),
                    true_values=["true"],
                    false_values=["false"],
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


def _parsed_type(kind: ColumnType | None) -> "pa.DataType":
    """The type that a column of this kind is parsed as; None: text."""
    import pyarrow as pa

    types = {
        "INT64": pa.int64, "BOOL": pa.bool_, "DATE": pa.date32,
        "DATETIME": lambda: pa.timestamp("s"), None: pa.string,
    }  # fmt: skip
    parsed: pa.DataType = types[kind]()
    return parsed


def _finished(column: "pa.Array") -> "pa.Array | None":
    """The column as it is written; None if a day is none of the calendar that a table may have."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
        return column if moments_within(column) else None
    if pa.types.is_date(column.type):
        return column if days_within(column) else None
    return column


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
