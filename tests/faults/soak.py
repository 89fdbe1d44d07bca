"""Hundreds of runs in one process, of changing and unchanged versions: nothing may grow.

python -m tests.faults.soak --runs 500
"""

import argparse
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import child
from tests.faults.world import World, new_world

_WARM = 5  # the part of the runs, one in so many, that fills caches first
_MORE_MEMORY = 1.10
_MORE_DISK = 1.25
_MORE_TIME = 1.5  # the machine has other things to do


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process and the project took after a run."""

    seconds: float
    megabytes: float
    descriptors: int
    disk: int  # bytes of the project, the ledger and Dagster's history left out


def soak(folder: Path, runs: int, seed: int) -> list[Sample]:
    """So many runs, about half of them of a new version; the rows are right after each."""
    rng = random.Random(seed)
    samples = []
    with new_world(folder, "local", "replace", None) as world, _environment(world.env):
        world.publish()
        for _ in range(runs):
            if rng.random() < 0.5:
                world.publish()
            samples.append(_one(world))
            if world.rows() != world.expected([world.versions]):
                raise AssertionError(f"version {world.versions}: the rows are other ones")
    return samples


def growth(samples: Sequence[Sample]) -> list[str]:
    """What grew from the first runs, once warm, to the last ones; empty if nothing did."""
    part = max(1, len(samples) // _WARM)
    early, late = samples[part : 2 * part], samples[-part:]
    found = []
    for name, most in (("seconds", _MORE_TIME), ("megabytes", _MORE_MEMORY), ("disk", _MORE_DISK)):
        before = statistics.median(getattr(sample, name) for sample in early)
        after = statistics.median(getattr(sample, name) for sample in late)
        if after > before * most:
            found.append(f"{name} grew from {before:,.2f} to {after:,.2f}")
    if max(s.descriptors for s in late) > max(s.descriptors for s in early):
        found.append("more file descriptors are open")
    return found


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables for the time; a folder for temporary files goes with its world."""
    before = dict(os.environ)
    os.environ.update(variables)
    tempfile.tempdir = None  # to be asked for again
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        tempfile.tempdir = None


def _one(world: World) -> Sample:
    started = time.process_time()
    child.run_here(world.project, world.target)
    seconds = time.process_time() - started
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Sample(
        seconds,
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a count of what is open now
        sum(path.stat().st_size for path in world.project.rglob("*") if path.is_file()),
    )


def main() -> int:
    """Run, and say what grew; 1 if something did."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        samples = soak(Path(folder), asked.runs, asked.seed)
    part = max(1, len(samples) // _WARM)
    for when, some in (("first", samples[part : 2 * part]), ("last", samples[-part:])):
        middle = some[len(some) // 2]
        sys.stdout.write(
            f"{when} {part} runs: {statistics.median(s.seconds for s in some):.2f} s of processor"
            f" a run, {middle.megabytes:.0f} MB, {middle.descriptors} descriptors,"
            f" {middle.disk / 1e6:.1f} MB on the disk\n"
        )
    grown = growth(samples)
    sys.stdout.write("".join(f"GREW: {line}\n" for line in grown) or "nothing grew\n")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
