"""Hundreds of runs in one process, of changing and unchanged versions: nothing may grow.

python -m tests.faults.soak --runs 500
"""

import argparse
import gc
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.growth import Sample, compared, growth, median
from tests.faults.steps import run_here
from tests.faults.world import World, new_world


def soak(folder: Path, runs: int, seed: int) -> list[Sample]:
    """So many runs, about half of them of a new version; the rows are right after each.

    The environment is the world's from here on: for a process of its own.
    """
    rng = random.Random(seed)
    samples = []
    with new_world(folder, "local", "replace", None) as world:
        os.environ.update(world.env)
        tempfile.tempdir = None  # to be asked for again
        world.publish()
        for _ in range(runs):
            loads = rng.random() < 0.5
            if loads:
                world.publish()
            samples.append(_one(world, loads=loads))
            if world.rows() != world.expected([world.versions]):
                raise AssertionError(f"version {world.versions}: the rows are other ones")
    return samples


def _one(world: World, *, loads: bool) -> Sample:
    started = time.process_time()
    run_here(world.project, world.target)
    seconds = time.process_time() - started
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    files = [*world.project.rglob("*"), *world.scratch.rglob("*")]
    return Sample(
        seconds,
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a count of what is open now
        sum(path.stat().st_size for path in files if path.is_file()),
        loads,
    )


def main() -> int:
    """Run, and say what grew; 1 if something did."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        samples = soak(Path(folder), asked.runs, asked.seed)
    for when, some in zip(("first, once warm", "last"), compared(samples), strict=True):
        sys.stdout.write(
            f"{len(some)} runs, {when}: {median(some, 'seconds'):.2f} s of processor a load, "
            f"{median(some, 'megabytes'):.0f} MB, {max(s.descriptors for s in some)} descriptors, "
            f"{median(some, 'disk') / 1e6:.1f} MB on the disk\n"
        )
    grown = growth(samples)
    sys.stdout.write("".join(f"GREW: {line}\n" for line in grown))
    sys.stdout.write(f"{asked.runs} runs, every row right; {len(grown) or 'nothing'} grew\n")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
