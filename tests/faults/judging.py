"""What a trial must show, and whether it did: each finding is a sentence, none is good."""

from collections import Counter
from collections.abc import Sequence

from tests.faults.orders import Report
from tests.faults.points import DISK, Point
from tests.faults.strikes import Struck
from tests.faults.world import Row, World

_WHAT_TO_DO = "free some space"
_MORE_MEMORY = 1.5  # times that of a run without a fault


def ended(reports: Sequence[Report | None]) -> str:
    """How the run with the fault ended; of two runs, well if one did."""
    words = [report.kind if report else "killed" for report in reports]
    return "well" if "well" in words else words[0]


def after_the_fault(
    world: World, point: Point, struck: Struck, allowed: list[list[Row]]
) -> list[str]:
    """What is wrong once the run that met the fault has ended."""
    found, how = [], ended(struck.reports)
    for report in struck.reports:
        if report and (report.kind in {"hung", "unexpected"}):
            found.append(f"the run ended with {report.error}")
        if report and point.passes and report.kind != "well":
            found.append(f"the run gave up, {report.kind}: {report.error}")
        if report and struck.happened and point.kind.startswith(DISK):
            found += _of_a_full_disk(report)
    rows = world.rows()
    if rows not in allowed:
        found.append(f"after the fault the table has {len(rows)} rows that no version has")
    elif how == "well" and rows == allowed[0]:
        found.append("the run said it went well, and the old rows are there")
    return found


def _of_a_full_disk(report: Report) -> list[str]:
    """Who reads the message must know what to do, and trying again does not help."""
    if report.kind == "well" or (report.kind == "permanent" and _WHAT_TO_DO in report.error):
        return []
    return [f"the full disk is told so, {report.kind}: {report.error}"]


def at_the_end(world: World, before: list[int], version: int) -> list[str]:
    """What is wrong after the good run, which began with the versions `before` in the table."""
    ledger = [int(v) for v in world.ledger()]
    new = ledger[len(before) :]
    found = []
    if ledger[: len(before)] != before or new not in _right(world, version):
        found.append(f"the ledger went from {before} to {ledger}, at version {world.versions}")
    world.loaded = ledger
    if world.rows() != world.expected(list(dict.fromkeys(ledger))):
        found.append("the rows are not those of the versions in the ledger, each once")
    if world.tables() != {"letters", "_factory_loads"}:
        found.append(f"the tables are {sorted(world.tables())}")
    if litter := world.litter():
        found.append(f"left lying about: {litter}")
    return found


def _right(world: World, version: int) -> list[list[int]]:
    """What the ledger may have more than before: every version once, also where one was
    published midway."""
    newest = world.versions
    if newest == version:
        return [[version]]
    right = [[newest], [version, newest]]
    if world.disposition == "append":  # of two runs at once, either may be first
        right.append([newest, version])
    return right


def grown(world: World, reports: Sequence[Report]) -> list[str]:
    """What the runs kept, or took more of than one without a fault."""
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
