"""Arms the fault of a point, and runs into it."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.launch import end, start
from tests.faults.orders import Report, Trap
from tests.faults.points import CLOCK, DISK, TWO_VERSIONS, Point
from tests.faults.world import World
from tests.loopback.wire import BEFORE, HALF, Fault, flip, reset, stall, status, truncate, twice
from tests.standins.proxy import Fault as WireFault
from tests.standins.proxy import Kind, Wire

_PATIENCE = 4.0  # seconds that a service may be silent, where one is


@dataclass(frozen=True, slots=True)
class Struck:
    """The reports of the run that met the fault, of both where there were two at once; and
    whether it happened: a run may have ended before, or not have come by."""

    reports: Sequence[Report | None]
    happened: bool


def strike(world: World, point: Point) -> Struck:
    """Run into the fault."""
    if point.place == "process":
        if point.kind in {"twice", TWO_VERSIONS}:
            return _two_at_once(world, point.ordinal, another=point.kind == TWO_VERSIONS)
        report = end(start(world, _of_process(point)))
        return Struck([report], report is None or report.struck)
    trap = Trap(patience=_PATIENCE if point.kind.startswith("stall") else None)
    if point.place == "kaggle":
        _arm_kaggle(world, point)
        before = world.kaggle.wire.struck
        report = end(start(world, trap))
        return Struck([report], world.kaggle.wire.struck > before)
    wire = world.wires[point.place]
    fault = wire.add(_wire_fault(world, wire, point))
    report = end(start(world, trap))
    return Struck([report], fault.struck > 0)


def disarm(world: World) -> None:
    """Break nothing any more."""
    world.kaggle.wire.forget()
    for wire in world.wires.values():
        wire.faults.clear()
        wire.requests.clear()


def _of_process(point: Point) -> Trap:
    number = point.ordinal
    if point.kind.startswith(DISK):
        if point.kind.endswith("-step"):
            return Trap("fill", call=number, bare="-bare" in point.kind)
        return Trap(room=number)
    if point.kind.startswith(CLOCK):
        return Trap("clock", call=number, clock=point.kind.removeprefix(CLOCK))
    action = "kill" if point.kind.startswith("kill") else "stop"
    if point.kind.endswith("ms"):
        return Trap(action, seconds=number / 1e3)
    return Trap(action, call=number)


def _two_at_once(world: World, number: int, *, another: bool) -> Struck:
    """Two runs, the second some milliseconds after the first; of `another` version, if asked."""
    first = start(world, Trap())
    time.sleep(random.Random(number).uniform(0, 0.4))
    if another:
        world.publish()
    second = start(world, Trap())
    one, other = reports = [end(started) for started in (first, second)]
    return Struck(reports, one is not None and other is not None and other.began < one.ended)


def _arm_kaggle(world: World, point: Point) -> None:
    kaggle, skip = world.kaggle, point.ordinal
    if point.kind == "expire":
        kaggle.wire.before("*", kaggle.expire_addresses, skip=skip)
    elif point.kind == "midway":
        kaggle.wire.before("*", world.publish, skip=skip)
    else:
        kaggle.wire.fault("*", _kaggle_fault(point.kind), skip=skip)


def _kaggle_fault(kind: str) -> Fault:
    if kind.isdecimal():
        return status(int(kind), retry_after="1") if kind == "429" else status(int(kind))
    return {
        "reset": reset(BEFORE),
        "reset-in-body": reset(HALF),
        "truncate": truncate(HALF),
        "flip": flip(HALF),
        "stall": stall(_PATIENCE + 1, at=BEFORE),
        "stall-in-body": stall(_PATIENCE + 1, at=HALF),
        "answer-twice": twice(),
    }[kind]


def _wire_fault(world: World, wire: Wire, point: Point) -> WireFault:
    wanted = len(wire.requests) + point.ordinal  # counted from here, once

    def applies(_request: object) -> bool:
        return len(wire.requests) - 1 >= wanted

    if point.kind.isdecimal():
        headers = {"Retry-After": "1"} if point.kind == "429" else {}
        return WireFault(applies, "answer", point.after, int(point.kind), headers)
    if point.kind == "midway":
        return WireFault(applies, "meanwhile", happens=world.publish)
    kind: Kind = point.kind  # type: ignore[assignment]  # the others have the proxy's names
    after = point.after or kind == "flip-request"
    return WireFault(applies, kind, after, seconds=_PATIENCE + 1 if "stall" in kind else 0.0)
