"""Zip archives: what is in them, refused if it is not what it says, inflated by ISA-L."""

import lzma
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol, cast

from factory.errors import Permanent, Refused
from factory.ingest.reading.archives.paths import refuse_repeated, refuse_unsafe
from factory.ingest.reading.archives.room import Room
from factory.ingest.reading.streams import CHUNK, as_file, refuse_bomb
from factory.ingest.reading.values import Member
from factory.spec.meant import wanted

_LOCAL = struct.Struct("<4s5H3L2H")  # the header in front of each member
_LOCAL_MAGIC = b"PK\x03\x04"
_SPLIT, _END = b"PK\x07\x08", b"PK\x05\x06"
_END_WITHIN = 22 + 0xFFFF  # bytes: the end and the longest comment in it
_IN_ZIP64 = 0xFFFF  # for a number that stands elsewhere; zipfile looks at it there
_MOST = 100_000  # members
_ENCRYPTED = 0x1
_LINK, _KINDS = 0o120000, 0o170000  # of a Unix mode
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
# What zipfile raises: NotImplementedError for a version that it does not know, RuntimeError for
# encryption, the others for bytes that are cut short or make no sense
_UNREADABLE = (NotImplementedError, RuntimeError, EOFError, ValueError, OSError, struct.error)
_DEFLATE64 = 9
_DEFLATE64_PIECE = 4_096  # bytes; the library gives all that comes out of them at once
_DAMAGE = (zipfile.BadZipFile, lzma.LZMAError, *_UNREADABLE)
_FAST = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, _DEFLATE64)
_SLOW = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def is_office(opened: Callable[[], BinaryIO]) -> bool:
    """Whether the zip is a document (a workbook) rather than an archive."""
    try:
        with opened() as stream, zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            if names and names[0] == "mimetype":
                return archive.read("mimetype").startswith(_OPEN_DOCUMENT)
            return "[Content_Types].xml" in names
    except _DAMAGE:
        return False


def zip_members(name: str, opened: Callable[[], BinaryIO], room: Room) -> list[Member]:
    """The files in the zip `name`, a part of `room`. Raises Refused if it is not safe to open."""
    try:
        with opened() as stream:
            _refuse_part(name, stream)
            with zipfile.ZipFile(stream) as archive:
                found = archive.infolist()
    except _DAMAGE as exc:
        raise Permanent(f"{name} is damaged: {exc}", hint="fetch it again") from exc
    if len(found) > _MOST:
        raise Refused(f"{name} has {len(found):,} members, more than {_MOST:,}")
    for entry in found:
        refuse_unsafe(name, entry.orig_filename, link=_is_link(entry))
    files = [entry for entry in found if not entry.is_dir() and wanted(entry.filename)]
    refuse_repeated(name, [entry.filename for entry in files])
    _refuse_overlaps(name, found)
    return [_member(name, entry, opened, room) for entry in files]


def _refuse_part(name: str, stream: BinaryIO) -> None:
    """The last part of a split zip has a number; the first has a mark in front, and no end."""
    marked = stream.read(len(_SPLIT)) == _SPLIT
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _END_WITHIN))
    _, end, rest = stream.read().rpartition(_END)
    number = int.from_bytes(rest[:2], "little")
    if (marked and not end) or (end and 0 < number < _IN_ZIP64):
        raise Refused(
            f"{name} is one part of a zip that was split into several files",
            hint="join them, and publish that: zip -s 0 split.zip --out whole.zip",
        )


def _member(
    name: str, entry: zipfile.ZipInfo, opened: Callable[[], BinaryIO], room: Room
) -> Member:
    inside = f"{entry.filename} in {name}"
    refuse_bomb(inside, entry.compress_size, entry.file_size)
    room.meter(inside)(entry.file_size)
    return Member(
        entry.filename.replace("\\", "/"),  # as some programs for Windows separate folders
        entry.file_size,
        lambda: _open(inside, entry, opened),
        fault=_unreadable(inside, entry),
    )


def _unreadable(name: str, entry: zipfile.ZipInfo) -> Refused | None:
    """Why a member is not read that may be one that nobody asks for."""
    if entry.flag_bits & _ENCRYPTED:
        return Refused(f"{name} is encrypted", hint="publish it without a password")
    if entry.compress_type not in _FAST + _SLOW:
        return Refused(
            f"{name} is packed by method {entry.compress_type}, which is not supported",
            hint="stored, deflate, deflate64, bzip2 and lzma are",
        )
    return None


