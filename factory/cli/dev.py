"""`factory dev`: `dagster dev`, and the page follows what is saved."""

import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from factory.cli import times, words
from factory.cli.exits import Exit, Stop
from factory.cli.project import choose_target, open_project
from factory.cli.saved import change_lines
from factory.cli.terminal import paint, problem_line, wants_color, write_lines
from factory.errors import FactoryError, Permanent
from factory.orchestration.dagster_dev import location_name, run_dagster_dev
from factory.orchestration.reloading import Webserver
from factory.orchestration.state import State, look
from factory.orchestration.watching import digest, saves
from factory.spec.files import PROJECT_FILE

_PORT = 3000
_BROKEN = "/assets/pipeline_specs?view=checks"  # the page with every broken file and its message
_LOOK = 0.3  # seconds between two looks whether the webserver is up


def dev(target_name: str | None, port: int | None) -> int:
    """Serve the project until Ctrl-C, and load it anew after each save. Returns the exit code
    of `dagster dev`."""
    root, _ = open_project(target=target_name)
    seen = digest(root)
    state = _state(root, target_name)
    target = choose_target(state.factory, target_name)
    env = {**os.environ, "FACTORY_TARGET": target.name}
    stop = threading.Event()
    server = Webserver(_free_port() if port is None else _require_free(port))
    follower = Follower(root, env, server, stop, state)
    write_lines(sys.stdout, (f"{broken.message}\n" for broken in state.broken))
    follower.say(f"starting dagster dev on {server.url}, target {target.name}")
    thread = threading.Thread(target=follower.follow, args=(seen,), daemon=True)
    thread.start()
    code = run_dagster_dev(root, server.port, env, stop)
    thread.join(timeout=5)
    return code


@dataclass
class Follower:
    """Loads the code location anew after each save; one at a time. `state` is what is served."""

    root: Path
    env: Mapping[str, str]
    server: Webserver
    stop: threading.Event
    state: State

    def follow(self, seen: str) -> None:
        """Until `stop` is set. `seen` is the digest of what `dagster dev` started with."""
        while not self.server.is_up():
            if self.stop.wait(_LOOK):
                return
        served = words.count(len(self.state.specs), "pipeline")
        self.say(f"{self.server.url} serves {served}; watching {self._watched()}")
        if self.state.broken:
            files = words.count(len(self.state.broken), "broken file")
            self.say(f"{files}: {self.server.url}{_BROKEN}")
        for _ in saves(self.root, seen, self.stop):
            try:
                self._take()
            except FactoryError as error:
                self._unless_stopping(error.message)
            except Exception as error:  # a fault of ours must not end the watching
                self._unless_stopping(f"{type(error).__name__}: {error}")

    def _take(self) -> None:
        """Bring one save to the page. What the checker says does not wait for Dagster."""
        started = time.monotonic()
        with ThreadPoolExecutor(1) as aside:
            reload = self._reload(aside) if self._never_loses() else None
            after = self._look()
            if after is None or (reload is None and self._loses(after)):
                self.say("not reloaded: the page shows what was good before")
                return
            lines = list(change_lines(self.state, after, times.now()))
            self._show_problems(after)
            (reload or self._reload(aside)).result()
        self.state = after
        *first, last = lines or ["saved, and no pipeline is changed"]
        self.say(*first, f"{last}; reloaded in {time.monotonic() - started:.1f} s")

    def _reload(self, aside: ThreadPoolExecutor) -> "Future[None]":
        return aside.submit(self.server.reload, location_name(self.root))

    def _never_loses(self) -> bool:
        """Whether the code location will keep what was good, whatever the files say now."""
        served = self.state.texts.get(PROJECT_FILE)
        try:
            now = (self.root / PROJECT_FILE).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return False
        return self.state.factory.on_invalid == "last_good" and now == served

    def _look(self) -> State | None:
        """The state to serve; None if the files are wrong and `on_invalid` is fail."""
        try:
            return look(self.root, self.env)
        except Permanent as error:
            self.complain(error.message)
            return None

    def _loses(self, after: State) -> bool:
        """Whether a broken file would take a pipeline off the page."""
        lost = {spec.name for spec in self.state.specs} - {spec.name for spec in after.specs}
        stopped = {broken.name for broken in after.broken} & lost
        if stopped:
            self._show_problems(after)
        return bool(stopped)

    def _show_problems(self, after: State) -> None:
        known = {broken.message for broken in self.state.broken}
        for broken in after.broken:
            if broken.message not in known:
                write_lines(sys.stdout, ["", broken.message, ""])

    def _watched(self) -> str:
        return f"{PROJECT_FILE} and {self.state.factory.pipelines}/"

    def say(self, *lines: str) -> None:
        """Lines that stand out from Dagster's log."""
        color = wants_color(sys.stdout)
        mark = paint("factory", "bold", "cyan", color=color)
        write_lines(sys.stdout, [f"{mark} {line}" for line in lines])

    def complain(self, message: str) -> None:
        """An error among these lines."""
        self.say(problem_line(message, color=wants_color(sys.stdout)))

    def _unless_stopping(self, message: str) -> None:
        if not self.stop.is_set():
            self.complain(message)


def _state(root: Path, target: str | None) -> State:
    env = {**os.environ, "FACTORY_TARGET": target} if target else os.environ
    try:
        state = look(root, env)
    except Permanent as error:
        raise Stop(error.message, code=Exit.SPECS) from error
    for broken in state.broken:
        if broken.file == PROJECT_FILE and not broken.last_good:
            raise Stop(f"{broken.headline}\n{broken.message}", code=Exit.SPECS)
    return state


def _free_port() -> int:
    """The usual one, or another if somebody has it."""
    return _PORT if _is_free(_PORT) else _any_port()


def _require_free(port: int) -> int:
    if not _is_free(port):
        raise Stop(f"port {port} is in use", hint=f"--port {_any_port()}")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
