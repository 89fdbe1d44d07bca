"""How much one fetched file may become, however deep it is packed, and the copies of its parts."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO, Final

from factory.errors import Refused
from factory.ingest.reading.archives.copies import Copies
from factory.ingest.reading.streams import CHUNK, refuse_bomb

_RATIO: Final = 100  # times the fetched file; what is copied is packed, and hardly grows
_LEAST: Final = 256 << 20  # bytes of copies; below this, no ratio hurts
_SPARED: Final = 2  # times the fetched file: copies of what could be had again in another way
_DEAR: Final = 20  # times: copies, too, of what would cost much to be had again
_ALWAYS: Final = 128 << 20  # bytes that these may be in any case


class Room:
    """Of a fetched file of `packed` bytes, whose copies are among `copies`."""

    def __init__(self, packed: int, copies: Copies) -> None:
        self._packed = packed
        self._whole = 0  # bytes that come out of it in all
        self._copies, self._before = copies, copies.size
        self._largest: dict[object, int] = {}

    def meter(self, name: str) -> Callable[[int], None]:
        """Something that is told how many bytes have come out of `name`, by each of its readers.

        It raises Refused if that is absurd together with all the others."""
        key = object()

        def count(size: int) -> None:
            more = size - self._largest.get(key, 0)
            if more > 0:
                self._largest[key] = size
                self._whole += more
                refuse_bomb(name, self._packed, self._whole)

        return count

    def copy(self, name: str, source: BinaryIO) -> Callable[[], BinaryIO]:
        """All of `source`, to be opened at any time. Raises Refused if all copies are absurd."""
        return self._copies.add(self._bounded(name, source))

    def keep(
        self, first: Iterator[bytes], rest: Iterator[bytes], *, dear: bool
    ) -> Callable[[], BinaryIO]:
        """The same for what could be had again in another way, which may be `dear`: the `first`
        chunks, and as many of the `rest`, of CHUNK bytes at most, as there is room for."""
        return self._copies.add(chain(first, self._spared(rest, _DEAR if dear else _SPARED)))

    def _spared(self, chunks: Iterator[bytes], times: int) -> Iterator[bytes]:
        most = max(_ALWAYS, self._packed * times) - CHUNK
        while self._copied <= most and (chunk := next(chunks, b"")):
            yield chunk

    def _bounded(self, name: str, source: BinaryIO) -> Iterator[bytes]:
        with source:
            while chunk := source.read(CHUNK):
                yield chunk
                if self._copied > max(_LEAST, self._packed * _RATIO):
                    raise Refused(
                        f"{name}, and what is beside it, unpacks to more than {_RATIO} times the "
                        "file that holds it: it looks like a zip bomb",
                        hint="if it is meant, publish it unpacked",
                    )

    @property
    def _copied(self) -> int:
        """Bytes on the disk."""
        return self._copies.size - self._before
