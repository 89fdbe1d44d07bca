"""Strikes at many points, several at a time, and counts what went wrong.

A group is one target and one disposition. Its versions go on from point to point in one world,
which is thrown away after some points, for a warehouse that grows and grows proves no more.
"""

import multiprocessing
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.faults.points import DISPOSITIONS, Calls, Disposition, Point, Target, points
from tests.faults.trial import Verdict, count_calls, first_load, try_point
from tests.faults.world import Services, new_world

_IN_ONE_WORLD = 12


@dataclass(frozen=True, slots=True)
class Errand:
    """Points of one group for one world."""

    target: Target
    disposition: Disposition
    services: Services | None
    points: tuple[Point, ...]


def all_points(
    seed: int, services: Services | None, dispositions: Sequence[Disposition] = DISPOSITIONS
) -> list[Point]:
    """Every point of every group; those of Google's services if there are such services."""
    found: list[Point] = []
    for target, disposition in _groups(services, dispositions):
        calls = measured(target, disposition, services)
        found += points(target, disposition, calls, random.Random(seed))
    return found


def measured(target: Target, disposition: Disposition, services: Services | None) -> Calls:
    """What a run of a group does, where nothing goes wrong."""
    there = services if target == "gcp" else None
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        new_world(Path(folder), target, disposition, there) as world,
    ):
        first_load(world)
        return count_calls(world)


def strike(chosen: Sequence[Point], services: Services | None, jobs: int) -> Iterator[Verdict]:
    """The verdicts, in the order in which they are found. Who stops early leaves out some."""
    spawn = multiprocessing.get_context("spawn")
    errands = list(_errands(chosen, services))
    random.Random(0).shuffle(errands)
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
        running = [pool.submit(_run, errand) for errand in errands]
        try:
            for done in as_completed(running):
                yield from done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _groups(
    services: Services | None, dispositions: Sequence[Disposition] = DISPOSITIONS
) -> Iterator[tuple[Target, Disposition]]:
    for disposition in dispositions:
        yield "local", disposition
        if services is not None:
            yield "gcp", disposition


def _errands(chosen: Sequence[Point], services: Services | None) -> Iterator[Errand]:
    for target, disposition in _groups(services):
        group = [p for p in chosen if (p.target, p.disposition) == (target, disposition)]
        for begin in range(0, len(group), _IN_ONE_WORLD):
            part = tuple(group[begin : begin + _IN_ONE_WORLD])
            yield Errand(target, disposition, services if target == "gcp" else None, part)


def _run(errand: Errand) -> list[Verdict]:
    verdicts: list[Verdict] = []
    left = list(errand.points)
    while left:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            verdicts += _until_wrong(errand, Path(folder), left)
    return verdicts


def _until_wrong(errand: Errand, folder: Path, left: list[Point]) -> Iterator[Verdict]:
    """Takes points off `left`; a world where something went wrong is not used again."""
    with new_world(folder, errand.target, errand.disposition, errand.services) as world:
        first_load(world)
        while left:
            verdict = try_point(world, left.pop(0))
            yield verdict
            if verdict.faults:
                return
