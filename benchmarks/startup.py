"""What a command costs that has nothing to do, in CPU: `factory check` of the pipelines here, and
`factory run` of an unchanged source beyond `import dagster`, by turns."""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.data.inputs import SHAPES, made
from benchmarks.data.measure import Usage, environment, measured
from benchmarks.data.peers import FOLDER as SCRIPTS
from benchmarks.peers.project import write_project

REPOSITORY = SCRIPTS.parents[1]
GOAL = 1.5  # seconds of CPU
CHECK_GOAL = 0.3  # it runs before every commit


def main() -> None:
    """Print the figures."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    words.add_argument("--times", type=int, default=5, help="rounds (default: 5)")
    times = words.parse_args().times
    with tempfile.TemporaryDirectory(prefix="bench-startup-") as name:
        folder = write_project(made(SHAPES["covid-100k"], 1000).archive, Path(name))
        run = [sys.executable, "-m", "factory", "run", "bench"]
        _took(run, folder)  # loads the rows; from now on they are unchanged
        more, checks = [], []
        for number in range(1, times + 1):
            bare = _took([sys.executable, "-c", "import dagster"], folder)
            whole = _took(run, folder)
            more.append(whole.cpu - bare.cpu)
            checks.append(_took([sys.executable, "-m", "factory", "check"], REPOSITORY).cpu)
            print(
                f"{number}: import dagster {bare.cpu:.2f} s, factory run {whole.cpu:.2f} s of CPU"
            )
    print(f"factory check takes {median(checks):.2f} s of CPU (goal: less than {CHECK_GOAL} s)")
    print(f"factory run takes {median(more):.2f} s more (goal: less than {GOAL} s)")


def _took(command: list[str], folder: Path) -> Usage:
    usage = measured(command, folder, environment(REPOSITORY))
    if usage.code != 0:
        raise SystemExit(usage.said)
    return usage


if __name__ == "__main__":
    main()
