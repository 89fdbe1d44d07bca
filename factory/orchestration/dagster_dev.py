"""`dagster dev` as a child of this process, and the end of everything that it started."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

WORKSPACE = "workspace.yaml"
_MODULE = "factory.definitions"
_SILENCE = ("-W", "ignore:Function `dev_command` is superseded")  # `dg dev` is another package
_LOG_LEVEL = "warning"  # below it, its sensors say every few seconds that they have looked
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LEAVE = 3.0  # seconds for what ends by itself: SIGTERM on the way out makes it print a traceback
_GRACE = 10.0  # seconds that a left-over process gets to end when it is asked to


def location_name(root: Path) -> str:
    """What the factory's code location is called in that project."""
    return "factory" if (root / WORKSPACE).is_file() else _MODULE


def run_dagster_dev(root: Path, port: int, env: Mapping[str, str], stop: threading.Event) -> int:
    """Run it in `root` until it ends or is interrupted; its exit code, as a shell would tell it.

    Ctrl-C, SIGTERM and a closed terminal set `stop` and end it in good order; the second one
    ends it at once. When this returns, no process that it started is left. Main thread only.
    """
    where = ["-w", WORKSPACE] if (root / WORKSPACE).is_file() else ["-m", _MODULE]
    address = ["-h", "127.0.0.1", "-p", str(port), "--log-level", _LOG_LEVEL]
    child = _Child(stop)
    with _taken(child):
        process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, *_SILENCE, "-m", "dagster", "dev", *where, *address],
            cwd=root,
            env=dict(env),
            start_new_session=True,  # or Ctrl-C would reach each of its processes by itself
        )
        child.is_there(process)
        try:
            code = process.wait()
        finally:
            stop.set()
            _end_all(process.pid)
    return code if code >= 0 else 128 - code


@dataclass
class _Child:
    """Passes a wish to stop on, also one that came before the child was there."""

    stop: threading.Event
    process: subprocess.Popen[bytes] | None = field(default=None)

    def is_there(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        if self.stop.is_set():
            process.send_signal(signal.SIGINT)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        again = self.stop.is_set()
        self.stop.set()
        if self.process is None:
            return
        if again:
            _signal_all(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(signal.SIGINT)


@contextlib.contextmanager
def _taken(child: _Child) -> Iterator[None]:
    """Inside the block, signals are the child's."""
    before = {number: signal.signal(number, child.on_signal) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_all(group: int) -> None:
    """Ask what is left of the group to end, a run in the middle too, and insist after a while."""
    if _is_gone(group, _LEAVE):
        return
    _signal_all(group, signal.SIGTERM)
    if not _is_gone(group, _GRACE):
        _signal_all(group, signal.SIGKILL)


def _is_gone(group: int, patience: float) -> bool:
    """Whether nobody is left of the group, now or within so many seconds."""
    end = time.monotonic() + patience
    while there := _signal_all(group, 0):
        if time.monotonic() >= end:
            break
        time.sleep(0.05)
    return not there


def _signal_all(group: int, number: int) -> bool:
    """Whether there was a process in the group to take the signal."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        return False
    return True
