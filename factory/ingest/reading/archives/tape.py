"""A stream as tarfile reads it: forward alone, to an end that it knows."""

import os
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

from factory.ingest.reading.streams import CHUNK

_LONGEST = 1 << 20  # bytes of headers in front of one member: long names, and more about it


class Tape:
    """`source`, which only goes forward. What lies behind its end is an error of tarfile."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._place = self._headers = 0
        self._size = source.seek(0, os.SEEK_END) if source.seekable() else None
        if self._size is not None:
            source.seek(0)

    def tell(self) -> int:
        return self._place

    def read(self, size: int) -> bytes:
        """The bytes of headers. Too many are none: a size is damaged, or meant to harm."""
        if size < 0:
            raise tarfile.ReadError("it has a negative size")
        self._headers += size
        if self._headers > _LONGEST:
            raise tarfile.ReadError(f"it has headers of more than {_LONGEST:,} bytes")
        return self._take(size)

    def seek(self, place: int) -> None:
        if place < self._place:
            raise tarfile.ReadError("it leads back to what was read")
        if self._size is not None:
            self._jump(place, self._size)
        for _ in self.content(place - self._place):
            pass

    def content(self, size: int) -> Iterator[bytes]:
        """The next bytes of a member, which must all be there."""
        end = self._place + size
        while self._place < end:
            chunk = self._take(min(end - self._place, CHUNK))
            if not chunk:
                raise tarfile.ReadError("unexpected end of data")
            yield chunk

    def member(self) -> None:
        """A member has come: the headers of the next one are counted anew."""
        self._headers = 0

    def finish(self) -> None:
        """Go to the end, where the checksum of a compressed tar is. Up to it there are zeros."""
        while chunk := self._take(CHUNK):
            if chunk.strip(b"\0"):
                raise tarfile.ReadError("behind its end there are other bytes")

    def _jump(self, place: int, size: int) -> None:
        if place > size:
            raise tarfile.ReadError("unexpected end of data")
        self._place = self._source.seek(place)

    def _take(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self._place += len(chunk)
        return chunk
