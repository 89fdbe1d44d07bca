"""Tar archives, plain or inside a compressed stream, read in one direction."""

import tarfile
from collections.abc import Callable
from typing import BinaryIO, cast

from factory.errors import Permanent, Refused
from factory.ingest.reading.paths import refuse_repeated, refuse_unsafe, wanted
from factory.ingest.reading.streams import as_file
from factory.ingest.reading.values import Member

_MAGIC, _MAGIC_AT = b"ustar", 257
_MOST = 100_000  # members


def is_tar(head: bytes) -> bool:
    """Whether the first bytes (at least 512) are those of a tar archive."""
    return head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC


def tar_members(name: str, opened: Callable[[], BinaryIO]) -> list[Member]:
    """The files in the tar `name`. Raises Refused if it is not safe to open."""
    files: list[tarfile.TarInfo] = []
    try:
        with opened() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, entry in enumerate(archive):
                if number >= _MOST:
                    raise Refused(f"{name} has more than {_MOST:,} members")
                _refuse_odd(name, entry)
                if entry.isfile() and wanted(entry.name):
                    files.append(entry)
    except tarfile.TarError as exc:
        raise _damaged(name, exc) from exc
    refuse_repeated(name, [entry.name for entry in files])
    return [_member(name, entry, opened) for entry in files]


def _member(name: str, entry: tarfile.TarInfo, opened: Callable[[], BinaryIO]) -> Member:
    plain = entry.name.removeprefix("./")
    return Member(plain, entry.size, lambda: _open(name, entry.name, opened))


def _open(name: str, member: str, opened: Callable[[], BinaryIO]) -> BinaryIO:
    source = opened()
    archive = tarfile.open(fileobj=source, mode="r|")  # noqa: SIM115  # closed with the member
    entry = next(entry for entry in archive if entry.name == member)
    stream = cast(BinaryIO, archive.extractfile(entry))

    def pull(size: int) -> bytes:
        try:
            return stream.read(size)
        except tarfile.TarError as exc:
            raise _damaged(name, exc) from exc

    def close() -> None:
        archive.close()
        source.close()

    return as_file(pull, close)


def _refuse_odd(name: str, entry: tarfile.TarInfo) -> None:
    refuse_unsafe(name, entry.name, link=entry.issym() or entry.islnk())
    if not (entry.isfile() or entry.isdir()):
        raise Refused(f'{name} has a member "{entry.name}" that is a device, not a file')


def _damaged(name: str, exc: Exception) -> Permanent:
    return Permanent(f"{name} is damaged: {exc}", hint="fetch it again")