def _open(name: str, entry: zipfile.ZipInfo, opened: Callable[[], BinaryIO]) -> BinaryIO:
    stream = opened()
    try:
        _seek_to_content(name, entry, stream)
    except Permanent:
        stream.close()
        raise
    if entry.compress_type in _SLOW:
        return as_file(_slowly(name, entry, stream), stream.close)
    return as_file(_Content(name, entry, stream).pull, stream.close)


def _seek_to_content(name: str, entry: zipfile.ZipInfo, stream: BinaryIO) -> None:
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MAGIC):
        raise Permanent(f"{name} is damaged: it has no header", hint="fetch it again")
    *_, name_length, extra_length = _LOCAL.unpack(header)
    stream.seek(entry.header_offset + _LOCAL.size + name_length + extra_length)


class _Content:
    """The bytes of one member, inflated, with its size and CRC checked at the end."""

    def __init__(self, name: str, entry: zipfile.ZipInfo, stream: BinaryIO) -> None:
        from isal import isal_zlib

        self._name, self._entry, self._stream = name, entry, stream
        self._packed_left = entry.compress_size
        self._size, self._crc, self._finished = 0, 0, False
        self._crc32 = isal_zlib.crc32
        self._errors = (cast(type[Exception], isal_zlib.error), ValueError)
        self._inflater = _inflater(entry.compress_type)

    def pull(self, size: int) -> bytes:
        while not self._finished:
            try:
                chunk, self._finished = self._next(size)
            except self._errors as exc:
                raise self._damaged(str(exc)) from exc
            self._size += len(chunk)
            self._crc = self._crc32(chunk, self._crc)
            if self._size > self._entry.file_size:
                raise Refused(
                    f"{self._name} holds more than the {self._entry.file_size:,} bytes it declares"
                )
            if self._finished:
                self._check()
            if chunk:
                return chunk
        return b""

    def _next(self, size: int) -> tuple[bytes, bool]:
        if self._inflater is None:
            chunk = self._packed(size)
            return chunk, not chunk
        waiting = self._inflater.unconsumed_tail
        packed = waiting or self._packed(CHUNK)
        chunk = self._inflater.decompress(packed, size)
        if not packed and not chunk and not self._inflater.eof:
            raise self._damaged("it ends too early")
        return chunk, self._inflater.eof

    def _packed(self, size: int) -> bytes:
        chunk = self._stream.read(min(size, self._packed_left))
        self._packed_left -= len(chunk)
        return chunk

    def _check(self) -> None:
        if self._size != self._entry.file_size:
            raise self._damaged(f"{self._size:,} bytes of {self._entry.file_size:,} are there")
        if self._crc != self._entry.CRC:
            raise self._damaged("its checksum is another one")

    def _damaged(self, reason: str) -> Permanent:
        return Permanent(f"{self._name} is damaged: {reason}", hint="fetch it again")


def _inflater(method: int) -> "_Inflater | None":
    from isal import isal_zlib

    if method == _DEFLATE64:
        return _Deflate64()
    return isal_zlib.decompressobj(wbits=-15) if method == zipfile.ZIP_DEFLATED else None


class _Inflater(Protocol):
    """What zlib's objects do."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Deflate64:
    """The method of large files in Windows' Explorer, in the manner of zlib's objects."""

    def __init__(self) -> None:
        import inflate64

        self._inflater = inflate64.Inflater()
        self.unconsumed_tail = b""

    @property
    def eof(self) -> bool:
        return bool(self._inflater.eof)

    def decompress(self, data: bytes, _most: int, /) -> bytes:
        self.unconsumed_tail = data[_DEFLATE64_PIECE:]
        return bytes(self._inflater.inflate(data[:_DEFLATE64_PIECE]))


def _slowly(name: str, entry: zipfile.ZipInfo, stream: BinaryIO) -> Callable[[int], bytes]:
    """Rare methods, by Python's own reader, which checks size and CRC itself. It is not asked to
    open the member, as it would read the names of all members for each of them."""
    reader = zipfile.ZipExtFile(stream, "r", entry)

    def pull(size: int) -> bytes:
        try:
            return reader.read(size)
        except _DAMAGE as exc:
            raise Permanent(f"{name} is damaged: {exc}", hint="fetch it again") from exc

    return pull


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 16) & _KINDS == _LINK


def _refuse_overlaps(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Members that share bytes are the mark of a bomb whose every member looks honest."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused(f"{entry.filename} in {name} overlaps another member: a zip bomb")
        end = entry.header_offset + _LOCAL.size + entry.compress_size
