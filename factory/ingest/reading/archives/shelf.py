"""Members of a stream that can only be read from its beginning, kept where they are found at once.

Else each would cost all that lies in front of it, each time that it is opened.
"""

from collections.abc import Callable
from typing import BinaryIO, Final

from factory.errors import Permanent
from factory.ingest.reading.archives.room import Room
from factory.ingest.reading.archives.tape import Tape
from factory.ingest.reading.streams import CHUNK, as_file, part

_SMALL: Final = 64 << 20  # bytes of a member that is kept wherever it is
_BEGINNING: Final = 4_096  # bytes, by which a format is known: they are kept in any case
_DEAR: Final = 4  # times a member lies in front of it, which to read costs more than it is worth


class Shelf:
    """The members of the archive `name`."""

    def __init__(self, name: str, opened: Callable[[], BinaryIO], room: Room) -> None:
        self._name, self._opened, self._room = name, opened, room

    def keep(self, tape: Tape, size: int) -> Callable[[], BinaryIO]:
        """The member of `size` bytes where the tape is, as something that opens it at any time."""
        place = tape.tell()
        cheap = size > max(_SMALL, place)  # to read to, for what it is itself
        beginning = min(size, _BEGINNING)
        first = self._room.keep(
            tape.content(beginning),
            tape.content(0 if cheap else size - beginning),
            dear=place > size * _DEAR,
        )
        held = tape.tell() - place
        if held == size:
            return first
        return lambda: _joined(
            first(), lambda: open_at(self._name, self._opened(), place + held, size - held)
        )


def open_at(name: str, source: BinaryIO, place: int, size: int) -> BinaryIO:
    """`size` bytes of `source` from a place, which is sought or read to."""
    try:
        if source.seekable():
            source.seek(place)
        else:
            _skip(source, place)
    except Permanent:
        source.close()
        raise
    return part(name, source, size)


def _skip(source: BinaryIO, size: int) -> None:
    while size > 0 and (chunk := source.read(min(size, CHUNK))):
        size -= len(chunk)


def _joined(first: BinaryIO, rest: Callable[[], BinaryIO]) -> BinaryIO:
    """Both, one behind the other. The second is opened only for who reads as far."""
    streams = [first]

    def pull(size: int) -> bytes:
        chunk = streams[-1].read(size)
        if not chunk and len(streams) == 1:
            streams.append(rest())
            chunk = streams[-1].read(size)
        return chunk

    def close() -> None:
        for stream in streams:
            stream.close()

    return as_file(pull, close)
