"""One fault: a new version is loaded while it strikes, then once more without it.

What must hold: a reader sees the old or the new rows and nothing else, at any moment; a run that
says it went well has published; a fault that passes by itself is survived; after the good run the
table has exactly the expected rows, the ledger has each version once, and nothing is left lying
about; and no run keeps files or threads, or takes more memory than one without a fault.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.launch import end, start
from tests.faults.orders import Report, Trap
from tests.faults.points import CLOCK, Calls, Point
from tests.faults.reader import reading
from tests.faults.strikes import disarm, strike
from tests.faults.world import Row, World

_MORE_MEMORY = 1.5  # times that of a run without a fault


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
        found += _after_the_fault(world, point, reports, allowed)
        if _tidy(point) and _ended(reports) in {"well", "stopped"}:
            left = set(world.folders_of_work()) - kept
            found += [f"a folder of the run is left: {name}" for name in sorted(left)]
        disarm(world)
        again = end(start(world, Trap()))
        if again is None or again.kind != "well" or not again.published:
            found.append(f"the good run ended with {again}")
    found += reader.found
    with world.held():
        found += _at_the_end(world, before, version)
    told = [report for report in [*reports, again] if report is not None]
    found += _grown(world, told)
    most = max((report.megabytes for report in told), default=0.0)
    return Verdict(point, tuple(found), _ended(reports), reader.looks, most)


def _ended(reports: Sequence[Report | None]) -> str:
    words = [report.kind if report else "killed" for report in reports]
    return "well" if "well" in words else words[0]


def _tidy(point: Point) -> bool:
    """Whether a run ends in good order, or is stopped where it can still tidy up."""
    return point.kind == "stop" or point.kind.startswith(CLOCK)


def _after_the_fault(
    world: World, point: Point, reports: Sequence[Report | None], allowed: list[list[Row]]
) -> list[str]:
    found, ended = [], _ended(reports)
    for report in reports:
        if report and (report.kind in {"hung", "unexpected"}):
            found.append(f"the run ended with {report.error}")
        if report and point.passes and report.kind != "well":
            found.append(f"the run gave up, {report.kind}: {report.error}")
    rows = world.rows()
    if rows not in allowed:
        found.append(f"after the fault the table has {len(rows)} rows that no version has")
    elif ended == "well" and rows == allowed[0]:
        found.append("the run said it went well, and the old rows are there")
    return found


def _at_the_end(world: World, before: list[int], version: int) -> list[str]:
    ledger = [int(v) for v in world.ledger()]
    new = ledger[len(before) :]
    found = []
    right = [[version], [world.versions], [version, world.versions]]
    if world.disposition == "append":  # of two runs at once, either may be first
        right.append([world.versions, version])
    if ledger[: len(before)] != before or new not in right:
        found.append(f"the ledger went from {before} to {ledger}, at version {world.versions}")
    world.loaded = ledger
    if world.rows() != world.expected(ledger):
        found.append("the rows are not those of the versions in the ledger")
    if world.tables() != {"letters", "_factory_loads"}:
        found.append(f"the tables are {sorted(world.tables())}")
    if litter := world.litter():
        found.append(f"left lying about: {litter}")
    return found


def _grown(world: World, reports: Sequence[Report]) -> list[str]:
    clean, found = world.clean, []
    assert clean is not None
    for report in reports:
        found += _left("open", report.descriptors, clean.descriptors)
        found += _left("at work", report.threads, clean.threads)
        if report.megabytes > clean.megabytes * _MORE_MEMORY:
            found.append(f"it took {report.megabytes:.0f} MB, not {clean.megabytes:.0f}")
    return found


def _left(word: str, now: Sequence[str], clean: Sequence[str]) -> list[str]:
    """What there is more of than after a run without a fault."""
    if len(now) <= len(clean):
        return []
    more = Counter(now) - Counter(clean)
    return [f"still {word} at its end: {', '.join(sorted(more.elements()))}"]


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
