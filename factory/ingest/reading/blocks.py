"""Cuts a stream of text at ends of records, and says what each block holds without parsing it.

A quote opens a value only at the value's beginning and closes it only at its end. Text that
keeps to that means the same to every reader, and each block can be parsed on its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from factory.ingest.reading.dialect import Dialect
from factory.ingest.reading.rows import Unreadable

if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]

BLOCK: Final = 1 << 20  # bytes; what is made of larger ones leaves the processor's cache
COLUMN: Final = 32 << 10  # bytes of each column at least, for each is work of its own
_LONGEST: Final = 64 << 20  # bytes of a block that has no end of a record
_LF, _CR = 10, 13
_ENDS: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a block holds. `ends` are the bytes that end its records, `quotes` all its quotes."""

    records: int
    line_ends: int
    ends: int
    quotes: int
    quoted: bool  # some values stand in quotes
    quoted_line_ends: bool


def cut(chunks: Iterable[bytes], dialect: Dialect, size: int) -> Iterator[bytes]:
    """The text in blocks of about `size` bytes of whole records.

    Raises Unreadable where no record ends for very long.
    """
    waiting = bytearray()
    least = size
    for chunk in chunks:
        waiting += chunk
        if len(waiting) < least:
            continue
        end = _last_end(waiting, dialect)
        if end:
            yield bytes(memoryview(waiting)[:end])
            del waiting[:end]
            least = size
        elif len(waiting) > _LONGEST:
            raise Unreadable(f"no record ends within {_LONGEST:,} bytes")
        else:
            least = 2 * len(waiting)
    if waiting:
        yield bytes(waiting)


def lay_out(text: bytes, dialect: Dialect, *, blank_counts: bool) -> Layout:
    """What the block `text` holds; `blank_counts` where an empty line is a row.

    Raises Unreadable where readers could differ.
    """
    quote = (dialect.quote or "").encode()
    quotes = text.count(quote) if quote and quote in text else 0
    if not quotes or not _opens(text, quote, dialect):
        return _bare(text, quotes, blank_counts=blank_counts)
    return _quoted(text, dialect, quotes, blank_counts=blank_counts)


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


def _begins_blank(text: bytes, starts: "Array") -> "Array":
    import numpy as np

    padded = np.frombuffer(text + b"\n\n", np.uint8)
    first, second = padded[starts], padded[starts + 1]
    blank: Array = (first == _LF) | ((first == _CR) & (second == _LF))
    return blank


def _last_end(text: bytearray, dialect: Dialect) -> int:
    """Behind the last end of a record; 0 if there is none."""
    end = text.rfind(b"\n") + 1
    quote = (dialect.quote or "").encode()
    if not end or not quote or quote not in text:
        return end
    odd = text.count(quote, 0, end) % 2
    if odd and not _opens(bytes(text), quote, dialect):
        return end
    while end and odd:
        mark = text.rfind(quote, 0, end)
        end, before = text.rfind(b"\n", 0, mark) + 1, mark
        odd = (odd + 1 + text.count(quote, end, before)) % 2
    return end


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

    feeds = np.flatnonzero(np.frombuffer(text, np.uint8) == _LF)
    returns = text.count(b"\r") if b"\r" in text else 0
    if returns and returns != text.count(b"\r\n"):
        raise Unreadable("a line ends in a carriage return alone")
    blank = 0 if blank_counts else _blank(text, feeds, returns)
    unfinished = 0 if text.endswith(b"\n") else 1
    lines = len(feeds)
    return Layout(lines + unfinished - blank, lines, lines + returns, quotes, False, False)


def _blank(text: bytes, feeds: "Array", returns: int) -> int:
    """How many lines are empty; `feeds` are the places of their ends."""
    import numpy as np

    if not returns:
        return int(np.count_nonzero(np.diff(feeds, prepend=-1) == 1))
    starts = np.concatenate(([0], feeds + 1))
    return int(_begins_blank(text, starts[starts < len(text)]).sum())


def _quoted(text: bytes, dialect: Dialect, quotes: int, *, blank_counts: bool) -> Layout:
    import numpy as np

    array = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero(array == ord(dialect.quote or '"'))
    _refuse_doubtful(array, marks, ord(dialect.delimiter))
    feeds = np.flatnonzero(array == _LF)
    outside = feeds[np.searchsorted(marks, feeds) % 2 == 0]
    returns = _returns_outside(array, marks) if b"\r" in text else 0
    blank = 0
    if not blank_counts:
        starts = np.concatenate(([0], outside + 1))
        blank = int(_begins_blank(text, starts[starts < len(text)]).sum())
    unfinished = 0 if text.endswith(b"\n") else 1
    inner_ends = len(feeds) != len(outside)
    lines = len(feeds) if b"\r" not in text else len(_ENDS.findall(text))
    return Layout(
        len(outside) + unfinished - blank, lines, len(outside) + returns, quotes, True, inner_ends
    )


def _refuse_doubtful(array: "Array", marks: "Array", delimiter: int) -> None:
    """Quotes must come in pairs around whole values, or doubled within such."""
    import numpy as np

    if len(marks) % 2:
        raise Unreadable("a quote is not closed")
    before = array[marks[0::2][marks[0::2] > 0] - 1]
    after = array[marks[1::2][marks[1::2] < len(array) - 1] + 1]
    quote = array[marks[0]]
    if not np.isin(before, (delimiter, _LF, quote)).all():
        raise Unreadable("a quote stands within a bare value")
    if not np.isin(after, (delimiter, _LF, _CR, quote)).all():
        raise Unreadable("text follows a closing quote")


def _returns_outside(array: "Array", marks: "Array") -> int:
    """Carriage returns that are not quoted: each of them must end a line with its feed."""
    import numpy as np

    returns = np.flatnonzero(array == _CR)
    outside = returns[np.searchsorted(marks, returns) % 2 == 0]
    if len(outside) and (outside[-1] == len(array) - 1 or (array[outside + 1] != _LF).any()):
        raise Unreadable("a line ends in a carriage return alone")
    return len(outside)
