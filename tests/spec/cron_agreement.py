"""Whether our reading of cron is Dagster's, on many generated expressions.

    python -m tests.spec.cron_agreement --count 10000 --seed 1

Of each expression the verdict is compared, and of those that both take the next runs from shortly
before the days on which clocks change, in five time zones.
"""

import argparse
import random
import sys
import warnings
from calendar import isleap
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dagster import ScheduleDefinition, job
from dagster._core.errors import DagsterInvalidDefinitionError
from dagster._utils.schedules import schedule_execution_time_iterator
from dagster_shared.check import CheckError

from factory.spec.cron import next_runs
from factory.spec.cron_fields import ALIASES, FIELDS, Cron, Mistake, parse_cron

ZONES = ("UTC", "Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Australia/Sydney")

# What Dagster takes and we do not, with the words by which we say so.
STRICTER = ("is every", "takes no step", "a step in", "starts at the end", "lists *",
            "must be * where", "is random", "must be 1-31", "must be 1-12")  # fmt: skip
# Two days before clocks change, in spring and autumn, on both sides of the equator.
BEFORE = (datetime(2026, 3, 6), datetime(2026, 3, 27), datetime(2026, 4, 3), datetime(2026, 10, 2),
          datetime(2026, 10, 23), datetime(2026, 10, 30))  # fmt: skip
_RUNS = 4
_NAMES = ("sun", "MON", "fri", "sat", "jan", "Feb", "dec", "l", "L", "l5", "5#2", "mon#1", "?", "r")


@job
def _job() -> None: ...


def dagster_takes(cron: str) -> bool:
    """Whether Dagster makes a schedule of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ScheduleDefinition(job=_job, cron_schedule=cron)
    except DagsterInvalidDefinitionError:
        return False
    return True


def ticks(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """When Dagster runs it, after that minute."""
    start = (after + timedelta(seconds=1)).timestamp()
    return schedule_execution_time_iterator(start, cron, zone)


def generated(rng: random.Random) -> str:
    """Mostly right, as people write it; some with a mistake, some nothing at all."""
    chance = rng.random()
    if chance < 0.03:
        return rng.choice(list(ALIASES))
    if chance < 0.08:
        return "".join(rng.choices("0123456789*/,-# LlRh@?adilymon", k=rng.randint(0, 14)))
    fields = [_field(rng, field.low, field.high) for field in FIELDS]
    if chance < 0.5:  # as most schedules are: one time a day, at night
        fields[:2] = [str(rng.choice((0, 15, 30, 59))), str(rng.randint(0, 4))]
    if chance > 0.9:
        fields[rng.randrange(5)] = rng.choice(_NAMES)
    if chance > 0.97:
        fields = fields[: rng.randint(1, 4)] + fields[: rng.randint(0, 4)]
    return " ".join(fields)


def _field(rng: random.Random, low: int, high: int) -> str:
    def number() -> int:
        return rng.randint(low, high + (rng.random() < 0.03))

    chance = rng.random()
    if chance < 0.4:
        return "*"
    if chance < 0.6:
        return str(number())
    if chance < 0.7:
        return f"*/{rng.randint(1, (high - low) // 2 + 1)}"
    if chance < 0.8:
        return f"{number()}-{number()}"
    if chance < 0.87:
        return f"{number()}-{number()}/{rng.randint(1, 5)}"
    return f"{number()},{number()}"


def verdict(cron: str) -> str:
    """`agree`, `stricter` (and we say why), or `disagree`."""
    ours, theirs = parse_cron(cron), dagster_takes(cron)
    if isinstance(ours, Cron):
        return "agree" if theirs or not ours.reachable else "disagree"
    if not theirs:
        return "agree"
    said = isinstance(ours, Mistake) and any(words in ours.message for words in STRICTER)
    return "stricter" if said else "disagree"


def other_runs(cron: str, zone: str, after: datetime) -> str:
    """Empty if our next runs are Dagster's, else both."""
    parsed = parse_cron(cron)
    if not isinstance(parsed, Cron) or not parsed.reachable:
        return ""
    after = after.replace(tzinfo=UTC)
    ours = [run.timestamp() for run in next_runs(cron, zone, after, _RUNS)]
    try:
        theirs = [run.timestamp() for run in islice(ticks(cron, zone, after), _RUNS)]
    except CheckError:
        if dagster_fails(parsed, after.astimezone(ZoneInfo(zone))):
            return ""
        raise
    return "" if ours == theirs else f"{cron!r} in {zone} after {after}: {ours}, Dagster {theirs}"


def dagster_fails(cron: Cron, after: datetime) -> bool:
    """Dagster 1.13.27 looks for the run before, and takes February for 28 days then: in March of a
    leap year its invariant fails for a cron of the 29th, until the first run of the month."""
    return after.month == 3 and isleap(after.year) and 29 in cron.days


def compare(seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """How often each verdict came, and where the two differ."""
    rng = random.Random(seed)
    verdicts: Counter[str] = Counter()
    differences = []
    for number in range(count):
        cron = generated(rng)
        found = verdict(cron)
        verdicts[found] += 1
        differences += [f"{cron!r}: we say {parse_cron(cron)}"] if found == "disagree" else []
        zone, before = ZONES[number % len(ZONES)], rng.choice(BEFORE)
        differences += filter(None, [other_runs(cron, zone, before)])
    return verdicts, differences


def main() -> int:
    """The exit code is 1 if the two differ anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    verdicts, differences = compare(given.seed, given.count)
    for line in differences:
        sys.stdout.write(f"{line}\n")
    said = ", ".join(f"{number:,} {name}" for name, number in sorted(verdicts.items()))
    sys.stdout.write(f"{given.count:,} expressions: {said}; {len(differences)} differences\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
