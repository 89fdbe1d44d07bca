"""Where a run is hurt, and how: every point has a number and can be repeated alone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Target = Literal["local", "gcp"]
Disposition = Literal["replace", "append", "merge"]
Place = Literal["kaggle", "gcs", "bigquery", "process"]
DISPOSITIONS: Sequence[Disposition] = ("replace", "append", "merge")

_STATUSES = (401, 403, 404, 408, 412, 429, 500, 502, 503)
# On the wire of Kaggle nothing takes effect, so before and after are the same there.
_KAGGLE = (
    *map(str, _STATUSES), "reset", "reset-in-body", "truncate", "flip", "stall", "expire", "midway",
)  # fmt: skip
_GOOGLE_BEFORE = (*map(str, _STATUSES), "lose", "stall")
_GOOGLE_AFTER = (*map(str, _STATUSES), "lose", "stall", "truncate", "flip", "twice")
_CALLS_KILLED = 220  # of each kind of run, spread over the functions that it calls
_LIMITS_OF_DISK = 40
_PAIRS = 15  # of runs at once


@dataclass(frozen=True, slots=True)
class Point:
    """One fault. `ordinal` counts the calls on the wire, or the function calls of the process."""

    target: Target
    disposition: Disposition
    place: Place
    ordinal: int
    kind: str
    after: bool = False

    def __str__(self) -> str:
        when = "" if self.place in {"kaggle", "process"} else " after" if self.after else " before"
        return f"{self.target}/{self.disposition} {self.place}#{self.ordinal} {self.kind}{when}"


@dataclass(frozen=True, slots=True)
class Calls:
    """How much a run without a fault does: requests a service, calls of functions."""

    kaggle: int
    gcs: int
    bigquery: int
    functions: int


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
    yield from _of_process(target, disposition, calls, rng)


def _of_process(
    target: Target, disposition: Disposition, calls: Calls, rng: random.Random
) -> Iterator[Point]:
    share = 1 if target == "local" else 8  # a run in the cloud takes ten times as long
    killed = min(calls.functions, _CALLS_KILLED // share)
    for ordinal in sorted(rng.sample(range(calls.functions), killed)):
        yield Point(target, disposition, "process", ordinal, "kill")
    for limit in range(_LIMITS_OF_DISK // share):
        yield Point(target, disposition, "process", 2 ** (limit // 3) * 700 + limit, "disk")
    for pair in range(_PAIRS // share + 1):
        yield Point(target, disposition, "process", pair, "twice")
