"""Tar archives, plain or inside a compressed stream, read in one direction."""

import struct
import tarfile
from collections.abc import Callable
from typing import BinaryIO, Self, cast

from factory.errors import Permanent, Refused
from factory.ingest.reading.paths import refuse_repeated, refuse_unsafe, wanted
from factory.ingest.reading.streams import CHUNK, as_file
from factory.ingest.reading.values import Member

_MAGIC, _MAGIC_AT = b"ustar", 257
_HEADER = 512  # bytes
_SUM = slice(148, 156)  # of all bytes of the header, these taken for spaces
_BLANK = 8 * ord(" ")
_MOST = 100_000  # members


# tarfile lets slip what int() and decode() say to a damaged header
_ERRORS = (tarfile.TarError, ValueError, EOFError, StopIteration, struct.error)


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


def tar_members(name: str, opened: Callable[[], BinaryIO]) -> list[Member]:
    """The files in the tar `name`. Raises Refused if it is not safe to open."""
    files: list[tarfile.TarInfo] = []
    try:
        with opened() as stream, _archive(stream) as archive:
            for number, entry in enumerate(archive):
                if number >= _MOST:
                    raise Refused(f"{name} has more than {_MOST:,} members")
                _refuse_odd(name, entry)
                if entry.isfile() and wanted(entry.name):
                    files.append(entry)
            while stream.read(CHUNK):  # to the end, where the checksum of a compressed tar is
                pass
    except _ERRORS as exc:
        raise _damaged(name, exc) from exc
    refuse_repeated(name, [entry.name for entry in files])
    return [_member(name, entry, opened) for entry in files]


def _member(name: str, entry: tarfile.TarInfo, opened: Callable[[], BinaryIO]) -> Member:
    plain = entry.name.removeprefix("./")
    return Member(plain, entry.size, lambda: _open(name, entry.name, opened))


def _open(name: str, member: str, opened: Callable[[], BinaryIO]) -> BinaryIO:
    source = opened()
    try:
        archive = _archive(source)
        entry = next(entry for entry in archive if entry.name == member)
    except _ERRORS as exc:
        source.close()
        raise _damaged(name, exc) from exc
    stream = cast(BinaryIO, archive.extractfile(entry))

    def pull(size: int) -> bytes:
        try:
            return stream.read(size)
        except _ERRORS as exc:
            raise _damaged(name, exc) from exc

    def close() -> None:
        archive.close()
        source.close()

    return as_file(pull, close)


def _archive(stream: BinaryIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="r|", tarinfo=_Entry)


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
