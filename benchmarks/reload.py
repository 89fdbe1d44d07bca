"""From save to visible, in a real browser that nobody touches, under `factory dev`.

Beside it stands what Dagster alone takes under plain `dagster dev`: its own reload call, made the
moment the file is saved, and the page's next look. The page asks every five seconds whether a code
location was loaded anew, and each row of a list asks for its schedule every sixteen. Both serve
projects that are alike, and are measured in turn, so that whatever else the machine does slows
both. A turn begins when both are at rest, at the same distance from the row's last look.
"""

import argparse
import json
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
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

from playwright.sync_api import Page, Playwright, Request, sync_playwright

from benchmarks.projects import REPOSITORY, spec, write_project
from factory.orchestration.reloading import Webserver
from factory.orchestration.watching import digest, saves

_FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
_FILE = "pipelines/g0/p0000.yaml"
_LONGEST = 600  # seconds
_LOOKS = 16.0  # seconds between two looks of a row of the page
_LOOK = ("SingleScheduleQuery", '"p0000"')
_LOADED = """{ locationStatusesOrError { ... on WorkspaceLocationStatusEntries {
  entries { updateTimestamp } } } }"""


@dataclass(frozen=True)
class Turn:
    """What one save took, in seconds: until the webserver has it, until the page shows it, and
    of processor until all is at rest again."""

    served: float
    visible: float
    processor: float


@dataclass(frozen=True)
class Side:
    """A project that is served, and its page."""

    root: Path
    server: Webserver
    process: int
    page: Page
    after_save: Callable[[], None]


def main() -> None:
    """Print the figures for each size."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.reload", description=__doc__)
    words.add_argument("sizes", nargs="*", type=int, default=[10, 500], help="pipelines")
    words.add_argument("--times", type=int, default=5, help="saves a size and side (default: 5)")
    asked = words.parse_args()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), size, asked.times)


def measure(folder: Path, size: int, times: int) -> None:
    """Save a changed schedule `times` times on each side, in turn, and print what it took."""
    print(f"{size} pipelines, {times} saves each, in turn; seconds: median (all)", flush=True)
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        plain = stack.enter_context(
            served(write_project(folder / "plain/project", size), ["dagster", "dev"], playwright)
        )
        ours = stack.enter_context(
            served(write_project(folder / "ours/project", size), ["factory", "dev"], playwright)
        )
        found: dict[int, list[Turn]] = {plain.process: [], ours.process: []}
        for minute in range(1, times + 1):
            distance = _LOOKS * (minute - 0.5) / times
            for side in (plain, ours) if minute % 2 else (ours, plain):
                found[side.process].append(turn(side, (plain, ours), minute, distance))
        report(found[plain.process], found[ours.process])
        for name, side in (("dagster dev", plain), ("factory dev", ours)):
            print(f"  memory of {name}: {memory(side.process)}", flush=True)
    print(f"  the factory's part, from the save to its call: {told(noticed(ours.root, times))}")


def turn(side: Side, both: Sequence[Side], minute: int, distance: float) -> Turn:
    """Save once, `distance` seconds after the row's look."""
    for each in both:
        rest(each.process, each.page)
    before, spent = loaded_at(side.server), processor(side.process)
    with side.page.expect_request(is_look, timeout=_LONGEST * 1000):
        pass
    side.page.wait_for_timeout(distance * 1000)
    served_at: list[float] = []
    watch = threading.Thread(target=lambda: served_at.append(change(side.server, before)))
    call = threading.Thread(target=side.after_save)
    saved = time.monotonic()
    (side.root / _FILE).write_text(spec(0, minute))
    for thread in (watch, call):
        thread.start()
    see(side.page, minute)
    visible = time.monotonic()
    for thread in (watch, call):
        thread.join()
    rest(side.process, side.page)
    return Turn(served_at[0] - saved, visible - saved, processor(side.process) - spent)


