"""Starts a run in a process of its own and waits for its end.

The processes are forked from one that has imported everything, so that a start costs little.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import uuid4

from tests.faults.full_disk import disk_library
from tests.faults.install import clock_library
from tests.faults.orders import STACKS, Report, Trap, read_report
from tests.faults.world import World

_LONGEST = 120.0  # seconds of a run, on a machine that does other things
_LAST_WORDS = 1.0  # seconds
_KILLED = {-signal.SIGKILL, -signal.SIGPROF}  # how we kill: at a call, and in the middle of it

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.faults.child"])


@dataclass(frozen=True, slots=True)
class Started:
    """A run that was started; `end` waits for it."""

    process: ForkServerProcess
    report: Path


def start(world: World, trap: Trap) -> Started:
    """Start a run of the world's pipeline."""
    report = world.folder / f"{uuid4().hex}.json"
    arguments = (world.project, world.target, dict(world.env), report, trap)
    process = _fork.Process(target=_run, args=arguments)
    _first_process()
    process.start()
    return Started(process, report)


def end(started: Started) -> Report | None:
    """The run's report; None if it was killed as it was to be."""
    started.process.join(_LONGEST)
    try:
        if started.process.is_alive():
            return Report(f"it took longer than {_LONGEST:.0f} s: {_given_up(started)}", "hung")
        report, code = read_report(started.report), started.process.exitcode
        if report is None and code not in _KILLED:
            return Report(f"it ended with {code} and said nothing", "unexpected")
        return report
    finally:
        started.report.unlink(missing_ok=True)
        started.report.with_suffix(STACKS).unlink(missing_ok=True)


def _given_up(started: Started) -> str:
    """Where the run stands, which is ended."""
    assert started.process.pid is not None
    os.kill(started.process.pid, signal.SIGUSR1)
    started.process.join(_LAST_WORDS)
    started.process.kill()
    started.process.join()
    return started.report.with_suffix(STACKS).read_text()


def _run(root: Path, target: str, env: Mapping[str, str], report: Path, trap: Trap) -> None:
    from tests.faults import child  # here alone: it hurries the process that imports it

    child.run(root, target, env, report, trap)


@cache
def _first_process() -> None:
    """Start the one that all are forked from. Once, before anybody looks: who sets the environment
    while another thread reads it may end the process."""
    with _false_clocks_and_disks():
        forkserver.ensure_running()


@contextmanager
def _false_clocks_and_disks() -> Iterator[None]:
    """What is started within it shows the true time, and another one as soon as it is told to; it
    finds room on the disk, and none as soon as it is told to.

    The monotonic clock is left alone, as it is where the time of day is set anew.
    """
    wanted = {
        "LD_PRELOAD": f"{disk_library()}:{clock_library()}",
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",  # else it asks for a lock of all, which who is killed never gives back
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
