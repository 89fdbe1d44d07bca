"""Fetched files as data files: archives are opened, one inside another at most once.

What a file is, its first bytes say and not its name. Nothing is ever extracted to a path that
an archive chose.
"""

import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from factory.errors import Permanent, Refused
from factory.ingest.reading.archives.copies import Copies
from factory.ingest.reading.archives.room import Room
from factory.ingest.reading.archives.tars import is_tar, tar_members
from factory.ingest.reading.archives.zips import is_office, zip_members
from factory.ingest.reading.streams import SUFFIXES, Compression, compression_of, inflate
from factory.ingest.reading.values import Member, anew
from factory.ports import FetchedFile

_OTHERS = {  # archives that are not opened
    b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"\x1f\x9d": "compress (.Z)",
    b"\x04\x22\x4d\x18": "LZ4", b"MSCF\0\0\0\0": "cabinet",
}  # fmt: skip
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK\x03\x04")
_PROGRAM = b"MZ"
_HEAD = 512  # bytes; a tar has its magic near the end of them
_DEEPEST = 2  # an archive, and one inside it
_ARCHIVES = (".zip", ".tar")
_Reader = Callable[[str, Callable[[], BinaryIO], Room], list[Member]]  # of one kind of archive
_TAR_SUFFIXES = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tzst": ".tar"}


class _Unsupported(Refused):
    """An archive into which the factory never looks, whatever it holds."""


def open_members(files: Sequence[FetchedFile], into: Path) -> list[Member]:
    """Every data file: the fetched files themselves, or what is in them if they are archives.

    What can only be read from one end is kept in the folder `into` for as long as the members are.
    Raises Refused for a fetched archive that is not safe to open, Permanent for a damaged one. What
    cannot be opened inside an archive is a member with a fault.
    """
    found: list[Member] = []
    copies = Copies(into)
    for file in files:
        whole = Member(file.name, file.size, _opener(file), file.path)
        found += _expand(whole, 0, Room(file.size, copies))
    return _told_apart(found)


def _told_apart(members: Sequence[Member]) -> list[Member]:
    """Members of several archives that have one name get that of their archive in front."""
    counts = Counter(member.name for member in members)
    return [
        replace(member, name=f"{member.archive}/{member.name}", path=member.name)
        if member.archive and counts[member.name] > 1
        else member
        for member in members
    ]


def _opener(file: FetchedFile) -> Callable[[], BinaryIO]:
    return lambda: file.path.open("rb")


def _expand(member: Member, depth: int, room: Room) -> list[Member]:
    """The data files in `member`. A compressed tar counts as one archive."""
    if member.fault is not None:
        return [member]
    head = _head(member)
    if not head:
        return [_empty(member)]
    compression = compression_of(head)
    if compression is not None:
        inner = _inflated(member, compression, room)
        if is_tar(_head(inner)):
            return _contents(inner, inner.archive, depth, room, tar_members)
        _refuse_deeper(member, depth)
        return _expand(inner, depth + 1, room)
    if is_tar(head):
        return _contents(member, _place(member), depth, room, tar_members)
    whole = _as_zip(member, head, room)
    if whole is not None:
        if is_office(whole.open):
            return [member]
        return _contents(whole, _place(whole), depth, room, zip_members)
    _refuse_other(member, head)
    return [member]


def _empty(member: Member) -> Member:
    """A file of 0 bytes: a compressed one counts as one of nothing, an archive is damaged."""
    name = member.name
    for kind in SUFFIXES:
        name = _without_suffix(name, kind)
    if name.lower().endswith(_ARCHIVES):
        raise Permanent(f"{member.name} is damaged: it has no bytes", hint="fetch it again")
    return replace(member, name=name)


def _as_zip(member: Member, head: bytes, room: Room) -> Member | None:
    """The zip as a file that can be read from its end. One that extracts itself begins with a
    program, which its end knows."""
    begins = head.startswith(_ZIP_MAGIC)
    if not begins and not (head.startswith(_PROGRAM) or member.name.lower().endswith(".zip")):
        return None
    with member.open() as stream:
        seeks = stream.seekable()
    whole = member if seeks else replace(member, open=room.copy(member.name, member.open()))
    with whole.open() as stream:
        return whole if begins or zipfile.is_zipfile(stream) else None


def _place(member: Member) -> str:
    return f"{member.archive}/{member.name}" if member.archive else member.name


def _contents(member: Member, archive: str, depth: int, room: Room, read: _Reader) -> list[Member]:
    _refuse_deeper(member, depth)
    found: list[Member] = []
    for inner in read(member.name, member.open, room):
        found += _inside(replace(inner, archive=archive), depth + 1, room)
    return found


def _inside(member: Member, depth: int, room: Room) -> list[Member]:
    """The same for a member of an archive, which may be one that nobody asks for."""
    try:
        return _expand(member, depth, room)
    except Permanent as exc:
        return [replace(member, fault=anew(exc), hides=not isinstance(exc, _Unsupported))]


def _refuse_deeper(member: Member, depth: int) -> None:
    if depth >= _DEEPEST:
        raise _Unsupported(
            f"{member.name} is an archive in an archive in an archive",
            hint="one inside another is as far as the factory looks",
        )


def _refuse_other(member: Member, head: bytes) -> None:
    kind = next((kind for magic, kind in _OTHERS.items() if head.startswith(magic)), None)
    if kind is not None:
        raise _Unsupported(
            f"{member.name} is a {kind} archive, which is not supported",
            hint="zip, tar, gz, bz2, xz and zst are",
        )


def _inflated(member: Member, kind: Compression, room: Room) -> Member:
    meter = room.meter(member.name)

    def opened() -> BinaryIO:
        return inflate(kind, member.name, member.open, member.size, meter)

    return Member(_without_suffix(member.name, kind), None, opened, archive=_place(member))


def _without_suffix(name: str, kind: Compression) -> str:
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES[kind]:
        return str(path.with_suffix(""))
    return str(path.with_suffix(_TAR_SUFFIXES[suffix])) if suffix in _TAR_SUFFIXES else name


def _head(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read(_HEAD)
