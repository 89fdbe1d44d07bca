"""Cuts a stream of text at ends of records, and says what each block holds without parsing it.

A quote opens a value only at the value's beginning and closes it only at its end. Text that
keeps to that means the same to every reader, and each block can be parsed on its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.rows import Unreadable
from factory.ingest.reading.text.dialect import Dialect
from factory.ingest.reading.text.escapes import ESCAPED_SEPARATOR

if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]

BLOCK: Final = 1 << 20  # bytes; what is made of larger ones leaves the processor's cache
_COLUMN: Final = 32 << 10  # bytes of each column at least, for each is work of its own
_MOST: Final = 8 << 20  # bytes, however many columns there are
_LONGEST: Final = 32 << 20  # bytes of a block that has no end of a record
_LF, _CR = 10, 13
_ENDS: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a block holds. `ends` are the bytes that end its records, `quotes` all its quotes."""

    records: int
    below_blanks: tuple[int, ...]  # where lines begin below empty ones that are no records
    line_ends: int
    ends: int
    quotes: int
    quoted: bool  # some values stand in quotes
    quoted_line_ends: bool
    like_rows: tuple[tuple[int, int], ...] = ()  # where records are whose quotes may hold rows


def size_for(columns: int) -> int:
    """Bytes of a block of a table with so many columns."""
    return min(max(BLOCK, _COLUMN * columns), _MOST)


def cut(chunks: Iterable[bytes], dialect: Dialect, size: int) -> Iterator[bytes]:
    """The text in blocks of about `size` bytes of whole records.

    Raises Unreadable where no record ends for very long.
    """
    waiting = _Waiting(dialect)
    for chunk in chunks:
        waiting.add(chunk)
        if waiting.size < size:
            continue
        if waiting.has_end:
            yield waiting.take()
        elif waiting.size > _LONGEST:
            raise Unreadable(f"no record ends within {_LONGEST:,} bytes")
    if waiting.size:
        yield waiting.rest()


def split(text: bytes, dialect: Dialect) -> tuple[bytes, bytes]:
    """The whole records that `text` begins with, as far as quotes tell, and what is left."""
    waiting = _Waiting(dialect)
    waiting.add(text)
    return (waiting.take() if waiting.has_end else b"", waiting.rest())


def lay_out(text: bytes, dialect: Dialect, width: int) -> Layout:
    """What the block `text` of a table with `width` columns holds: an empty line is a row of one.

    Raises Unreadable where readers could differ.
    """
    quote, blank_counts = (dialect.quote or "").encode(), width == 1
    if not quote or quote not in text:
        return _bare(text, 0, blank_counts=blank_counts)
    if not _opens(text, quote, dialect):
        if dialect.escape:
            raise Unreadable("a quote within a bare value is not escaped")
        return _bare(text, text.count(quote), blank_counts=blank_counts)
    return _quoted(text, dialect, width)


def lines_of(
    text: bytes, dialect: Dialect, *, blank_counts: bool, rows: Sequence[int]
) -> list[int]:
    """In which line of the block each of `rows` (from 0) begins."""
    import numpy as np

    ends = [match.end() for match in _ENDS.finditer(text)]
    array = np.frombuffer(text, np.uint8)
    feeds = np.flatnonzero(array == _LF)
    quote = (dialect.quote or "").encode()
    if quote in text and quote and _opens(text, quote, dialect):
        marks = np.flatnonzero(array == quote[0])
        feeds = feeds[np.searchsorted(marks, feeds) % 2 == 0]
    starts = np.concatenate(([0], feeds + 1))
    if not blank_counts:
        starts = starts[~_begins_blank(text, starts)]
    places = starts[np.asarray(rows, np.int64)]
    return [int(n) + 1 for n in np.searchsorted(np.asarray(ends, np.int64), places, side="right")]


def count_byte(content: "Array", byte: int) -> int:
    """How often the byte is there: four times as fast as `bytes.count`."""
    import numpy as np

    return int(np.count_nonzero(content == byte))


def _begins_blank(text: bytes, starts: "Array") -> "Array":
    import numpy as np

    padded = np.frombuffer(text + b"\n\n", np.uint8)
    first, second = padded[starts], padded[starts + 1]
    blank: Array = (first == _LF) | ((first == _CR) & (second == _LF))
    return blank


class _Waiting:
    """Chunks of text that are not cut yet, and where the last record in them ends."""

    def __init__(self, dialect: Dialect) -> None:
        self.size = 0
        self._dialect = dialect
        self._quote = (dialect.quote or "").encode()
        self._chunks: list[bytes] = []
        self._end = 0, 0  # chunks up to the end, and how much of the last one; 0: no end yet
        self._odd = 0  # 1 behind an odd number of quotes
        self._opened = False  # some value is known to begin with a quote

    @property
    def has_end(self) -> bool:
        """Whether some record ends."""
        return self._end[0] > 0

    def add(self, chunk: bytes) -> None:
        """Take another chunk."""
        end = chunk.rfind(b"\n") + 1
        if self._quote and (self._odd or self._quote in chunk):
            odd = (self._odd + self._count(chunk, 0, end)) % 2
            self._odd = (odd + self._count(chunk, end)) % 2
            self._opened = self._opened or (odd == 1 and self._opens(chunk))
            if odd and self._opened:
                end = self._even_end(chunk, end)
        self._chunks.append(chunk)
        self.size += len(chunk)
        if end:
            self._end = len(self._chunks), end

    def take(self) -> bytes:
        """The text up to the last end, which waits no more."""
        whole, end = self._end
        last = self._chunks[whole - 1]
        block = b"".join((*self._chunks[: whole - 1], memoryview(last)[:end]))
        self._chunks = [last[end:], *self._chunks[whole:]]
        self.size -= len(block)
        self._end = 0, 0
        self._odd = sum(map(self._count, self._chunks)) % 2 if self._quote else 0
        self._opened = False
        return block

    def rest(self) -> bytes:
        """All that waits."""
        return b"".join(self._chunks)

    def _even_end(self, chunk: bytes, end: int) -> int:
        """Behind the last end of a line before `end` that no quotes hold; 0 if there is none."""
        odd = 1
        while end and odd:
            mark = chunk.rfind(self._quote, 0, end)
            if mark < 0:
                return 0
            end, before = chunk.rfind(b"\n", 0, mark) + 1, mark
            odd = (odd + 1 + chunk.count(self._quote, end, before)) % 2
        return end

    def _opens(self, chunk: bytes) -> bool:
        return _opens(b"".join((*self._chunks, chunk)), self._quote, self._dialect)

    def _count(self, text: bytes, start: int = 0, end: int | None = None) -> int:
        """Quotes in a part of the text."""
        import numpy as np

        if self._quote not in text:
            return 0
        return count_byte(np.frombuffer(text, np.uint8)[start:end], self._quote[0])


