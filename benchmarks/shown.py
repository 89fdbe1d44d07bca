"""Very many specs, some of them broken, in Dagster's UI: what a browser shows of them."""

import argparse
import signal
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.projects import write_project
from benchmarks.reload import asked_of, browser, dev, memory, rest

_JOBS = """{ repositoryOrError(repositorySelector: {
  repositoryName: "__repository__", repositoryLocationName: "factory"
}) { ... on Repository { jobs { name description } } } }"""


def main() -> None:
    """Print the figures, and keep the page as a picture if asked."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.shown", description=__doc__)
    words.add_argument("--count", type=int, default=1000, help="pipelines (default: 1000)")
    words.add_argument("--broken", type=int, default=10, help="of them broken (default: 10)")
    words.add_argument("--picture", type=Path, help="where to put a picture of the page")
    asked = words.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also if a script put us aside
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = write_project(Path(folder) / "project", asked.count, asked.broken)
        started = time.monotonic()
        print(f"{asked.count:,} specs, {asked.broken} broken, under dagster dev", flush=True)
        with (
            dev(root, ["dagster", "dev"]) as (server, process),
            browser(playwright, server.url) as page,
        ):
            print(f"  served after {time.monotonic() - started:.0f} s", flush=True)
            print(f"  failing checks on the page of pipeline_specs: {failing(page, asked.broken)}")
            if asked.picture:
                page.screenshot(path=asked.picture)
            jobs = asked_of(server, _JOBS)["repositoryOrError"]["jobs"]
            mine = [job for job in jobs if not job["name"].startswith("__")]
            stubs = [job for job in mine if (job["description"] or "").startswith("Cannot run")]
            print(f"  pipelines that can run: {len(mine) - len(stubs)}; that cannot: {len(stubs)}")
            rest(process, page)
            print(f"  memory at rest: {memory(process)}")


def failing(page: Page, expected: int) -> int:
    """Checks that the page shows as failed, once there are as many as expected."""
    page.goto("/assets/pipeline_specs?view=checks")
    names = page.get_by_text("pipelines_g", exact=False)
    names.nth(expected - 1).wait_for()
    page.get_by_text("Failed", exact=True).first.wait_for()
    return names.count()


if __name__ == "__main__":
    main()
