"""Escaped characters as single bytes of their own: what is left is a text without escapes.

An escaped quote, separator or escape becomes a control character that the file does not have. So
the text can be cut and parsed as any other, and a value is right as soon as each of these bytes
is again what it stands for. An escape before any other letter is a letter itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.rows import Unreadable
from factory.ingest.reading.text.dialect import Dialect

if TYPE_CHECKING:
    import pyarrow as pa

_MARKS: Final = (b"\x01", b"\x02", b"\x03")  # of the escape itself, the separator, the quote
ESCAPED_SEPARATOR: Final = _MARKS[1]
_LINE_ENDS: Final = (b"\n", b"\r")


@dataclass(frozen=True, slots=True)
class Escapes:
    """Those of a dialect whose escape is one byte; without an escape nothing is changed.

    `meanings` are the letters that may be escaped, each marked by the byte at its place.
    """

    escape: bytes
    meanings: tuple[bytes, ...]

    @classmethod
    def of(cls, dialect: Dialect) -> "Escapes":
        """Those that the dialect has."""
        escape = (dialect.escape or "").encode()
        quote, delimiter = (dialect.quote or "").encode(), dialect.delimiter.encode()
        return cls(escape, (escape, delimiter, quote) if quote else (escape, delimiter))

    def mark(self, text: bytes) -> bytes:
        """The text with its escaped letters marked. It must not begin or end within such a pair.

        Raises Unreadable if it has the marks itself, or if the end of a line is escaped.
        """
        if not self.escape:
            return text
        if any(mark in text for mark in _MARKS):
            raise Unreadable("it has control characters")
        if self.escape not in text:
            return text
        for pair, mark in self._pairs:  # the escape's own comes first: what is left is no pair
            text = text.replace(pair, mark)
        if self.escape in text and any(self.escape + end in text for end in _LINE_ENDS):
            raise Unreadable("the end of a line is escaped")
        return text

    def marked(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same for a text in chunks. Raises Unreadable."""
        if not self.escape:
            yield from chunks
            return
        left = b""
        for chunk in chunks:
            text = left + chunk
            bare = text.rstrip(self.escape)
            left = self.escape if (len(text) - len(bare)) % 2 else b""
            yield self.mark(text[: len(text) - len(left)])
        if left:
            yield left

    def written(self, text: bytes) -> bytes:
        """A marked text as it was."""
        if self._has_marks(text):
            for pair, mark in self._pairs:
                text = text.replace(mark, pair)
        return text

    def meant(self, text: bytes) -> bytes:
        """A marked text with the letters that the marks stand for."""
        return text.translate(self._letters) if self._has_marks(text) else text

    def values(
        self, text: bytes, columns: "Sequence[pa.Array]", nulls: Sequence[str]
    ) -> "list[pa.Array]":
        """The columns that were read from the marked text, with the values that are meant.

        Raises Unreadable where one of `nulls` was written with an escape.
        """
        if not self._has_marks(text):
            return list(columns)
        return [self._column(column, nulls) for column in columns]

    def _column(self, column: "pa.Array", nulls: Sequence[str]) -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        if not pa.types.is_string(column.type) or column.buffers()[2] is None:
            return column
        content = column.buffers()[2].to_pybytes()
        if not self._has_marks(content):
            return column
        missing, ends, _ = column.buffers()
        buffers = [missing, ends, pa.py_buffer(self.meant(content))]
        meant = pa.Array.from_buffers(
            column.type, len(column), buffers, column.null_count, column.offset
        )
        if any(pc.any(pc.equal(meant, null)).as_py() for null in nulls):
            raise Unreadable("a missing value is written with an escape")
        return meant

    @property
    def _pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """What is written, and its mark."""
        for letter, mark in zip(self.meanings, _MARKS, strict=False):
            yield self.escape + letter, mark

    @property
    def _letters(self) -> bytes:
        marks = b"".join(_MARKS[: len(self.meanings)])
        return bytes.maketrans(marks, b"".join(self.meanings))

    def _has_marks(self, text: bytes) -> bool:
        return bool(self.escape) and any(mark in text for mark in _MARKS)
