"""Streams that count, check and inflate what flows through them."""

import io
from collections.abc import Callable
from typing import BinaryIO


class Counted(io.RawIOBase):
    """Passes a stream on and reports how many bytes it has given."""

    def __init__(self, inner: BinaryIO, report: Callable[[int], None]) -> None:
        self._inner = inner
        self._report = report
        self.done = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._inner.read(size)
        self.done += len(chunk)
        self._report(self.done)
        return chunk
