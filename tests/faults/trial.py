"""One fault: a new version is loaded while it strikes, then once more without it.

What must hold: a reader sees the old or the new rows and nothing else, at any moment; a run that
says it went well has published; a fault that passes by itself is survived; after the good run the
table has exactly the expected rows, the ledger has each version once, and nothing is left lying
about; and no run keeps files or threads, or takes more memory than one without a fault.
"""

from dataclasses import dataclass

from tests.faults.judging import after_the_fault, at_the_end, ended, grown
from tests.faults.launch import end, start
from tests.faults.orders import Report, Trap
from tests.faults.points import CLOCK, Calls, Point
from tests.faults.reader import reading
from tests.faults.strikes import disarm, strike
from tests.faults.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong at a point, if anything; and how the run with the fault ended."""

    point: Point
    faults: tuple[str, ...]
    ended: str  # the kind of the report, or "killed"
    looks: int  # of the reader
    megabytes: float  # of memory, at most


def first_load(world: World) -> None:
    """Version 1, undisturbed."""
    world.publish()
    world.clean = _good_run(world, Trap())
    world.loaded.append(1)


def count_calls(world: World) -> Calls:
    """What loading a changed version asks of each service."""
    version = world.publish()
    before = _seen(world)
    counted = _good_run(world, Trap(count=True))
    after = _seen(world)
    world.loaded.append(version)
    kaggle, gcs, bigquery = (b - a for a, b in zip(before, after, strict=True))
    milliseconds = int(counted.seconds * 1e3)
    return Calls(kaggle, gcs, bigquery, counted.functions, counted.boundaries, milliseconds)


def try_point(world: World, point: Point) -> Verdict:
    """Strike at the point, and look."""
    before = list(world.loaded)
    version = world.publish()
    allowed = [world.expected(before), world.expected([*before, version])]
    kept = set(world.folders_of_work())  # by runs that were killed, for two days
    found: list[str] = []
    with reading(world, allowed) as reader:
        reports = strike(world, point)
        if world.versions > version:  # another one was published midway
            allowed.append(world.expected([*before, world.versions]))
            allowed.append(world.expected([*before, version, world.versions]))
        found += after_the_fault(world, point, reports, allowed)
        if _tidy(point) and ended(reports) in {"well", "stopped"}:
            left = set(world.folders_of_work()) - kept
            found += [f"a folder of the run is left: {name}" for name in sorted(left)]
        disarm(world)
        again = end(start(world, Trap()))
        if again is None or again.kind != "well" or not again.published:
            found.append(f"the good run ended with {again}")
    found += reader.found
    with world.held():
        found += at_the_end(world, before, version)
    told = [report for report in [*reports, again] if report is not None]
    found += grown(world, told)
    most = max((report.megabytes for report in told), default=0.0)
    return Verdict(point, tuple(found), ended(reports), reader.looks, most)


def _tidy(point: Point) -> bool:
    """Whether a run ends in good order, or is stopped where it can still tidy up."""
    return point.kind == "stop" or point.kind.startswith(CLOCK)


def _good_run(world: World, trap: Trap) -> Report:
    report = end(start(world, trap))
    if report is None or report.kind != "well" or not report.published:
        raise AssertionError(f"a run without a fault ended with {report}")
    return report


def _seen(world: World) -> tuple[int, int, int]:
    gcs, bigquery = world.gcs, world.bigquery
    return (
        len(world.kaggle.seen()),
        len(gcs.requests) if gcs else 0,
        len(bigquery.requests) if bigquery else 0,
    )
