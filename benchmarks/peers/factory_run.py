"""The factory as a user starts it: `factory run`, with Dagster, in a fresh project."""

import os
import sys
from pathlib import Path

from benchmarks.peers.project import write_project

root = write_project(Path(sys.argv[1]), Path(sys.argv[2]))
os.chdir(root)
os.execv(sys.executable, [sys.executable, "-m", "factory", "run", "bench", "--target", "local"])
