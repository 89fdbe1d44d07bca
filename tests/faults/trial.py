"""One fault: a new version is loaded while it strikes, then once more without it.

What must hold: a reader sees the old or the new rows and nothing else, at any moment; a run that
says it went well has published; after the good run the table has exactly the expected rows, the
ledger has each version once, and nothing is left lying about.
"""

import contextlib
import multiprocessing
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from factory.errors import FactoryError
from tests.faults import child
from tests.faults.child import Report, Trap
from tests.faults.points import Calls, Point
from tests.faults.world import Row, World
from tests.loopback.wire import BEFORE, Fault, flip, reset, stall, status, truncate
from tests.standins.proxy import Fault as WireFault
from tests.standins.proxy import Kind, Wire

_PATIENCE = 2.0  # seconds that a service may be silent, where one is
_LONGEST = 120.0  # seconds of a run
_POLL = {"local": 0.1, "gcp": 0.4}  # seconds between two looks of a reader

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.faults.child"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong at a point, if anything; and how the run with the fault ended."""

    point: Point
    faults: tuple[str, ...]
    ended: str  # "well", "retryable", "permanent" or "killed"
    looks: int  # of the reader


def first_load(world: World) -> None:
    """Version 1, undisturbed."""
    world.publish()
    _good_run(world)
    world.loaded.append(1)


def count_calls(world: World) -> Calls:
    """What loading a changed version asks of each service."""
    version = world.publish()
    before = _seen(world)
    report = _good_run(world)
    after = _seen(world)
    world.loaded.append(version)
    kaggle, gcs, bigquery = (b - a for a, b in zip(before, after, strict=True))
    return Calls(kaggle, gcs, bigquery, report.functions)


def try_point(world: World, point: Point) -> Verdict:
    """Strike at the point, and look."""
    before = list(world.loaded)
    version = world.publish()
    allowed = [world.expected(before), world.expected([*before, version])]
    found: list[str] = []
    with _reader(world, allowed) as reader:
        ended = _strike(world, point)
        if world.versions > version:  # another one was published midway
            allowed.append(world.expected([*before, world.versions]))
            allowed.append(world.expected([*before, version, world.versions]))
        found += _after_the_fault(world, ended, allowed)
        _disarm(world)
        again = _start(world, Trap())
        report = _end(again)
        if report is None or report.error or not report.published:
            found.append(f"the good run ended with {report}")
    found += reader.found
    found += _at_the_end(world, before, version)
    return Verdict(point, tuple(found), ended, reader.looks)


def _strike(world: World, point: Point) -> str:
    if point.place == "process" and point.kind == "twice":
        return _two_at_once(world, point.ordinal)
    trap = Trap(patience=_PATIENCE if point.kind == "stall" else None)
    if point.place == "process":
        kill = point.kind == "kill"
        trap = Trap(kill_at=point.ordinal if kill else None, disk=None if kill else point.ordinal)
    elif point.place == "kaggle":
        _arm_kaggle(world, point)
    else:
        wire = world.gcs if point.place == "gcs" else world.bigquery
        assert wire is not None
        wire.add(_wire_fault(wire, point))
    return _word(_end(_start(world, trap)))


def _two_at_once(world: World, number: int) -> str:
    """Two runs, the second some milliseconds after the first."""
    first = _start(world, Trap())
    time.sleep(random.Random(number).uniform(0, 0.4))
    second = _start(world, Trap())
    words = [_word(_end(started)) for started in (first, second)]
    return "well" if "well" in words else words[0]


def _arm_kaggle(world: World, point: Point) -> None:
    kaggle, skip = world.kaggle, point.ordinal
    if point.kind == "expire":
        kaggle.wire.before("*", kaggle.expire_addresses, skip=skip)
    elif point.kind == "midway":
        kaggle.wire.before("*", lambda: world.publish() and None, skip=skip)
    else:
        kaggle.wire.fault("*", _kaggle_fault(point.kind), skip=skip)


def _kaggle_fault(kind: str) -> Fault:
    if kind.isdecimal():
        return status(int(kind), retry_after="1") if kind == "429" else status(int(kind))
    return {
        "reset": reset(BEFORE),
        "reset-in-body": reset(100),
        "truncate": truncate(100),
        "flip": flip(100),
        "stall": stall(_PATIENCE + 1, at=50),
    }[kind]


