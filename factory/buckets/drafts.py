"""Files that a bucket in a folder is still writing, and those that dead processes have left.

Who writes a draft holds a lock on it, and the system takes that lock from a process which ends,
however it ends. So a draft that can be locked is nobody's. Its age would not tell: a large file
takes long, and clocks jump. Nor would the number of a process: others get it, and containers that
share a folder number theirs apart. Where a file system knows no such locks nothing is removed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

_NAMES = "[0-9a-f]" * 32


@contextmanager
def drafting(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file in `folder`, open for writing. It is gone at the end, unless it was renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    path, file = None, None
    try:
        while file is None or path is None or not path.exists():  # swept before it was locked
            if file is not None:
                file.close()
            path = folder / uuid4().hex
            file = path.open("xb")
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield path, file
    finally:
        if path is not None:
            path.unlink(missing_ok=True)
        if file is not None:
            file.close()


@contextmanager
def adopting(folder: Path, file: Path) -> Iterator[Path]:
    """The file itself as a draft, its bytes on the disk. It is gone at the end, too.

    Raises OSError, and leaves the file as it is, if `folder` is on another disk (EXDEV).
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    with file.open("r+b") as locked:
        with suppress(OSError):
            fcntl.flock(locked, fcntl.LOCK_EX)
        os.fsync(locked.fileno())
        file.rename(path)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def sweep_drafts(folder: Path) -> None:
    """Remove what nobody writes any more. What cannot be removed stays, and is no error."""
    for path in folder.glob(_NAMES):
        with suppress(OSError), path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
