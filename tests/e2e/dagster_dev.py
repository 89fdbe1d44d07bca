"""A real `dagster dev` on a project of its own, and questions to its webserver."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

REPOSITORY = Path(__file__).parents[2]
Found = TypeVar("Found")
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?: .*\n)*.*")
# of a sensor that Dagster's pool of threads comes to when its workspace is closed already
_AT_THE_END = "DagsterCodeLocationNotFoundError: Location factory does not exist in workspace"

FACTORY = """\
version: 1
default_target: local
http: {allow_private: [127.0.0.0/8]}
targets:
  local:
    bucket: {type: local, path: .factory/buckets}
    warehouse: {type: duckdb, path: .factory/warehouse.duckdb}
"""

PEOPLE = """\
description: People and their ages.
source: {file: incoming/people.csv}
bucket: people-bucket
table: registry.people
columns:
  - {name: Name, type: STRING}
  - {name: Age, type: INT64, nullable: false, min: 0, max: 125, description: Age in years}
schedule: "* * * * *"
"""


def tracebacks(log: str) -> list[str]:
    """Those in the log of a `dagster dev`, but for one that is Dagster's own when it ends."""
    return [found for found in _TRACEBACK.findall(log) if not found.endswith(_AT_THE_END)]


def make_project(root: Path) -> Path:
    """A project with one pipeline that is due every minute, and this repository's settings."""
    files = {
        "factory.yaml": FACTORY,
        "pipelines/people.yaml": PEOPLE,
        "incoming/people.csv": "Name,Age\nAnn,30\nEve,41\n",
        "workspace.yaml": (REPOSITORY / "workspace.yaml").read_text(),
        "dagster.yaml": (REPOSITORY / "dagster.yaml").read_text(),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@dataclass(frozen=True)
class Dev:
    """A running `dagster dev`."""

    root: Path
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, query: str) -> Any:
        body = json.dumps({"query": query}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/graphql", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def reload(self) -> None:
        """What the button "Reload definitions" does."""
        answer = self.ask(
            'mutation { reloadRepositoryLocation(repositoryLocationName: "factory")'
            " { __typename ... on WorkspaceLocationEntry { loadStatus } } }"
        )
        assert answer["reloadRepositoryLocation"]["loadStatus"] == "LOADED", answer

    def wait_for(self, look: Callable[[], Found | None], seconds: float, what: str) -> Found:
        """What `look` finds, asked twice a second. Fails with the log of the processes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.5)
        raise AssertionError(f"no {what} within {seconds} s\n{self.log.read_text()[-6000:]}")


@contextmanager
def dagster_dev(root: Path, **env: str) -> Iterator[Dev]:
    """`dagster dev` in `root` until the block ends. Signals reach it: it is no shell's job."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = root.parent / "dagster-dev.log"
    kept = {k: v for k, v in os.environ.items() if k not in {"DAGSTER_HOME", "FACTORY_TARGET"}}
    command = [sys.executable, "-m", "dagster", "dev", "-h", "127.0.0.1", "-p", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=root,
            env={**kept, "PYTHONPATH": str(REPOSITORY), **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    dev = Dev(root, port, log)
    try:
        dev.wait_for(lambda: _answers(dev, process), 90, "webserver")
        yield dev
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _answers(dev: Dev, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"dagster dev ended\n{dev.log.read_text()[-6000:]}")
    try:
        return bool(dev.ask("{ version }"))
    except OSError:
        return False
