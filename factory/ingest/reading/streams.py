"""Streams that count, limit and inflate what flows through them."""

import io
import lzma
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from factory.errors import Permanent, Refused
from factory.ingest.reading.archives.unpacking import Streams

if TYPE_CHECKING:
    import zstandard

Compression = Literal["gz", "bz2", "xz", "zst"]
CHUNK = 1 << 20
_RATIO = 1_000  # times; deflate cannot do more than 1,032 on anything
_LARGE = 1 << 30  # bytes; below this, no ratio hurts
_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b\x08", "gz"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
)
_ZSTD_SKIPPED = b"\x2a\x4d\x18"  # behind one of sixteen bytes: a frame for others, as of pzstd
_ZSTD_PIECE = 4_096  # bytes; so few become 128 MiB at worst
_BZIP2 = (b"1AY&SY", b"\x17rE8P\x90")  # after the size digit: a block, or the end of nothing
SUFFIXES: dict[Compression, tuple[str, ...]] = {
    "gz": (".gz", ".gzip"),
    "bz2": (".bz2",),
    "xz": (".xz",),
    "zst": (".zst", ".zstd"),
}


class Flow(io.RawIOBase):
    """A readable stream made of a function that returns the next bytes, empty at the end."""

    def __init__(self, pull: Callable[[int], bytes], close: Callable[[], None]) -> None:
        self._pull = pull
        self._close = close
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # io's own type is wider
        if not self._left:
            self._left = self._pull(max(len(buffer), CHUNK))
        part = self._left[: len(buffer)]
        self._left = self._left[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._close()
        super().close()


def as_file(pull: Callable[[int], bytes], close: Callable[[], None]) -> BinaryIO:
    """The function as a buffered binary file."""
    return cast(BinaryIO, io.BufferedReader(Flow(pull, close), CHUNK))


def part(name: str, source: BinaryIO, size: int) -> BinaryIO:
    """The next `size` bytes of `source`, which is closed with them; fewer are damage of `name`."""
    left = size

    def pull(most: int) -> bytes:
        nonlocal left
        chunk = source.read(min(most, left))
        left -= len(chunk)
        if left and not chunk:
            raise Permanent(f"{name} is damaged: it ends too early", hint="fetch it again")
        return chunk

    return as_file(pull, source.close)


def counted(inner: BinaryIO, report: Callable[[int], None]) -> BinaryIO:
    """`inner`, reporting how many bytes it has given."""
    done = 0

    def pull(size: int) -> bytes:
        nonlocal done
        chunk = inner.read(size)
        done += len(chunk)
        report(done)
        return chunk

    return as_file(pull, lambda: None)


def compression_of(head: bytes) -> Compression | None:
    """What the first bytes say."""
    if head.startswith(b"BZh") and head[4:10] in _BZIP2:  # "BZh" may begin a header of a CSV
        return "bz2"
    if head[1:4] == _ZSTD_SKIPPED and head[0] & 0xF0 == 0x50:
        return "zst"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def inflate(
    kind: Compression,
    name: str,
    opened: Callable[[], BinaryIO],
    packed: int | None,
    meter: Callable[[int], None],
) -> BinaryIO:
    """The inflated content of `opened()`, of `packed` bytes; checked and limited as it flows.

    `meter` is told how many bytes have come, and may refuse more.
    """
    source = opened()
    stream = _decompressor(kind, source)
    errors: tuple[type[Exception], ...] = (
        OSError, EOFError, lzma.LZMAError, *_vendor_errors(),
    )  # fmt: skip

    def pull(size: int) -> bytes:
        try:
            return stream.read(size)
        except errors as exc:
            raise Permanent(f"{name} is damaged: {exc}", hint="fetch it again") from exc

    def close() -> None:
        stream.close()
        source.close()

    return as_file(limited(pull, name, packed, meter), close)


def limited(
    pull: Callable[[int], bytes], name: str, packed: int | None, meter: Callable[[int], None]
) -> Callable[[int], bytes]:
    """`pull`, refusing to go on when far more comes out than any honest file holds."""
    done = 0

    def checked(size: int) -> bytes:
        nonlocal done
        chunk = pull(size)
        done += len(chunk)
        refuse_bomb(name, packed, done)
        meter(done)
        return chunk

    return checked


def refuse_bomb(name: str, packed: int | None, size: int) -> None:
    """Raise Refused if `size` bytes from `packed` ones are absurd."""
    if packed is not None and size > _LARGE and size > packed * _RATIO:
        raise Refused(
            f"{name} inflates to more than {_RATIO:,} times its size: it looks like a zip bomb",
            hint="if it is meant, publish it unpacked",
        )


def _decompressor(kind: Compression, source: BinaryIO) -> BinaryIO:
    if kind != "zst":
        return as_file(Streams(kind, source).pull, lambda: None)
    return as_file(_ZstdFrames(source).pull, lambda: None)


class _ZstdFrames:
    """All frames of a zstd stream. The vendor's own reader takes a cut file for a short one."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._waiting = b""

    def pull(self, _size: int) -> bytes:
        while True:
            packed = self._waiting or self._source.read(_ZSTD_PIECE)
            self._waiting = b""
            if not packed:
                if self._frame is not None:
                    raise EOFError("it ends too early")
                return b""
            chunk = self._next(packed)
            if chunk:
                return chunk

    def _next(self, packed: bytes) -> bytes:
        import zstandard

        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        chunk = frame.decompress(packed)
        self._waiting = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame
        return chunk


def _vendor_errors() -> tuple[type[Exception], ...]:
    import zstandard
    from isal import isal_zlib

    return (zstandard.ZstdError, cast(type[Exception], isal_zlib.error))
