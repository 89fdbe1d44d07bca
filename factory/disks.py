"""Disks that are full, said with numbers: how much was needed, how much is free, and where."""

import errno
import os
import re
import shutil
from pathlib import Path

from factory.errors import Permanent

# no space, the user's share used up, larger than the file system or the process may have files
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_IN_MEMORY = {"tmpfs", "ramfs"}
_WORDS = re.compile("|".join(re.escape(os.strerror(number)) for number in sorted(_NO_ROOM)))


def no_room(
    doing: str, exc: BaseException, folder: Path | None = None, needed: int | None = None
) -> Permanent | None:
    """`exc` as an error that says how full the disk is; None if it is about something else.

    `doing` completes "cannot …". `needed` is in bytes; a `folder` that the exception names, or the
    current one, is looked at if none is given. Vendors' exceptions are known by their words.
    """
    said = _reason(exc)
    if said is None:
        return None
    named = exc.filename if isinstance(exc, OSError) else None
    place = folder or (Path(os.fsdecode(named)).parent if named else Path.cwd())
    return _full(doing, said.lower(), place, needed)


def require_room(doing: str, folder: Path, needed: int) -> None:
    """Before the first byte: raises Permanent if `needed` bytes do not fit where `folder` is."""
    if needed > shutil.disk_usage(_existing(folder)).free:
        raise _full(doing, os.strerror(errno.ENOSPC).lower(), folder, needed)


def in_memory(folder: Path) -> bool:
    """Whether the folder is lost when the machine stops. False where the system does not tell."""
    mounts = Path("/proc/self/mounts")
    lines = mounts.read_text(errors="replace").splitlines() if mounts.exists() else ()
    kinds = {Path(line.split()[1]): line.split()[2] for line in lines}
    place = folder.resolve()
    nearest = next((path for path in (place, *place.parents) if path in kinds), None)
    return nearest is not None and kinds[nearest] in _IN_MEMORY


def _full(doing: str, said: str, folder: Path, needed: int | None) -> Permanent:
    there = _existing(folder)
    wanted = f"at least {needed:,} bytes needed, " if needed is not None else ""
    free = shutil.disk_usage(there).free
    return Permanent(
        f"cannot {doing}: {said} in {there} ({wanted}{free:,} bytes free)",
        hint=f"free some space there (du -xsh {there}/* shows what takes it), then run again",
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _reason(exc: BaseException) -> str | None:
    if isinstance(exc, OSError) and exc.errno is not None:
        return os.strerror(exc.errno) if exc.errno in _NO_ROOM else None
    said = _WORDS.search(str(exc))
    return said[0] if said else None
