"""The benchmark runs: our own peers, on a small input, end with the table that the file holds."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_our_own_peers_end_with_the_right_table() -> None:
    words = ["trap-decimal", "--rows", "3000", "--times", "1", "--peers", "factory run"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.data", *words],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ended = [line for line in done.stdout.splitlines() if line.startswith("  round 1: ")]
    assert [line.split()[-1] for line in ended] == ["right", "right"], done.stdout
