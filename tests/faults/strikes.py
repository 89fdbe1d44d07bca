"""Arms the fault of a point, and runs into it."""

import random
import time

from tests.faults.launch import end, start
from tests.faults.orders import Report, Trap
from tests.faults.points import CLOCK, TWO_VERSIONS, Point
from tests.faults.world import World
from tests.loopback.wire import BEFORE, Fault, flip, reset, stall, status, truncate
from tests.standins.proxy import Fault as WireFault
from tests.standins.proxy import Kind, Wire

_PATIENCE = 4.0  # seconds that a service may be silent, where one is


def strike(world: World, point: Point) -> list[Report | None]:
    """The reports of the run that met the fault; of both where there were two at once."""
    if point.place == "process":
        if point.kind in {"twice", TWO_VERSIONS}:
            return _two_at_once(world, point.ordinal, another=point.kind == TWO_VERSIONS)
        return [end(start(world, _of_process(point)))]
    if point.place == "kaggle":
        _arm_kaggle(world, point)
    else:
        wire = world.gcs if point.place == "gcs" else world.bigquery
        assert wire is not None
        wire.add(_wire_fault(wire, point))
    patience = _PATIENCE if point.kind == "stall" else None
    return [end(start(world, Trap(patience=patience)))]


def disarm(world: World) -> None:
    """Break nothing any more."""
    world.kaggle.wire.forget()
    for wire in (world.gcs, world.bigquery):
        if wire is not None:
            wire.faults.clear()
            wire.requests.clear()


def _of_process(point: Point) -> Trap:
    number = point.ordinal
    if point.kind == "disk":
        return Trap(disk=number)
    if point.kind.startswith(CLOCK):
        return Trap("clock", call=number, clock=point.kind.removeprefix(CLOCK))
    action = "kill" if point.kind.startswith("kill") else "stop"
    if point.kind.endswith("ms"):
        return Trap(action, seconds=number / 1e3)
    return Trap(action, call=number)


def _two_at_once(world: World, number: int, *, another: bool) -> list[Report | None]:
    """Two runs, the second some milliseconds after the first; of `another` version, if asked."""
    first = start(world, Trap())
    time.sleep(random.Random(number).uniform(0, 0.4))
    if another:
        world.publish()
    second = start(world, Trap())
    return [end(started) for started in (first, second)]


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
