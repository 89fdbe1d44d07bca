"""Runs trials several at a time and gives their outcomes in order."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from factory.trials.cases import Case
from factory.trials.outcomes import Outcome
from factory.workers import overlapped


def run_trials(root: Path, cases: Sequence[Case], *, rows: int, jobs: int) -> Iterator[Outcome]:
    """The outcome of each case, in their order, as soon as it and those before it are there.

    `root` is where paths of test files begin, `rows` how many are made up a table. Threads are
    enough: nearly all the time goes into DuckDB, which lets other threads run.
    """
    yield from overlapped(cases, partial(_try, root, rows), jobs, len(cases))


def _try(root: Path, rows: int, case: Case) -> Outcome:
    started = time.monotonic()
    if case.test is None:
        from factory.trials.synthetic import try_synthetic

        outcome = try_synthetic(case, rows)
    else:
        from factory.trials.fixtures import try_fixture

        outcome = try_fixture(case, case.test, root)
    return replace(outcome, seconds=time.monotonic() - started)