def _wire_fault(wire: Wire, point: Point) -> WireFault:
    wanted = len(wire.requests) + point.ordinal  # counted from here, once

    def applies(_request: object) -> bool:
        return len(wire.requests) - 1 >= wanted

    if point.kind.isdecimal():
        headers = {"Retry-After": "1"} if point.kind == "429" else {}
        return WireFault(applies, "answer", point.after, int(point.kind), headers)
    kinds: dict[str, Kind] = {
        "lose": "lose", "stall": "stall", "truncate": "truncate", "flip": "flip", "twice": "twice",
    }  # fmt: skip
    return WireFault(applies, kinds[point.kind], point.after, seconds=_PATIENCE + 1)


def _disarm(world: World) -> None:
    world.kaggle.wire.forget()
    for wire in (world.gcs, world.bigquery):
        if wire is not None:
            wire.faults.clear()
            wire.requests.clear()


def _after_the_fault(world: World, ended: str, allowed: list[list[Row]]) -> list[str]:
    rows = world.rows()
    if rows not in allowed:
        return [f"after the fault the table has {len(rows)} rows that no version has"]
    if ended == "well" and rows == allowed[0]:
        return ["the run said it went well, and the old rows are there"]
    return []


def _at_the_end(world: World, before: list[int], version: int) -> list[str]:
    ledger = [int(v) for v in world.ledger()]
    new = ledger[len(before) :]
    found = []
    if ledger[: len(before)] != before or new not in (
        [version], [world.versions], [version, world.versions],
    ):  # fmt: skip
        found.append(f"the ledger went from {before} to {ledger}, at version {world.versions}")
    world.loaded = ledger
    if world.rows() != world.expected(ledger):
        found.append("the rows are not those of the versions in the ledger")
    if world.tables() != {"letters", "_factory_loads"}:
        found.append(f"the tables are {sorted(world.tables())}")
    if litter := world.litter():
        found.append(f"left lying about: {litter}")
    return found


class _Reader:
    """Looks at the table all the time, as somebody's dashboard does."""

    def __init__(self, world: World, allowed: list[list[Row]]) -> None:
        self.found: list[str] = []
        self.looks = 0
        self._world, self._allowed = world, allowed
        self._end = Event()
        self._seen: list[list[Row]] = []
        self._thread = Thread(target=self._look, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        odd = [rows for rows in self._seen if rows not in self._allowed]
        if odd:
            self.found.append(f"a reader saw {len(odd[0])} rows that no version has")

    def _look(self) -> None:
        while not self._end.wait(_POLL[self._world.target]):
            with contextlib.suppress(FactoryError):  # the file is in use: look again
                rows = self._world.rows()
                self.looks += 1
                if not self._seen or rows != self._seen[-1]:
                    self._seen.append(rows)


@contextlib.contextmanager
def _reader(world: World, allowed: list[list[Row]]) -> Iterator[_Reader]:
    reader = _Reader(world, allowed)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


@dataclass(frozen=True, slots=True)
class _Started:
    process: ForkServerProcess
    report: Path


def _start(world: World, trap: Trap) -> _Started:
    report = world.folder / f"{uuid4().hex}.json"
    arguments = (world.project, world.target, dict(world.env), report, trap)
    process = _fork.Process(target=child.run, args=arguments)
    process.start()
    return _Started(process, report)


def _end(started: _Started) -> Report | None:
    started.process.join(_LONGEST)
    if started.process.is_alive():
        started.process.kill()
        started.process.join()
        return Report(f"it took longer than {_LONGEST:.0f} s", False, 0, False)
    report = child.read_report(started.report)
    started.report.unlink(missing_ok=True)
    return report


def _good_run(world: World) -> Report:
    report = _end(_start(world, Trap()))
    if report is None or report.error or not report.published:
        raise AssertionError(f"a run without a fault ended with {report}")
    return report


def _word(report: Report | None) -> str:
    if report is None:
        return "killed"
    return "permanent" if report.permanent else "retryable" if report.error else "well"


def _seen(world: World) -> tuple[int, int, int]:
    gcs, bigquery = world.gcs, world.bigquery
    return (
        len(world.kaggle.seen()),
        len(gcs.requests) if gcs else 0,
        len(bigquery.requests) if bigquery else 0,
    )
