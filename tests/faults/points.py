"""Where a run is hurt, and how: every point has a number and can be repeated alone."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Target = Literal["local", "gcp"]
Disposition = Literal["replace", "append", "merge"]
Place = Literal["kaggle", "tokens", "gcs", "bigquery", "process"]
DISPOSITIONS: Sequence[Disposition] = ("replace", "append", "merge")
TWO_VERSIONS = "twice-new"  # two runs at once, and a version is published between their starts
CLOCK = "clock"  # begins the kinds that set the time of day anew: "clock+10d"
DISK = "disk"  # begins those of a full disk

_STATUSES = tuple(map(str, (401, 403, 404, 408, 412, 429, 500, 502, 503)))
_SILENT = (*_STATUSES, "reset", "stall")  # in place of an answer
_IN_BODY = ("reset-in-body", "stall-in-body", "truncate", "flip")  # of an answer that has one
_JUMPS = ("+10d", "-10d", "+90m", "-90m")
_MOMENTS = 60  # between two steps, and in the middle of anything, a kind of run
_CLOCKS = 12  # moments at which the clock jumps, and so far in each of the ways
_ROOMS = 60  # amounts of room on the disk
_PAIRS = 16  # of runs at once
_MOST = 0.9  # of what a run takes, for another takes less
_NAME = re.compile(
    r"(?P<target>local|gcp)/(?P<disposition>replace|append|merge) "
    r"(?P<place>kaggle|tokens|gcs|bigquery|process)#(?P<ordinal>\d+) "
    r"(?P<kind>\S+)(?P<when> after| before)?"
)
_PASSING = frozenset(
    {
        "408", "429", "500", "502", "503", "reset", "lose", "stall", "truncate", "reset-in-body",
        "stall-in-body", "cut", "twice", "answer-twice", "midway",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One fault. `ordinal` counts the calls on the wire, or the function calls of the process;
    it is milliseconds of processor for a kind that ends in "ms", and bytes of room for a "disk"
    that is not full from a step on."""

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
class Asked:
    """A request of a run without a fault, and its answer: bytes of their bodies."""

    label: str
    sent: int
    answered: int


@dataclass(frozen=True, slots=True)
class Calls:
    """How much a run without a fault does."""

    wires: Mapping[Place, Sequence[Asked]]
    functions: int  # calls of ours
    boundaries: tuple[int, ...]  # those with which a step begins
    writing: tuple[int, ...]  # those of them after which the disk is written to
    milliseconds: int  # of processor
    grown: int  # bytes by which files grew


def points(
    target: Target, disposition: Disposition, calls: Calls, rng: random.Random
) -> Iterator[Point]:
    """Every fault of a target and a disposition."""
    for place, requests in calls.wires.items():
        for ordinal, asked in enumerate(requests):
            kinds = _of_kaggle(asked) if place == "kaggle" else _of_google(place, asked)
            for kind, after in kinds:
                yield Point(target, disposition, place, ordinal, kind, after)
    for kind, ordinals in _of_process(calls, rng):
        for ordinal in sorted(ordinals):
            yield Point(target, disposition, "process", ordinal, kind)


def spread(known: Sequence[Point], count: int, rng: random.Random) -> list[Point]:
    """So many of them, in their order; one in six from the cloud, where they cost the most."""
    cloud = [index for index, point in enumerate(known) if point.target == "gcp"]
    local = [index for index, point in enumerate(known) if point.target == "local"]
    far = min(len(cloud), max(count // 6, count - len(local)))
    near = min(len(local), count - far)
    return [known[i] for i in sorted([*rng.sample(local, near), *rng.sample(cloud, far)])]


def varied(known: Sequence[Point], count: int, rng: random.Random) -> list[Point]:
    """So many of them, of as many kinds, dispositions and places as so few can be."""
    left = rng.sample(known, len(known))
    seen: Counter[str] = Counter()
    chosen: list[Point] = []
    for _ in range(min(count, len(left))):
        best = min(left, key=lambda p: (seen[family(p)], seen[p.disposition], seen[p.place]))
        seen.update((family(best), best.disposition, best.place))
        chosen.append(best)
        left.remove(best)
    return chosen


def family(point: Point) -> str:
    """The kind, without what differs within one."""
    return CLOCK if point.kind.startswith(CLOCK) else re.sub(r"\d+$", "status", point.kind)


def _of_kaggle(asked: Asked) -> Iterator[tuple[str, bool]]:
    """Nothing takes effect there, so before and after are the same."""
    in_body = _IN_BODY if asked.answered > 1 else ()
    expire = ("expire",) if asked.label.startswith("store ") else ()  # elsewhere nothing can
    for kind in (*_SILENT, *in_body, *expire, "answer-twice", "midway"):
        yield kind, False


def _of_google(place: Place, asked: Asked) -> Iterator[tuple[str, bool]]:
    """Only of files there is a checksum: else TLS alone sees to it that a request arrives as it
    was sent."""
    upload = asked.label.startswith("POST /upload/") and asked.sent > 0
    in_body = _IN_BODY if asked.answered > 1 else ()
    again = () if place == "tokens" else (*_SILENT, "lose", "twice")
    for kind in (*_SILENT, "lose", "midway"):
        yield kind, False
    yield from (("cut", False),) if asked.sent > 1 else ()
    yield from (("flip-request", False),) if upload else ()
    for kind in (*again, *in_body, "answer-twice"):
        yield kind, True


def _of_process(calls: Calls, rng: random.Random) -> Iterator[tuple[str, Sequence[int]]]:
    others = [n for n in range(calls.functions) if n not in calls.boundaries]
    for kind in ("kill", "stop"):
        yield kind, [*calls.boundaries, *_drawn(rng, others, _MOMENTS)]
    for kind in ("kill-ms", "stop-ms"):
        yield kind, _drawn(rng, range(1, int(calls.milliseconds * _MOST)), _MOMENTS)
    for jump in _JUMPS:
        yield f"{CLOCK}{jump}", [0, *_drawn(rng, range(1, calls.functions), _CLOCKS)]
    yield DISK, _drawn(rng, range(int(calls.grown * _MOST)), _ROOMS)
    yield f"{DISK}-step", calls.writing
    yield f"{DISK}-bare-step", calls.writing
    yield "twice", range(_PAIRS)
    yield TWO_VERSIONS, range(_PAIRS)


def _drawn(rng: random.Random, among: Sequence[int], count: int) -> list[int]:
    return rng.sample(among, min(count, len(among)))
