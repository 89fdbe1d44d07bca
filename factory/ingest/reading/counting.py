"""Counts the records of a text file while it flows by, without parsing it."""

import re
from dataclasses import dataclass, field

_BLANK = re.compile(rb"\n(?=\r?\n)")


@dataclass(slots=True)
class RecordCounter:
    """Exact for files that quote by doubling and end lines in one way; else `sure` is False.

    Within a chunk, all bytes but quotes and line ends are deleted, then pairs of quotes: what
    is left between single quotes is quoted.
    """

    quote: bytes  # empty: nothing is quoted
    escaped: bool = False
    _inside: bool = False
    _ends: int = 0
    _blank: int = 0
    _quoted_ends: int = 0
    _returns: int = 0
    _pairs: int = 0
    _tail: bytes = b"\n"
    _size: int = 0
    _keep: bytes = field(init=False)

    def __post_init__(self) -> None:
        keep = b"\n" + self.quote
        self._keep = bytes(byte for byte in range(256) if byte not in keep)

    def add(self, chunk: bytes) -> None:
        """Count one more piece of the file."""
        if not chunk:
            return
        self._size += len(chunk)
        self._count_ends(chunk)
        self._count_returns(chunk)
        window = self._tail + chunk
        if b"\n\n" in window or b"\n\r\n" in window:
            self._blank += len(_BLANK.findall(window))
        self._tail = window[-2:] if window[-2:] == b"\n\r" else window[-1:]

    @property
    def quoted_line_ends(self) -> bool:
        """Whether a quoted value goes over several lines."""
        return self._quoted_ends > 0 or self._inside

    @property
    def sure(self) -> bool:
        """Whether `records` can be relied upon."""
        one_way = self._returns in (0, self._ends + self._quoted_ends) and (
            self._returns == self._pairs
        )
        return one_way and not self._inside and not self.escaped

    def records(self, *, blank_counts: bool) -> int:
        """Records seen; `blank_counts` where an empty line is a row (of a single column)."""
        if self._size == 0:
            return 0
        unfinished = 0 if self._tail.endswith(b"\n") else 1
        return self._ends + unfinished - (0 if blank_counts else self._blank)

    def _count_ends(self, chunk: bytes) -> None:
        if not self.quote or (not self._inside and self.quote not in chunk):
            self._ends += chunk.count(b"\n")
            return
        marks = chunk.translate(None, self._keep).replace(self.quote * 2, b"")
        for position, piece in enumerate(marks.split(self.quote)):
            if position:
                self._inside = not self._inside
            if self._inside:
                self._quoted_ends += piece.count(b"\n")
            else:
                self._ends += piece.count(b"\n")

    def _count_returns(self, chunk: bytes) -> None:
        if b"\r" not in chunk and not self._tail.endswith(b"\r"):
            return
        self._returns += chunk.count(b"\r")
        self._pairs += (self._tail[-1:] + chunk).count(b"\r\n")