def _opens(text: bytes, quote: bytes, dialect: Dialect) -> bool:
    """Whether some value may begin with a quote."""
    return (
        text.startswith(quote)
        or dialect.delimiter.encode() + quote in text
        or b"\n" + quote in text
        or b"\r" + quote in text
    )


def _bare(text: bytes, quotes: int, *, blank_counts: bool) -> Layout:
    import numpy as np

    array = np.frombuffer(text, np.uint8)
    feeds = np.flatnonzero(array == _LF)
    returns = text.count(b"\r") if b"\r" in text else 0
    if returns and returns != text.count(b"\r\n"):
        raise Unreadable("a line ends in a carriage return alone")
    blanks = () if blank_counts else _below_blanks(array, feeds, returns)
    unfinished = 0 if text.endswith(b"\n") else 1
    lines = len(feeds)
    records = lines + unfinished - len(blanks)
    return Layout(records, blanks, lines, lines + returns, quotes, False, False)


def _below_blanks(array: "Array", ends: "Array", returns: int) -> tuple[int, ...]:
    """Where lines end that are empty; `ends` are the places of the feeds that end records."""
    import numpy as np

    lengths = np.diff(ends, prepend=-1)
    blank = lengths == 1
    if returns:
        blank |= (lengths == 2) & (array[ends - 1] == _CR)
    return tuple((ends[blank] + 1).tolist())


def _quoted(text: bytes, dialect: Dialect, width: int) -> Layout:
    import numpy as np

    array = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero(array == ord(dialect.quote or '"'))
    feeds = np.flatnonzero(array == _LF)
    _refuse_doubtful(array, marks, dialect)
    within = np.searchsorted(marks, feeds) & 1 == 1
    outside = feeds[~within]
    returns = _returns_outside(array, marks) if b"\r" in text else 0
    blanks = () if width == 1 else _below_blanks(array, outside, returns)
    unfinished = 0 if text.endswith(b"\n") else 1
    return Layout(
        records=len(outside) + unfinished - len(blanks),
        below_blanks=blanks,
        line_ends=len(feeds) if b"\r" not in text else len(_ENDS.findall(text)),
        ends=len(outside) + returns,
        quotes=len(marks),
        quoted=True,
        quoted_line_ends=len(feeds) != len(outside),
        like_rows=_like_rows(text, feeds[within], outside, dialect, width),
    )


def _like_rows(
    text: bytes, quoted: "Array", outside: "Array", dialect: Dialect, width: int
) -> tuple[tuple[int, int], ...]:
    """Records over more than two lines whose second one has as many separators as a row.

    `quoted` and `outside` are the places of the feeds.
    """
    import numpy as np

    record = np.searchsorted(outside, quoted)
    begins = np.diff(record, prepend=-1) != 0
    second = np.flatnonzero(begins[:-1] & ~begins[1:])  # a feed, and one behind it in its record
    if not len(second) or width == 1:
        return ()
    separator = dialect.delimiter.encode()
    if dialect.escape:
        text = text.replace(ESCAPED_SEPARATOR, separator)
    lines = zip(quoted[second].tolist(), quoted[second + 1].tolist(), strict=True)
    alike = [text.count(separator, start, end) == width - 1 for start, end in lines]
    found = record[second[alike]]
    borders = np.concatenate(([0], outside + 1, [len(text)]))
    return tuple(zip(borders[found].tolist(), borders[found + 1].tolist(), strict=True))


def _refuse_doubtful(array: "Array", marks: "Array", dialect: Dialect) -> None:
    """Quotes must come in pairs around whole values, or doubled within such if none is escaped."""
    import numpy as np

    if len(marks) % 2:
        raise Unreadable("a quote is not closed")
    before = array[marks[0::2][marks[0::2] > 0] - 1]
    after = array[marks[1::2][marks[1::2] < len(array) - 1] + 1]
    borders = [ord(dialect.delimiter), _LF, *([] if dialect.escape else [array[marks[0]]])]
    if not np.isin(before, borders).all():
        raise Unreadable("a quote stands within a bare value")
    if not np.isin(after, [*borders, _CR]).all():
        raise Unreadable("text follows a closing quote")


def _returns_outside(array: "Array", marks: "Array") -> int:
    """Carriage returns that are not quoted: each of them must end a line with its feed."""
    import numpy as np

    returns = np.flatnonzero(array == _CR)
    outside = returns[np.searchsorted(marks, returns) % 2 == 0]
    if len(outside) and (outside[-1] == len(array) - 1 or (array[outside + 1] != _LF).any()):
        raise Unreadable("a line ends in a carriage return alone")
    return len(outside)
