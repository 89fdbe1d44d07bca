"""Proof that all values of a block were written as they would be printed, by a few sums.

A number is at its shortest as it is printed; a truth or a day has one length. So if all values
together are as long as they would be printed, each of them is. A moment may be written shorter:
it has all its parts if it has two colons, which no other value has but a text, and as many
spaces as moments stand between day and time.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from factory.ingest.reading.text.blocks import Layout, count_byte
from factory.ingest.reading.text.dialect import Dialect

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Array = np.ndarray[Any, Any]

_SMALL: Final = 1 << 31  # from here on, numbers need more than 32 bits
_SPACE, _COLON = b" :"
_INNER: Final = {_SPACE, _COLON}
_DAY: Final = len("2026-01-31")
_MOMENT: Final = len("2026-01-31 23:59:59")
_TRUE, _FALSE = len("true"), len("false")


def as_printed(
    text: bytes, columns: "Sequence[pa.Array]", layout: Layout, dialect: Dialect
) -> bool:
    """Whether each value of `columns`, read from `text`, is written as it would be printed.

    Texts are as they are; where others are missing, nothing is written.
    """
    import pyarrow as pa

    outside = _Outside(text, [_content(c) for c in columns if pa.types.is_string(c.type)])
    others = [column for column in columns if not pa.types.is_string(column.type)]
    moments = sum(_filled(column) for column in others if pa.types.is_timestamp(column.type))
    if outside.letters(b"xX") or (moments and not _whole(moments, outside, dialect)):
        return False
    printed = sum(map(len, outside.texts)) + sum(map(_length, others))
    separators = layout.records * (len(columns) - 1)
    inner = outside.in_texts(ord(dialect.quote)) if dialect.quote and layout.quotes else 0
    return printed + separators + layout.ends + layout.quotes - inner == len(text)


class _Outside:
    """What there is of a block outside its texts."""

    def __init__(self, text: bytes, texts: "list[Array]") -> None:
        import numpy as np

        self.texts = texts
        self._text = text
        self._block = np.frombuffer(text, np.uint8)

    def count(self, byte: int) -> int:
        """How often the byte is there."""
        return count_byte(self._block, byte) - self.in_texts(byte)

    def in_texts(self, byte: int) -> int:
        """How often it is in the texts."""
        return sum(count_byte(text, byte) for text in self.texts)

    def letters(self, some: bytes) -> bool:
        """Whether one of these letters is there: the parser takes 0x1F for a number."""
        return any(letter in self._text and self.count(letter) for letter in some)


def _whole(moments: int, outside: _Outside, dialect: Dialect) -> bool:
    """Whether each of the moments has a space and two colons."""
    if _INNER & {ord(dialect.delimiter), ord(dialect.quote or '"')}:
        return False
    return outside.count(_COLON) == 2 * moments and outside.count(_SPACE) == moments


def _length(column: "pa.Array") -> int:
    """Bytes of all values that are no texts, as they would be printed."""
    import pyarrow as pa

    if pa.types.is_int64(column.type):
        return _digits(column)
    if pa.types.is_boolean(column.type):
        return _FALSE * _filled(column) - (_FALSE - _TRUE) * int(column.true_count)
    return (_DAY if pa.types.is_date(column.type) else _MOMENT) * _filled(column)


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


def _filled(column: "pa.Array") -> int:
    return len(column) - int(column.null_count)


def _content(column: "pa.Array") -> "Array":
    """The characters of all texts."""
    import numpy as np

    if not len(column) or column.buffers()[2] is None:
        return np.empty(0, np.uint8)
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    first, last = int(offsets[column.offset]), int(offsets[column.offset + len(column)])
    return np.frombuffer(column.buffers()[2], np.uint8)[first:last]
