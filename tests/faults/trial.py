"""One fault: a new version is loaded while it strikes, then once more without it.

What must hold: a reader sees the old or the new rows and nothing else, at any moment; a run that
says it went well has published; a fault that passes by itself is survived; after the good run the
table has exactly the expected rows, the ledger has each version once, and nothing is left lying
about; and no run keeps files or threads, or takes more memory than one without a fault.
"""

from collections.abc import Callable
from dataclasses import dataclass

from factory.errors import FactoryError
from tests.faults.judging import after_the_fault, at_the_end, ended, grown
from tests.faults.launch import end, start
from tests.faults.orders import Report, Trap
from tests.faults.points import CLOCK, Asked, Calls, Place, Point
from tests.faults.reader import reading
from tests.faults.strikes import Struck, disarm, strike
from tests.faults.world import Row, World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong at a point, if anything; and how the run with the fault ended."""

    point: Point
    faults: tuple[str, ...]
    struck: bool  # the fault happened
    ended: str  # the kind of the report, or "killed"
    looks: int  # of the reader
    megabytes: float  # of memory, at most


def first_load(world: World) -> None:
    """Version 1, undisturbed."""
    world.publish()
    world.clean = _good_run(world, Trap())
    world.loaded.append(1)


def count_calls(world: World) -> Calls:
    """What loading a changed version asks of each service, and takes. Two runs: counting takes
    time of its own."""
    disarm(world)
    world.kaggle.wire.log.clear()
    counted = _next_load(world, Trap(count=True))
    wires = _asked(world)
    timed = _next_load(world, Trap())
    steps = zip(counted.boundaries, counted.taken_before, strict=True)
    return Calls(
        wires,
        counted.functions,
        counted.boundaries,
        tuple(step for step, taken in steps if taken < counted.taken),
        int(timed.seconds * 1e3),
        min(counted.taken, timed.taken),  # DuckDB grows by blocks, and not every time
    )


def _next_load(world: World, trap: Trap) -> Report:
    version = world.publish()
    report = _good_run(world, trap)
    world.loaded.append(version)
    return report


def _asked(world: World) -> dict[Place, list[Asked]]:
    """What all services were asked, by name."""
    kaggle = [Asked(seen.label, len(seen.body), seen.sent) for seen in world.kaggle.seen()]
    google = {
        place: [Asked(f"{r.method} {r.path}", len(r.body), r.answered) for r in wire.requests]
        for place, wire in world.wires.items()
    }
    return {"kaggle": kaggle, **google}


def try_point(world: World, point: Point) -> Verdict:
    """Strike at the point, and look."""
    before = list(world.loaded)
    version = world.publish()
    allowed = [world.expected(before), world.expected([*before, version])]
    with reading(world, allowed) as reader:
        struck, found = _struck(world, point, allowed)
        disarm(world)
        again = end(start(world, Trap()))
        if again is None or again.kind != "well" or not again.published:
            found.append(f"the good run ended with {again}")
    found += reader.found
    found += _looking(lambda: _held(world, before, version))
    told = [report for report in [*struck.reports, again] if report is not None]
    found += grown(world, told)
    most = max((report.megabytes for report in told), default=0.0)
    how = ended(struck.reports)
    return Verdict(point, tuple(found), struck.happened, how, reader.looks, most)


def _struck(world: World, point: Point, allowed: list[list[Row]]) -> tuple[Struck, list[str]]:
    """What is wrong when the fault is over; `allowed` grows where a version came midway."""
    before, version = list(world.loaded), world.versions
    kept = set(world.folders_of_work())  # by runs that were killed, for two days
    struck = strike(world, point)
    if world.versions > version:
        allowed.append(world.expected([*before, world.versions]))
        allowed.append(world.expected([*before, version, world.versions]))
    found = _looking(lambda: after_the_fault(world, point, struck, allowed))
    if _tidy(point) and ended(struck.reports) in {"well", "stopped"}:
        left = set(world.folders_of_work()) - kept
        found += [f"a folder of the run is left: {name}" for name in sorted(left)]
    return struck, found


def _held(world: World, before: list[int], version: int) -> list[str]:
    with world.held():
        return at_the_end(world, before, version)


def _looking(judge: Callable[[], list[str]]) -> list[str]:
    """That nobody can look is wrong, too."""
    try:
        return judge()
    except FactoryError as exc:
        return [f"nobody can look: {exc}"]


def _tidy(point: Point) -> bool:
    """Whether a run ends in good order, or is stopped where it can still tidy up."""
    return point.kind == "stop" or point.kind.startswith(CLOCK)


def _good_run(world: World, trap: Trap) -> Report:
    report = end(start(world, trap))
    if report is None or report.kind != "well" or not report.published:
        raise AssertionError(f"a run without a fault ended with {report}")
    return report
