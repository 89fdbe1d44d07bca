"""How much one fetched file may become, however deep it is packed, and the copies of its parts."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from weakref import finalize

from factory.errors import Refused
from factory.ingest.reading.streams import CHUNK, refuse_bomb

_RATIO = 100  # times the fetched file; what is copied is packed itself, and hardly grows
_LEAST = 256 << 20  # bytes of copies; below this, no ratio hurts


class Room:
    """Of a fetched file of `packed` bytes."""

    def __init__(self, packed: int) -> None:
        self._packed = packed
        self._whole = 0  # bytes that come out of it in all
        self._copied = 0  # bytes of copies that are on the disk
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

    def copy(self, name: str, source: BinaryIO) -> "Copy":
        """All of `source` on the disk. Raises Refused if all copies together are absurd."""
        copy = Copy(self)
        with copy.path.open("wb") as file, source:
            while chunk := source.read(CHUNK):
                if not self.takes(len(chunk)):
                    raise Refused(
                        f"{name}, and what is beside it, unpacks to more than {_RATIO} times the "
                        "file that holds it: it looks like a zip bomb",
                        hint="if it is meant, publish it unpacked",
                    )
                file.write(chunk)
        return copy

    def takes(self, size: int) -> bool:
        """Whether so many bytes more may be copied; if so, they count."""
        if self._copied + size > max(_LEAST, self._packed * _RATIO):
            return False
        self._copied += size
        return True

    def spares(self, size: int) -> bool:
        """The same for what need not be copied: half of the room is left for what must."""
        bound = max(_LEAST, self._packed * _RATIO) // 2
        return self._copied + size <= bound and self.takes(size)

    def give_back(self, path: Path) -> None:
        """Remove a copy."""
        self._copied -= path.stat().st_size
        path.unlink()


class Copy:
    """A file on the disk; removed when nobody can open it any more."""

    def __init__(self, room: Room) -> None:
        number, name = tempfile.mkstemp(prefix="factory-")
        os.close(number)
        self.path = Path(name)
        finalize(self, room.give_back, self.path)

    def open(self) -> BinaryIO:
        return self.path.open("rb")
