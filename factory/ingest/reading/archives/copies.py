"""Bytes that are needed again, kept on the disk: packed as they come, read from any place."""

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from weakref import finalize

from factory.disks import no_room

_PIECE: Final = 128 << 10  # bytes that are packed at once, and unpacked to read one of them
_LEVEL: Final = 1  # of zstd


class _Piece(NamedTuple):
    """Where a packed piece is in the file."""

    place: int
    size: int


class Copies:
    """One file in the folder `into` for all that is kept.

    It has no name there, so nothing is left of it when nobody can read it any more, however the
    process ends.
    """

    def __init__(self, into: Path) -> None:
        self._into = into
        self._file: io.FileIO | None = None
        self.size = 0  # bytes on the disk

    def add(self, chunks: Iterable[bytes]) -> Callable[[], BinaryIO]:
        """Keep all bytes that come. The result opens them at any time; each can seek.

        Raises Permanent if the disk is full, and what `chunks` raises.
        """
        import zstandard

        pack = zstandard.ZstdCompressor(level=_LEVEL).compress
        pieces: list[_Piece] = []
        size = 0
        for piece in _pieces(chunks):
            packed = pack(piece)
            self._write(packed)
            pieces.append(_Piece(self.size, len(packed)))
            self.size += len(packed)
            size += len(piece)
        return partial(_open, self, pieces, size)

    def read(self, place: int, size: int) -> bytes:
        """What lies there in the file, whose own place others may be using."""
        return os.pread(self._opened().fileno(), size, place)

    def _write(self, packed: bytes) -> None:
        try:
            left = memoryview(packed)
            while left:
                left = left[self._opened().write(left) :]
        except OSError as exc:
            full = no_room("keep what is packed in an archive", exc, self._into)
            if full is None:
                raise
            raise full from exc

    def _opened(self) -> io.FileIO:
        if self._file is None:
            self._into.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(buffering=0, dir=self._into)  # noqa: SIM115  # finalize closes
            finalize(self, self._file.close)
        return self._file


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, _PIECE at a time; less at the end."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        whole = len(waiting) - len(waiting) % _PIECE
        for start in range(0, whole, _PIECE):
            yield bytes(waiting[start : start + _PIECE])
        del waiting[:whole]
    if waiting:
        yield bytes(waiting)


def _open(copies: Copies, pieces: list[_Piece], size: int) -> BinaryIO:
    return io.BufferedReader(_Reader(copies, pieces, size), _PIECE)


class _Reader(io.RawIOBase):
    """The `size` bytes of some pieces."""

    def __init__(self, copies: Copies, pieces: list[_Piece], size: int) -> None:
        import zstandard

        self._copies, self._pieces, self._size = copies, pieces, size
        self._unpack = zstandard.ZstdDecompressor().decompress
        self._place = 0
        self._last = -1, b""  # which piece was unpacked last, and what is in it

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")  # as of any file
        self._place = base + offset
        return self._place

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # io's own type is wider
        number, start = divmod(self._place, _PIECE)
        if self._place >= self._size:
            return 0
        part = self._piece(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _piece(self, number: int) -> bytes:
        if self._last[0] != number:
            place, size = self._pieces[number]
            self._last = number, self._unpack(self._copies.read(place, size))
        return self._last[1]
