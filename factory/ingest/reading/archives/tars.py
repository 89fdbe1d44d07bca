"""Tar archives, plain or inside a compressed stream, read in one direction."""

import struct
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, Self, cast

from factory.errors import Permanent, Refused
from factory.ingest.reading.archives.paths import refuse_repeated, refuse_unsafe
from factory.ingest.reading.archives.room import Room
from factory.ingest.reading.archives.shelf import Shelf, open_at
from factory.ingest.reading.archives.tape import Tape
from factory.ingest.reading.encodings import MIXED
from factory.ingest.reading.values import Member
from factory.spec.meant import wanted

_MAGIC, _MAGIC_AT = b"ustar", 257
_HEADER = 512  # bytes
_SUM = slice(148, 156)  # of all bytes of the header, these taken for spaces
_BLANK = 8 * ord(" ")
_MOST = 100_000  # members
_LABEL = b"V"  # the type of the name that tar -V gives to the whole
_Keep = Callable[[Tape, int], Callable[[], BinaryIO]]  # what opens the member of a size


# tarfile lets slip what int() and decode() say to a damaged header
_ERRORS = (tarfile.TarError, ValueError, IndexError, EOFError, struct.error)


def is_tar(head: bytes) -> bool:
    """Whether the first bytes (at least 512) are those of a tar archive, however old."""
    if head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC:
        return True
    if len(head) < _HEADER or not head[0]:
        return False
    try:
        return int(head[_SUM].rstrip(b" \0"), 8) == sum(head[:_HEADER]) - sum(head[_SUM]) + _BLANK
    except ValueError:
        return False


def tar_members(name: str, opened: Callable[[], BinaryIO], room: Room) -> list[Member]:
    """The files in the tar `name`, a part of `room`. Raises Refused if it is not safe to open."""
    found: list[Member] = []
    try:
        with opened() as stream:
            tape = Tape(stream)
            place = _in_place(name, opened) if stream.seekable() else Shelf(name, opened, room).keep
            for entry in _entries(name, tape):
                if entry.isfile() and wanted(entry.name):
                    found.append(Member(entry.name, entry.size, place(tape, entry.size)))
            tape.finish()
    except _ERRORS as exc:
        raise _damaged(name, exc) from exc
    refuse_repeated(name, [member.name for member in found])
    return [replace(member, name=member.name.removeprefix("./")) for member in found]


def _entries(name: str, tape: Tape) -> Iterator[tarfile.TarInfo]:
    """The members, of which each may be read as far as it goes before the next one is asked for.

    Those before are forgotten: each has in memory all that its headers say.
    """
    archive = _archive(tape)
    for number, entry in enumerate(iter(archive.next, None)):
        archive.members.clear()  # type: ignore[attr-defined]  # not in typeshed
        tape.member()
        if number >= _MOST:
            raise Refused(f"{name} has more than {_MOST:,} members")
        entry.name = _text(entry.name)
        if entry.size < 0:
            raise tarfile.ReadError(f"{entry.name} has a negative size")
        if entry.type != _LABEL:
            _refuse_odd(name, entry)
            yield entry


def _text(name: str) -> str:
    """A name of which some bytes are no UTF-8, as text has them."""
    return name.encode("utf-8", "surrogateescape").decode(MIXED)


def _in_place(name: str, opened: Callable[[], BinaryIO]) -> _Keep:
    """For an archive that can be read from any place."""

    def keep(tape: Tape, size: int) -> Callable[[], BinaryIO]:
        place = tape.tell()
        return lambda: open_at(name, opened(), place, size)

    return keep


def _archive(tape: Tape) -> tarfile.TarFile:
    return tarfile.TarFile(fileobj=cast(BinaryIO, tape), tarinfo=_Entry)


class _Entry(tarfile.TarInfo):
    """A member. A header that cannot be read is an error, where tarfile takes it for the end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        """The next member; the vendor's own error at the mark of the end."""
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as exc:
            if type(exc).__name__ == "EOFHeaderError":  # the only word for the end that tarfile has
                raise
            raise tarfile.ReadError(f"{exc}, and no mark of an end") from exc


def _refuse_odd(name: str, entry: tarfile.TarInfo) -> None:
    refuse_unsafe(name, entry.name, link=entry.issym() or entry.islnk())
    if entry.issparse():
        raise Refused(f'{name} has a member "{entry.name}" with holes (a sparse file)')
    if not (entry.isfile() or entry.isdir()):
        raise Refused(f'{name} has a member "{entry.name}" that is a device, not a file')


def _damaged(name: str, exc: Exception) -> Permanent:
    return Permanent(f"{name} is damaged: {exc}", hint="fetch it again")
