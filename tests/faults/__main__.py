"""Injects faults and says how many ended wrong: `make faults`.

python -m tests.faults                      every point (some hours on two cores)
python -m tests.faults --count 1000         so many of them, spread evenly
python -m tests.faults --only "kill"        those whose name has the text
python -m tests.faults --target local       without Google's services
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.points import Point
from tests.faults.suite import all_points, strike
from tests.faults.world import Services
from tests.standins.bigquery import bigquery_server
from tests.standins.gcs import gcs_server
from tests.standins.tokens import token_server, write_account


def main() -> int:
    """Run the suite; 1 if a fault ended wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--count", type=int, help="how many points; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--target", choices=["local", "both"], default="both")
    parser.add_argument("--list", action="store_true", help="only name the points")
    asked = parser.parse_args()
    started = time.monotonic()
    with _services(asked.target) as services:
        known = [p for p in all_points(asked.seed, services) if asked.only in str(p)]
        chosen = _spread(known, asked.count, asked.seed)
        if asked.list:
            _say("\n".join(map(str, chosen)))
            return 0
        _say(f"{len(known):,} points, of which {len(chosen):,} are tried")
        ended: Counter[str] = Counter()
        wrong = looks = 0
        for number, verdict in enumerate(strike(chosen, services, asked.jobs), start=1):
            ended[verdict.ended] += 1
            looks += verdict.looks
            wrong += bool(verdict.faults)
            for fault in verdict.faults:
                _say(f"WRONG {verdict.point}: {fault}")
            if number % 100 == 0:
                _say(f"{number:,} done, {wrong} wrong, {time.monotonic() - started:,.0f} s")
    words = ", ".join(f"{number:,} {word}" for word, number in sorted(ended.items()))
    _say(f"{len(chosen):,} distinct faults injected, {wrong} ended wrong")
    _say(f"the runs with a fault ended: {words}; readers looked {looks:,} times")
    return 1 if wrong else 0


def _spread(known: list[Point], count: int | None, seed: int) -> list[Point]:
    """So many of them, alike from all groups and kinds as chance has it; in their order."""
    if count is None or count >= len(known):
        return known
    picked = random.Random(seed).sample(range(len(known)), count)
    return [known[index] for index in sorted(picked)]


@contextmanager
def _services(target: str) -> Iterator[Services | None]:
    """The stand-ins, signed in to by a throw-away account."""
    if target == "local":
        yield None
        return
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as name,
        pytest.MonkeyPatch.context() as patch,
        token_server() as tokens,
    ):
        account = write_account(Path(name) / "account.json", tokens.url)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        with gcs_server(Path(name)) as gcs, bigquery_server(Path(name), gcs) as bigquery:
            yield Services(gcs, bigquery)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
