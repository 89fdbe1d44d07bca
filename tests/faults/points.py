"""Where a run is hurt, and how: every point has a number and can be repeated alone."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Target = Literal["local", "gcp"]
Disposition = Literal["replace", "append", "merge"]
Place = Literal["kaggle", "gcs", "bigquery", "process"]
DISPOSITIONS: Sequence[Disposition] = ("replace", "append", "merge")
TWO_VERSIONS = "twice-new"  # two runs at once, and a version is published between their starts
CLOCK = "clock"  # begins the kinds that set the time of day anew: "clock+10d"

_STATUSES = (401, 403, 404, 408, 412, 429, 500, 502, 503)
# On the wire of Kaggle nothing takes effect, so before and after are the same there.
_KAGGLE = (
    *map(str, _STATUSES), "reset", "reset-in-body", "truncate", "flip", "stall", "expire", "midway",
)  # fmt: skip
_GOOGLE_BEFORE = (*map(str, _STATUSES), "lose", "stall")
_GOOGLE_AFTER = (*map(str, _STATUSES), "lose", "stall", "truncate", "flip", "twice")
_JUMPS = ("+10d", "-10d", "+90m", "-90m")
_IN_THE_CLOUD = 8  # a run there takes ten times as long: so much fewer of what is only drawn
_MOMENTS = 60  # between two steps, and in the middle of anything, a kind of run
_CLOCKS = 12  # moments at which the clock jumps, and so far in each of the ways
_LIMITS_OF_DISK = 40
_PAIRS = 16  # of runs at once
_NAME = re.compile(
    r"(?P<target>local|gcp)/(?P<disposition>replace|append|merge) "
    r"(?P<place>kaggle|gcs|bigquery|process)#(?P<ordinal>\d+) "
    r"(?P<kind>\S+)(?P<when> after| before)?"
)
_PASSING = frozenset(
    {"408", "429", "500", "502", "503", "reset", "reset-in-body", "lose", "stall", "truncate"}
)


@dataclass(frozen=True, slots=True)
class Point:
    """One fault. `ordinal` counts the calls on the wire, or the function calls of the process;
    it is milliseconds of processor for a kind that ends in "ms", bytes for "disk"."""

    target: Target
    disposition: Disposition
    place: Place
    ordinal: int
    kind: str
    after: bool = False

    def __str__(self) -> str:
        when = "" if self.place in {"kaggle", "process"} else " after" if self.after else " before"
        return f"{self.target}/{self.disposition} {self.place}#{self.ordinal} {self.kind}{when}"

    @classmethod
    def parse(cls, name: str) -> "Point":
        """The point of that name, as `str` gives it."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"{name!r} is no name of a point: python -m tests.faults --list")
        ordinal, after = int(found["ordinal"]), found["when"] == " after"
        parts = (found["target"], found["disposition"], found["place"])
        return cls(*parts, ordinal, found["kind"], after)  # type: ignore[arg-type]  # as matched

    @property
    def passes(self) -> bool:
        """Whether a run must come through: it happens once, and the retries are there for it."""
        return self.place != "process" and self.kind in _PASSING


@dataclass(frozen=True, slots=True)
class Calls:
    """How much a run without a fault does: requests a service, calls of functions."""

    kaggle: int
    gcs: int
    bigquery: int
    functions: int
    boundaries: tuple[int, ...]  # those calls with which a step begins
    milliseconds: int  # of processor


def points(
    target: Target, disposition: Disposition, calls: Calls, rng: random.Random
) -> Iterator[Point]:
    """Every fault of a target and a disposition."""
    for ordinal in range(calls.kaggle if target == "local" else 0):
        for kind in _KAGGLE:
            yield Point(target, disposition, "kaggle", ordinal, kind)
    services: tuple[tuple[Place, int], ...] = (("gcs", calls.gcs), ("bigquery", calls.bigquery))
    for place, number in services:
        for ordinal in range(number):
            for kind in _GOOGLE_BEFORE:
                yield Point(target, disposition, place, ordinal, kind)
            for kind in _GOOGLE_AFTER:
                yield Point(target, disposition, place, ordinal, kind, after=True)
    for kind, ordinals in _of_process(1 if target == "local" else _IN_THE_CLOUD, calls, rng):
        for ordinal in sorted(ordinals):
            yield Point(target, disposition, "process", ordinal, kind)


def spread(known: Sequence[Point], count: int, rng: random.Random) -> list[Point]:
    """So many of them, in their order; one in six from the cloud, where they cost the most."""
    cloud = [index for index, point in enumerate(known) if point.target == "gcp"]
    local = [index for index, point in enumerate(known) if point.target == "local"]
    far = min(len(cloud), max(count // 6, count - len(local)))
    near = min(len(local), count - far)
    return [known[i] for i in sorted([*rng.sample(local, near), *rng.sample(cloud, far)])]


def _of_process(
    share: int, calls: Calls, rng: random.Random
) -> Iterator[tuple[str, Sequence[int]]]:
    others = [n for n in range(calls.functions) if n not in calls.boundaries]
    for kind in ("kill", "stop"):
        steps = rng.sample(calls.boundaries, len(calls.boundaries) // share)
        yield kind, [*steps, *rng.sample(others, _MOMENTS // share)]
    for kind in ("kill-ms", "stop-ms"):
        yield kind, rng.sample(range(1, calls.milliseconds), _MOMENTS // share)
    for jump in _JUMPS:
        drawn = rng.sample(range(1, calls.functions), _CLOCKS // share)
        yield f"{CLOCK}{jump}", [0, *drawn]
    yield "disk", [2 ** (limit // 3) * 700 + limit for limit in range(_LIMITS_OF_DISK // share)]
    yield "twice", range(_PAIRS // share)
    yield TWO_VERSIONS, range(_PAIRS // share)