def report(plain: list[Turn], ours: list[Turn]) -> None:
    """The three figures of both, and by how much they differ."""
    for name in ("served", "visible", "processor"):
        one = [getattr(each, name) for each in plain]
        other = [getattr(each, name) for each in ours]
        more = [b - a for a, b in zip(one, other, strict=True)]
        print(f"  {name + ':':10} dagster dev, reload called at once {told(one)}")
        print(f"  {'':10} factory dev, nobody called        {told(other)}")
        print(f"  {'':10} difference, turn by turn          {told(more)}", flush=True)


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
    """The median, and all of them in the order of the saves."""
    each = ", ".join(f"{one:.2f}" for one in seconds)
    return f"{statistics.median(seconds):.2f} ({each})"


def see(page: Page, minute: int) -> None:
    """Wait until the schedule's row names the minute."""
    page.get_by_text(f"12:{minute:02} AM").first.wait_for(timeout=_LONGEST * 1000)


def is_look(request: Request) -> bool:
    """Whether the row asks for its schedule."""
    return all(word in (request.post_data or "") for word in _LOOK)


def change(server: Webserver, before: float) -> float:
    """When the webserver has loaded the code location anew."""
    while loaded_at(server) == before:
        time.sleep(0.1)
    return time.monotonic()


def loaded_at(server: Webserver) -> float:
    """The webserver's own note of when it loaded the code location."""
    (entry,) = asked_of(server, _LOADED)["locationStatusesOrError"]["entries"]
    return float(entry["updateTimestamp"])


def asked_of(server: Webserver, query: str) -> Any:
    """The webserver's answer to a question in GraphQL."""
    headers = {"content-type": "application/json"}
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{server.url}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=_LONGEST) as answer:
        return json.load(answer)["data"]


def rest(first: int, page: Page) -> None:
    """Wait until the family of a process takes less than a fifth of a processor."""
    end, spent = time.monotonic() + _LONGEST, -1.0
    while time.monotonic() < end:
        now = processor(first)
        if now - spent < 0.4:
            return
        spent = now
        page.wait_for_timeout(2000)


def processor(first: int) -> float:
    """Seconds of processor that a process and its family have taken, the ended ones too."""
    ticks = sum(int(ticks) for fields in family(first) for ticks in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(first: int) -> str:
    """The resident memory of each process of the family, the largest first."""
    page = os.sysconf("SC_PAGE_SIZE")
    sizes = sorted((int(fields[21]) * page for fields in family(first)), reverse=True)
    return f"{sum(sizes) / 1e6:,.0f} MB ({', '.join(f'{size / 1e6:,.0f}' for size in sizes)})"


def family(first: int) -> list[list[str]]:
    """What /proc/PID/stat says, after the name, of a process and all that descend from it."""
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(entry.parent.name)] = entry.read_text().rpartition(")")[2].split()
    members = {first}
    while more := {p for p, said in found.items() if int(said[1]) in members} - members:
        members |= more
    return [found[member] for member in members if member in found]


@contextmanager
def served(root: Path, command: list[str], playwright: Playwright) -> Iterator[Side]:
    """The project under that command, its page open where the schedules are."""
    (root / _FILE).write_text(spec(0, 0))
    with dev(root, command) as (server, process), browser(playwright, server.url) as page:
        page.goto("/automation")
        see(page, 0)
        call = partial(server.reload, "factory") if command[0] == "dagster" else lambda: None
        yield Side(root, server, process, page, call)


@contextmanager
def browser(playwright: Playwright, url: str) -> Iterator[Page]:
    """A page in a browser of its own: two in one browser are not treated alike."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium here: python -m tests.e2e.install brings it")
    started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS.split())
    page = started.new_page(viewport={"width": 1500, "height": 950}, base_url=url)
    page.set_default_timeout(_LONGEST * 1000)
    yield page
    started.close()


@contextmanager
def dev(root: Path, command: list[str]) -> Iterator[tuple[Webserver, int]]:
    """`python -m <command>` in `root` until the block ends, and its first process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also if a script put us aside
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Webserver(free.getsockname()[1])
    log = root.parent / "log"
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
        yield server, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


if __name__ == "__main__":
    main()
