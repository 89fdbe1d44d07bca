"""One run of a pipeline in a process of its own, which may be made to suffer on the way.

Only such processes import this module, for it shortens their waits: see `hurry`.
"""

import _thread
import contextlib
import faulthandler
import gc
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType

from tests.faults import hurry  # first of ours: it shortens waits that the others read once

# isort: split
import factory
from factory.errors import FactoryError, Retryable
from tests.faults.full_disk import FullDisk
from tests.faults.orders import STACKS, Report, Trap, write_report
from tests.faults.steps import run_here
from tests.faults.warm import warm

_FACTORY = str(Path(factory.__file__).parent)
# A step of the run begins where one of these is called, by the names of their files.
_STEPS = ("ingest/", "buckets/", "warehouses/", "orchestration/work.py", "sources/kaggle.py")
_INNER = ("ingest/reading/", "_sql.py", "buckets/names.py", "warehouses/ledger.py")

_IDLE = 0.3  # seconds, in which threads that nobody needs any more see it

warm()
gc.freeze()  # a child need not look through what is there already


def run(root: Path, target: str, env: Mapping[str, str], report: Path, trap: Trap) -> None:
    """Run the only pipeline of the project and write the report."""
    os.environ.update(env)
    if trap.patience is not None:
        hurry.bear(trap.patience)
    _show_stacks_when_asked(report)
    threads, descriptors, used = _threads_now(), _open_now(), time.process_time()
    began = time.monotonic()
    disk = FullDisk(root, trap.room, bare=trap.bare)
    count = _Counter(trap, disk)
    signal.signal(signal.SIGTERM, _stop)
    told = _watched(root, target, count)
    disk.empty()
    seconds = time.process_time() - used
    ended = time.monotonic()
    gc.collect()
    select.select([], [], [], _IDLE)
    told = replace(
        told,
        struck=bool(disk.refused) if _of_disk(trap) else count.acted,
        functions=count.calls,
        boundaries=tuple(count.boundaries),
        seconds=seconds,
        began=began,
        ended=ended,
        taken=disk.taken,
        taken_before=tuple(count.taken),
        descriptors=tuple(sorted((_open_now() - descriptors).elements())),
        threads=tuple(sorted((_threads_now() - threads).elements())),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    )
    write_report(report, told)


def _show_stacks_when_asked(report: Path) -> None:
    """Where every thread is, for who gives up waiting."""
    stacks = report.with_suffix(STACKS).open("w")
    faulthandler.register(signal.SIGUSR1, stacks, all_threads=True)


def _of_disk(trap: Trap) -> bool:
    return trap.action == "fill" or trap.room is not None


def _watched(root: Path, target: str, count: "_Counter") -> Report:
    try:
        with count.watching():
            return _outcome(root, target)
    except KeyboardInterrupt:  # just when it had ended
        return Report("it was stopped", "stopped")


def _outcome(root: Path, target: str) -> Report:
    try:
        return Report("", "well", published=run_here(root, target))
    except Retryable as exc:
        return Report(str(exc), "retryable")
    except FactoryError as exc:
        return Report(str(exc), "permanent")
    except KeyboardInterrupt:
        return Report("it was stopped", "stopped")
    except Exception as exc:
        return Report(f"{type(exc).__name__}: {exc}", "unexpected")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _threads_now() -> Counter[str]:
    """The names of all, and how many have none."""
    named = Counter(thread.name for thread in threading.enumerate())
    return named + Counter({"a worker": _thread._count() + 1 - named.total()})


def _open_now() -> Counter[str]:
    """What is open, and how often."""
    found: Counter[str] = Counter()
    for descriptor in os.listdir("/proc/self/fd"):  # noqa: PTH208 - faster than Path
        with contextlib.suppress(FileNotFoundError):  # that of the list itself
            found[_named(int(descriptor))] += 1
    return found


def _named(descriptor: int) -> str:
    """The path of a file, the kind of anything else and whom a socket speaks with."""
    target = str(Path(f"/proc/self/fd/{descriptor}").readlink())
    if not target.startswith("socket:"):
        return target.partition(":[")[0]
    with socket.socket(fileno=os.dup(descriptor)) as same, contextlib.suppress(OSError):
        return f"socket to {same.getpeername()}"
    return "socket"


class _Counter:
    """Counts the calls of our functions, and does at one of them, or later, what is asked."""

    def __init__(self, trap: Trap, disk: FullDisk) -> None:
        self.calls = 0
        self.acted = False
        self.boundaries: list[int] = []
        self.taken: list[int] = []
        self._trap, self._disk = trap, disk
        self._kinds: dict[CodeType, bool | None] = {}  # None: not ours; else: a step begins

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the main thread. By calls only where that is asked for: it slows the run."""
        trap = self._trap
        if trap.seconds is not None:
            signal.signal(signal.SIGPROF, lambda *_: self._act())
            if trap.action == "kill":
                signal.signal(signal.SIGPROF, signal.SIG_DFL)  # in the middle of anything
            signal.setitimer(signal.ITIMER_PROF, trap.seconds)
        elif trap.action is not None or trap.count:
            sys.setprofile(self)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            sys.setprofile(None)
            signal.setitimer(signal.ITIMER_PROF, 0)

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in self._kinds:
            self._kinds[code] = _kind(code)
        kind = self._kinds[code]
        if kind is None:
            return
        if kind:
            self.boundaries.append(self.calls)
            self.taken.append(self._disk.taken)
        self.calls += 1
        if self.calls - 1 == self._trap.call:
            self._act()

    def _act(self) -> None:
        action, self.acted = self._trap.action, True
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "stop":
            os.kill(os.getpid(), signal.SIGTERM)
        elif action == "fill":
            self._disk.fill()
        elif action == "clock":
            before = time.time()
            os.environ["FAKETIME"] = self._trap.clock
            assert abs(time.time() - before) > 1, "the clock did not jump"


def _kind(code: CodeType) -> bool | None:
    path = code.co_filename
    if not path.startswith(_FACTORY) or "/spec/" in path:
        return None
    name = path.removeprefix(f"{_FACTORY}/")
    public = not code.co_name.startswith(("_", "<"))
    return public and name.startswith(_STEPS) and not any(inner in name for inner in _INNER)
