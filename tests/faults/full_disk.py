"""A disk that becomes full: `full_disk.c`, compiled, in the processes that it is preloaded into.

Python, Arrow and DuckDB write by the C library's functions, which it puts itself before.
"""

import atexit
import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.faults.install import compiler

_SOURCE = Path(__file__).with_suffix(".c")


@cache
def disk_library() -> Path:
    """The library to be preloaded, compiled once a process. Raises as the compiler does."""
    folder = tempfile.mkdtemp(prefix="full-disk-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = Path(folder, "full_disk.so")
    command = [compiler(), "-O2", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"]
    subprocess.run(command, check=True)
    return library


class FullDisk:
    """In a process with the library: files whose path begins with `below` have so much room.

    `room` is in bytes, None is no end. `bare`: without room nothing can be made anew, either.
    """

    def __init__(self, below: Path, room: int | None, *, bare: bool) -> None:
        self._library = ctypes.CDLL(None)
        self._library.full_disk_taken.restype = ctypes.c_longlong
        self._library.full_disk_refused.restype = ctypes.c_longlong
        left = ctypes.c_longlong(-1 if room is None else room)
        self._library.full_disk_begin(str(below).encode(), left, int(bare))

    def fill(self) -> None:
        """There is no room from now on."""
        self._library.full_disk_set(ctypes.c_longlong(0))

    def empty(self) -> None:
        """There is room without end from now on."""
        self._library.full_disk_set(ctypes.c_longlong(-1))

    @property
    def taken(self) -> int:
        """Bytes of room so far."""
        return int(self._library.full_disk_taken())

    @property
    def refused(self) -> int:
        """Calls that found no room."""
        return int(self._library.full_disk_refused())
