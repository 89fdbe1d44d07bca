"""Servers that all workers of one test session share: the first starts one, the last stops it."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

# ends the server when the session's process is gone, however it went
_WATCH = """
"$@" & server=$!
trap 'kill $server; exit' TERM INT
while kill -0 "$SESSION" 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 1; done
kill $server 2>/dev/null
"""

_started: list[subprocess.Popen[bytes]] = []  # they outlive the call; the watch ends them


@contextmanager
def shared_server(
    folder: Path, name: str, command: Callable[[int], Sequence[str]], ready: str,
    env: Mapping[str, str] | None = None, first: Callable[[str], None] | None = None,
) -> Iterator[str]:  # fmt: skip
    """The URL of the session's server `name`, whose state and log are in `folder`.

    `command` gives the command for a port; `ready` is the path that answers 200 when it is up.
    `first` is done with its URL before anybody else gets that.
    """
    state = folder / f"{name}.json"
    with _locked(state):
        seen = json.loads(state.read_text()) if state.exists() else {"users": 0}
        if not seen["users"]:
            seen = _start(folder / f"{name}.log", command, ready, env or {})
            if first is not None:
                first(str(seen["url"]))
        seen["users"] += 1
        state.write_text(json.dumps(seen))
    try:
        yield seen["url"]
    finally:
        with _locked(state):
            seen = json.loads(state.read_text())
            seen["users"] -= 1
            state.write_text(json.dumps(seen))
            if not seen["users"]:
                os.kill(seen["pid"], signal.SIGTERM)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(
    log: Path, command: Callable[[int], Sequence[str]], ready: str, env: Mapping[str, str]
) -> dict[str, object]:
    port = free_port()
    session = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with log.open("w") as output:
        process = subprocess.Popen(
            ["sh", "-c", _WATCH, "sh", *command(port)],
            env={**os.environ, **env, "SESSION": str(session)},
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    _started.append(process)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while not _answers(url + ready):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{command(port)[0]} did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)
    return {"url": url, "pid": process.pid, "users": 0}


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    with state.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
