"""A few of the texts that `python -m tests.spec.fuzz` judges in the large."""

import os
import subprocess
import sys

from tests.cli.conftest import ROOT
from tests.spec.mutations import wild_text


def test_wild_texts_give_a_spec_or_problems_soon_and_in_little_memory() -> None:
    """In a process of its own, whose memory and time are the checker's alone: no coverage."""
    command = [sys.executable, "-m", "tests.spec.fuzz", "--count", "500", "--seed", "20261122"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "500 texts: " in done.stdout
    assert " 0 gave specs" not in done.stdout


def test_a_text_has_a_number_and_stays_the_same() -> None:
    assert wild_text(1, 17) == wild_text(1, 17)
    assert len({wild_text(1, number) for number in range(100)}) > 80  # some stay short
