"""All streams of a compressed file, one behind the other, to its last byte.

Python's own readers take what follows a stream and begins like none for the end of the file (bz2,
xz), or for a cut one (gz). Zeros between and behind streams are padding, as for gzip and xz.
"""

import bz2
import lzma
from collections.abc import Callable
from typing import BinaryIO, Final, Literal, Protocol

_PIECE: Final = 1 << 18  # bytes at once; behind each of many short streams the rest is copied
_ZERO: Final = b"\0"
_MAGICS: Final = {"gz": b"\x1f\x8b", "bz2": b"BZh", "xz": b"\xfd7zXZ\0"}
_LONGEST: Final = max(map(len, _MAGICS.values()))


class _Unpacker(Protocol):
    """What bz2's and lzma's objects do for one stream."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """ISA-L's object for one stream, which checks its sum and length, in the manner of bz2's."""

    def __init__(self) -> None:
        from isal import isal_zlib

        self._inner = isal_zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return bytes(self._inner.decompress(self._inner.unconsumed_tail + data, max_length))


_UNPACKERS: Final[dict[str, Callable[[], _Unpacker]]] = {
    "gz": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
}


class Streams:
    """The content of `source`. `pull` raises OSError for bytes that are of no stream, EOFError for
    a stream that is cut, and what the stream's own reader raises."""

    def __init__(self, kind: Literal["gz", "bz2", "xz"], source: BinaryIO) -> None:
        self._kind = kind
        self._source = source
        self._stream: _Unpacker | None = None
        self._waiting = b""
        self._begun = False

    def pull(self, size: int) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        while self._stream is not None or self._begins():
            chunk = self._next(size)
            if chunk:
                return chunk
        return b""

    def _begins(self) -> bool:
        """Begin the next stream, if there is one."""
        if self._begun:
            self._waiting = self._waiting.lstrip(_ZERO)
        while len(self._waiting) < _LONGEST and (more := self._source.read(_PIECE)):
            self._waiting += more
            if self._begun:
                self._waiting = self._waiting.lstrip(_ZERO)
        if not self._waiting and self._begun:
            return False
        if not self._waiting.startswith(_MAGICS[self._kind]):
            raise OSError(f"behind its end there are bytes that are no {self._kind}")
        self._stream, self._begun = _UNPACKERS[self._kind](), True
        return True

    def _next(self, size: int) -> bytes:
        stream = self._stream
        assert stream is not None  # noqa: S101 - it has begun
        packed = b""
        if stream.needs_input:
            packed, self._waiting = self._waiting or self._source.read(_PIECE), b""
        chunk = stream.decompress(packed, size)
        if stream.eof:
            self._stream, self._waiting = None, stream.unused_data
        elif not packed and not chunk:
            raise EOFError("it ends too early")
        return chunk
