"""Judges very many mistyped texts: each gives a spec or problems, soon, and in little memory.

    python -m tests.spec.fuzz --count 200000 --seed 1 --jobs 2
    python -m tests.spec.fuzz --seed 1 --only 4711        # one text again, its cost and traceback

Text number n of a seed is always the same one. Times are of the processor, so that a busy machine
does not fail it; memory is the most that a worker ever held, the interpreter included.
"""

import argparse
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import process_time
from types import FrameType

from factory.spec.project import Project, parse_project
from tests.spec.cases import ENV, good_texts
from tests.spec.holding import FORMATS, Format, hold
from tests.spec.mutations import wild_text

SECONDS = 2.0
MEGABYTES = 200
_PORTION = 250  # texts between two reports of a worker


@dataclass
class Outcome:
    """What became of some texts."""

    counts: Counter[str] = field(default_factory=Counter)  # "specs", "problems"
    codes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    megabytes: float = 0.0

    def add(self, other: "Outcome") -> None:
        self.counts += other.counts
        self.codes += other.codes
        self.failures += other.failures
        self.slowest = max(self.slowest, other.slowest)
        self.megabytes = max(self.megabytes, other.megabytes)

    def __str__(self) -> str:
        seconds, number = self.slowest
        return (
            f"{self.counts.total():,} texts: {self.counts['specs']:,} gave specs, "
            f"{self.counts['problems']:,} problems of {len(self.codes)} codes, "
            f"{len(self.failures):,} failures; slowest {seconds:.2f} s (text {number}), "
            f"most memory {self.megabytes:.0f} MB"
        )


class TooSlow(BaseException):
    """The time is up. No rule may catch it."""


def judge_many(seed: int, numbers: Sequence[int]) -> Outcome:
    """Judge these texts in this process, one by one."""
    outcome = Outcome()
    for number in numbers:
        _judge(seed, number, outcome)
    return outcome


def project_of(seed: int, number: int) -> dict[str, str]:
    """The files of one trial: the text as a pipeline, as the project file or as defaults."""
    text = wild_text(seed, number)
    if number % 8 == 6:
        return {"factory.yaml": text, "pipelines/a/b.yaml": good_texts()["smallest"]}
    if number % 8 == 7:
        return {"pipelines/a/_defaults.yaml": text, "pipelines/a/b.yaml": good_texts()["smallest"]}
    return {"pipelines/covid.yaml": text}


def _judge(seed: int, number: int, outcome: Outcome) -> None:
    files = project_of(seed, number)
    start = process_time()
    try:
        project = _in_time(files, FORMATS[number % len(FORMATS)])
    except (Exception, TooSlow) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        outcome.counts["failures"] += 1
        place = f"{last.filename}:{last.lineno}"
        outcome.failures.append(f"text {number}: {type(error).__name__}: {error} at {place}"[:500])
    else:
        outcome.counts["specs" if project.ok else "problems"] += 1
        outcome.codes.update({problem.code for problem in project.problems})
    seconds, megabytes = process_time() - start, _most_memory()
    outcome.slowest = max(outcome.slowest, (seconds, number))
    if seconds > SECONDS:
        outcome.failures.append(f"text {number}: took {seconds:.2f} s")
    if megabytes > MEGABYTES >= outcome.megabytes:
        outcome.failures.append(f"text {number}: {megabytes:.0f} MB were held")
    outcome.megabytes = megabytes


def _in_time(files: dict[str, str], shown: Format) -> Project:
    """As a command has to: read the files and print the problems, as text and in one more format.

    Interrupted at twice the time; what cannot be interrupted is found out afterwards.
    """
    signal.signal(signal.SIGPROF, _time_is_up)
    signal.setitimer(signal.ITIMER_PROF, 2 * SECONDS)
    try:
        project = parse_project("/project", files, ENV)
        hold(project, [shown])
        return project
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _time_is_up(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {2 * SECONDS:g} s")


def _most_memory() -> float:
    """In MB; Linux counts KiB and macOS bytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1e6 if sys.platform == "darwin" else 1e3)


def _portions(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, _PORTION):
        yield range(start, min(start + _PORTION, first + count))


def _fuzz(seed: int, first: int, count: int, jobs: int) -> Outcome:
    outcome = Outcome()
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(partial(judge_many, seed), _portions(first, count)):
            for failure in part.failures:
                _say(failure)
            outcome.add(part)
            if outcome.counts.total() % (40 * _PORTION) == 0:
                _say(outcome)
    return outcome


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> int:
    """The exit code is 1 if a text failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", type=int, help="judge this text here, and print it")
    given = parser.parse_args()
    if given.only is not None:
        _say(repr(wild_text(given.seed, given.only)[:5_000]))
        start = process_time()
        hold(parse_project("/project", project_of(given.seed, given.only), ENV))
        _say(f"{process_time() - start:.2f} s, {_most_memory():.0f} MB")
        return 0
    outcome = _fuzz(given.seed, given.first, given.count, given.jobs)
    _say(f"seed {given.seed}: {outcome}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
