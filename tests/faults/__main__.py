"""Injects faults and says how many ended wrong: `make faults`.

python -m tests.faults                      every point (some hours on two cores)
python -m tests.faults --count 1200         so many of them, a sixth in the cloud
python -m tests.faults --only "kill"        those whose name has the text
python -m tests.faults --target local       without Google's services
python -m tests.faults --list > all.txt     names them, for parts of it: --names part.txt
"""

import argparse
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.points import Point, spread
from tests.faults.suite import all_points, strike
from tests.faults.trial import Verdict
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
    parser.add_argument("--minutes", type=float, help="begin no more after so long")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--target", choices=["local", "both"], default="both")
    parser.add_argument("--names", type=Path, help="a file of points, as --list prints them")
    parser.add_argument("--list", action="store_true", help="only name the points")
    asked = parser.parse_args()
    started = time.monotonic()
    with _services(asked.target) as services:
        known = _named(asked.names) or all_points(asked.seed, services)
        known = [point for point in known if asked.only in str(point)]
        rng = random.Random(asked.seed)
        chosen = spread(known, asked.count, rng) if asked.count else known
        if asked.list:
            _say("\n".join(map(str, chosen)))
            return 0
        _say(f"{len(known):,} points, of which {len(chosen):,} are tried")
        tally = Tally()
        last = started + 60 * asked.minutes if asked.minutes else math.inf
        for verdict in strike(chosen, services, asked.jobs):
            tally.add(verdict)
            if tally.tried % 50 == 0:
                _say(f"{tally.tried:,} done, {tally.wrong} wrong after {_since(started)}")
            if time.monotonic() > last:
                break
    _say(f"{tally}\nin {_since(started)}")
    return 1 if tally.wrong else 0


def _named(names: Path | None) -> list[Point]:
    return [Point.parse(name) for name in names.read_text().splitlines()] if names else []


def _since(started: float) -> str:
    return f"{(time.monotonic() - started) / 60:,.0f} minutes"


@dataclass
class Tally:
    """What was tried, and how it ended."""

    tried: int = 0
    wrong: int = 0
    looks: int = 0
    megabytes: float = 0.0
    missed: list[Point] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Count it, and say at once what is wrong with it."""
        self.tried += 1
        self.wrong += bool(verdict.faults)
        self.looks += verdict.looks
        self.megabytes = max(self.megabytes, verdict.megabytes)
        if verdict.struck:
            self.ended[verdict.ended] += 1
            self.kinds[f"{verdict.point.target}, {verdict.point.place}"] += 1
        else:
            self.missed.append(verdict.point)
        for fault in verdict.faults:
            _say(f"WRONG {verdict.point}: {fault}")

    def __str__(self) -> str:
        return (
            f"{self.tried - len(self.missed):,} distinct faults struck of {self.tried:,} drawn, "
            f"{self.wrong} ended wrong\n"
            f"{self._not_struck()}"
            f"where: {_listed(self.kinds)}\n"
            f"the runs with a fault ended: {_listed(self.ended)}\n"
            f"readers looked {self.looks:,} times; a run took at most {self.megabytes:.0f} MB"
        )

    def _not_struck(self) -> str:
        """Those by which no run came, or came too late: they prove nothing."""
        named = "".join(f"  {point}\n" for point in self.missed)
        return f"these did not strike:\n{named}" if named else ""


def _listed(counted: Counter[str]) -> str:
    return "; ".join(f"{number:,} {word}" for word, number in sorted(counted.items()))


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
            yield Services(gcs, bigquery, tokens.url)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
