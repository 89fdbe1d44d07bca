"""From save to visible, in a real browser that nobody touches, under `factory dev`.

Beside it stands what Dagster alone takes under plain `dagster dev`: its own reload call, made the
moment the file is saved, and the page's next look, up to five seconds later. What the factory
adds is the time until it makes that call: noting the save, and waiting for it to rest.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

from playwright.sync_api import Page, sync_playwright

from benchmarks.projects import REPOSITORY, spec, write_project
from factory.orchestration.reloading import Webserver
from factory.orchestration.watching import digest, saves

_FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
_FILE = "pipelines/g0/p0000.yaml"
_LONGEST = 600  # seconds


def main() -> None:
    """Print both figures for each size."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.reload", description=__doc__)
    words.add_argument("sizes", nargs="*", type=int, default=[10, 500], help="pipelines")
    words.add_argument("--times", type=int, default=3, help="saves a size (default: 3)")
    asked = words.parse_args()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(write_project(Path(folder) / "project", size), size, asked.times)


def measure(root: Path, size: int, times: int) -> None:
    """Save a changed schedule `times` times under each, and wait until the page shows it."""
    print(f"{size} pipelines", flush=True)
    with dev(root, ["dagster", "dev", "-h", "127.0.0.1"]) as server:
        alone = saved_and_seen(root, server, times, lambda: server.reload("factory"))
    print(f"  dagster dev, reload called at once: visible in {told(alone)}", flush=True)
    (root / _FILE).write_text(spec(0))
    with dev(root, ["factory", "dev"]) as server:
        ours = saved_and_seen(root, server, times, lambda: None)
    print(f"  factory dev, nobody called:         visible in {told(ours)}")
    print(f"  the factory's part, from the save to its call: {told(noticed(root, times))}")


def saved_and_seen(
    root: Path, server: Webserver, times: int, reload: Callable[[], None]
) -> list[float]:
    """Seconds from each save to the page that shows it."""
    found = []
    with browser(server.url) as page:
        page.goto("/automation")
        see(page, 0)
        for minute in range(1, times + 1):
            time.sleep(6)  # the page has looked
            saved = time.monotonic()
            (root / _FILE).write_text(spec(0, minute))
            reload()
            see(page, minute)
            found.append(time.monotonic() - saved)
    return found


def noticed(root: Path, times: int) -> list[float]:
    """Seconds from each save until it is told, when the call is made."""
    stop, heard = threading.Event(), Queue[float]()

    def listen() -> None:
        for _ in saves(root, digest(root), stop):
            heard.put(time.monotonic())

    threading.Thread(target=listen, daemon=True).start()
    found = []
    for minute in range(30, 30 + times):
        time.sleep(3)
        saved = time.monotonic()
        (root / _FILE).write_text(spec(0, minute))
        found.append(heard.get(timeout=60) - saved)
    stop.set()
    return found


def told(seconds: list[float]) -> str:
    """The median, and all of them."""
    each = ", ".join(f"{one:.1f}" for one in seconds)
    return f"{statistics.median(seconds):.1f} s ({each})"


def see(page: Page, minute: int) -> None:
    """Wait until the schedule's row names the minute."""
    words = f"12:{minute:02} AM"
    page.get_by_text(words).first.wait_for(timeout=_LONGEST * 1000)


@contextmanager
def browser(url: str) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium here: python -m tests.e2e.install brings it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS.split())
        page = started.new_page(viewport={"width": 1500, "height": 950}, base_url=url)
        page.set_default_timeout(_LONGEST * 1000)
        yield page
        started.close()


@contextmanager
def dev(root: Path, command: list[str]) -> Iterator[Webserver]:
    """`python -m <command>` in `root` until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Webserver(free.getsockname()[1])
    log = root.parent / f"{command[0]}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(server.port)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + _LONGEST
        while not server.is_up():
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"it did not start\n{log.read_text()}")
            time.sleep(0.5)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


if __name__ == "__main__":
    main()
