"""A thousand specs, ten of them broken: what `factory check` takes, and what Dagster shows.

With `--ui` the figures of Dagster are those that a person reads in its pages.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.projects import REPOSITORY, write_project
from factory.orchestration.build import build_definitions
from factory.orchestration.state import judge


def main() -> None:
    """Print the figures."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    words.add_argument("--count", type=int, default=1000, help="pipelines (default: 1000)")
    words.add_argument("--broken", type=int, default=10, help="of them broken (default: 10)")
    words.add_argument("--check-only", action="store_true", help="leave Dagster out")
    words.add_argument("--ui", action="store_true", help="read Dagster's pages in a browser")
    words.add_argument("--pictures", type=Path, help="a folder for pictures of the pages")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = write_project(Path(folder) / "project", asked.count, asked.broken)
        for _ in range(2):  # the first time may write compiled modules
            files, seconds = check(root)
        print(
            f"{asked.count:,} specs: factory check names {files} broken files,"
            f" {seconds:.2f} s of CPU"
        )
        if asked.ui:
            in_the_browser(root, asked.pictures)
        elif not asked.check_only:
            started = time.process_time()
            jobs, failing = dagster_shows(root)
            spent = time.process_time() - started
            print(
                f"Dagster: {jobs:,} jobs, {failing} failing checks; loaded in {spent:.1f} s of CPU"
            )


def check(root: Path) -> tuple[int, float]:
    """Broken files that `factory check` names, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "factory", "check", "--format", "json"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return len({each["file"] for each in told if each["severity"] == "error"}), seconds


def in_the_browser(root: Path, pictures: Path | None) -> None:
    """Serve the project by `factory dev`, and print what its pages show."""
    from playwright.sync_api import sync_playwright

    from benchmarks.reload import browser, dev
    from benchmarks.shown import read_pages

    with (
        dev(root, ["factory", "dev"]) as (server, _),
        sync_playwright() as playwright,
        browser(playwright, server.url) as page,
    ):
        print(f"in the browser: {read_pages(page, pictures)}", flush=True)


def dagster_shows(root: Path) -> tuple[int, int]:
    """Pipelines with a job that can run, and failing checks of broken files."""
    state = judge(root, os.environ)
    repository = build_definitions(state, state.factory.target(None)).get_repository_def()
    stubs = {broken.name for broken in state.broken}
    jobs = [
        j for j in repository.get_all_jobs() if not j.name.startswith("__") and j.name not in stubs
    ]
    checks = [
        key
        for key in repository.asset_graph.asset_check_keys
        if key.asset_key.path == ["pipeline_specs"]
    ]
    return len(jobs), len(checks)


if __name__ == "__main__":
    main()
