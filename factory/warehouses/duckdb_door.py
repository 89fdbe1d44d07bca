"""One at a time where the DuckDB file is opened to write.

DuckDB reads the file's headers first and asks for its lock after that. What another process writes
in between is not there for it: a reader reads blocks that are gone, and a writer puts its own rows
in the place of the other's. So who opens the file holds a lock of its folder meanwhile, and who
writes until the file is closed, for DuckDB writes the headers then. The lock is the system's, which
takes it from a process that ends; it is the folder's, for a process that closes the file once more
loses DuckDB's lock of it. Where a file system knows no such locks it is as without.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Occupied(Exception):
    """Another process writes the file, or somebody is just opening it."""


@contextmanager
def entering(path: Path, *, alone: bool) -> Iterator[None]:
    """Nobody opens the file to write within it; if `alone`, nobody opens it. Raises Occupied."""
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError:  # of a folder that cannot be listed; what is wrong else, opening the file tells
        yield
        return
    try:
        _lock(folder, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, how: int) -> None:
    try:
        fcntl.flock(folder, how | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Occupied from None
    except OSError:
        return
