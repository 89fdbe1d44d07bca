"""Members as files of their own, for libraries that read no streams."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from factory.ingest.reading.values import Member, ReadRequest

_CHUNK = 1 << 20


def lay_out(member: Member, request: ReadRequest, path: Path) -> int:
    """Make `path` a file of all bytes of `member`, to be read only; how many they are.

    One that was fetched as it is gets a second name, where the file system can give it one.
    """
    path.unlink(missing_ok=True)  # a second name of it must not be written to
    if member.file is not None:
        with suppress(OSError):
            os.link(member.file.resolve(), path)
            return _told(member, request, path.stat().st_size)
    return copy_whole(member, request, path)


def copy_whole(member: Member, request: ReadRequest, path: Path) -> int:
    """Copy `member` to `path`, which may be written to; the bytes."""
    with member.open() as stream, path.open("wb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)
        size = out.tell()
    return _told(member, request, size)


def _told(member: Member, request: ReadRequest, size: int) -> int:
    request.progress("read", member.name, size, member.size, "bytes")
    return size
