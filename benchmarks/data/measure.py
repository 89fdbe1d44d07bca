"""One process and all that it starts, measured: seconds, CPU, memory."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOK = 0.1  # seconds between two looks at the memory of a tree of processes
_SAID = 2_000  # bytes at the end of what is printed
_COMPILE_EVERY_TIME = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took. `code` is None if it was stopped for its time."""

    wall: float
    cpu: float  # with that of its children
    peak: int  # bytes: its own, or of it and its children at one moment, if that is more
    code: int | None
    said: str  # the end of what it printed


def environment(repository: Path) -> dict[str, str]:
    """That of this process, with our modules, which are kept compiled as on people's machines."""
    kept = {name: value for name, value in os.environ.items() if name != _COMPILE_EVERY_TIME}
    return {**kept, "PYTHONPATH": str(repository), "NO_COLOR": "1"}


def measured(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], limit: float | None = None
) -> Usage:
    """Run the command to its end, or for `limit` seconds."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=said, stderr=said, start_new_session=True
        )
        watch = _Watch(child.pid, limit)
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        said.seek(max(0, said.tell() - _SAID))
        end = said.read().decode(errors="replace")
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.over.set()
    watch.join()
    peak = max(usage.ru_maxrss * 1024, watch.peak)
    code = None if watch.stopped else child.returncode
    return Usage(wall, usage.ru_utime + usage.ru_stime, peak, code, end)


class _Watch(threading.Thread):
    """Adds up the memory of a session's processes, and ends them when their time is over."""

    def __init__(self, session: int, limit: float | None) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peak = 0
        self.stopped = False
        self._session = session
        self._limit = limit

    def run(self) -> None:
        started = time.monotonic()
        while not self.over.wait(_LOOK):
            pids = _tree(self._session)
            if len(pids) > 1:
                self.peak = max(self.peak, sum(map(_resident, pids)))
            if self._limit is not None and time.monotonic() - started > self._limit:
                self.stopped = True
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._session, signal.SIGKILL)
                return


def _tree(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return [pid]
    return [pid, *(each for child in told.split() for each in _tree(int(child)))]


def _resident(pid: int) -> int:
    """Bytes; 0 if the process has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
