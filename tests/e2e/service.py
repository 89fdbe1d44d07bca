"""A factory as it runs as a service: a code server, and a daemon that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Service:
    """Processes on the project in `root`; Dagster's home is `home`."""

    root: Path
    home: Path
    port: int
    _output: IO[str]
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`python -m …` in the project."""
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "DAGSTER_HOME": str(self.home)},
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def start_daemon(self) -> subprocess.Popen[bytes]:
        return self.start("dagster._daemon", "run", "-w", str(self.home / "workspace.yaml"))

    def wait_for(self, look: Callable[[], object], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not look():
            if time.monotonic() > end:
                log = (self.home / "log").read_text()[-6000:]
                raise AssertionError(f"no {what} within {seconds} s\n{log}")
            time.sleep(0.2)

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


@contextmanager
def service(root: Path, home: Path) -> Iterator[Service]:
    """A code server on the project; the daemon is started by the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.mkdir()
    (home / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    (home / "workspace.yaml").write_text(
        f"load_from: [{{grpc_server: {{host: 127.0.0.1, port: {port}, location_name: factory}}}}]\n"
    )
    with (home / "log").open("w") as output:
        running = Service(root, home, port, output)
        try:
            running.start(
                "dagster", "api", "grpc", "-h", "127.0.0.1", "-p", str(port),
                "-m", "factory.definitions", "--location-name", "factory",
            )  # fmt: skip
            running.wait_for(lambda: _listens(port), 90, "code server")
            yield running
        finally:
            running.end()


def _listens(port: int) -> bool:
    with socket.socket() as there:
        return there.connect_ex(("127.0.0.1", port)) == 0
