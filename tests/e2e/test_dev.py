"""`factory dev`: what is saved is on the page, and a run in the middle does not notice."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.dagster_dev import PEOPLE, REPOSITORY, Dev, make_project, tracebacks

NIGHTLY = PEOPLE.replace("* * * * *", "0 2 * * *")
WEB = """\
source: {http: "http://127.0.0.1:%d/rows.csv"}
bucket: web-bucket
table: registry.web
"""
LAUNCH = """mutation { launchRun(executionParams: {
  selector: {repositoryName: "__repository__", repositoryLocationName: "factory", jobName: "web"}
}) { ... on LaunchRunSuccess { run { id } } ... on PythonError { message } } }"""
RUN = '{ runOrError(runId: "ID") { ... on Run { status } } }'
SHAPE = """{ repositoryOrError(repositorySelector: {
  repositoryName: "__repository__", repositoryLocationName: "factory"
}) { ... on Repository { jobs { name } schedules { name cronSchedule } } } }"""
CHECKS = """{ assetNodeOrError(assetKey: {path: ["pipeline_specs"]}) { ... on AssetNode {
  assetChecksOrError { ... on AssetChecks { checks { name
    executionForLatestMaterialization { status } } } } } } }"""


class SlowServer(ThreadingHTTPServer):
    """Serves one small file, but not before `may_answer` is set."""

    def __init__(self) -> None:
        self.asked, self.may_answer = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), _Slow)


class _Slow(BaseHTTPRequestHandler):
    server: SlowServer

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self.server.asked.set()
        self.server.may_answer.wait(60)
        self._answer(b"name,age\nAnn,30\n")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "16")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def slow_server() -> Iterator[SlowServer]:
    with SlowServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.may_answer.set()
        server.shutdown()


@contextmanager
def factory_dev(root: Path) -> Iterator[tuple[Dev, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = root.parent / "factory-dev.log"
    left_out = ("DAGSTER_HOME", "FACTORY_TARGET", "COV")  # coverage ends with a traceback by Ctrl-C
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "factory", "dev", "--port", str(port)],
            cwd=root,
            env={**kept, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Dev(root, port, log), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def processes_of(root: Path) -> list[str]:
    """The command lines of what runs in that folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve().is_relative_to(root):
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def listening(root: Path) -> set[str]:
    """The addresses, in hex, at which processes in that folder wait for connections."""
    sockets = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve().is_relative_to(root):
                sockets |= {str(link.readlink()) for link in (entry / "fd").iterdir()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    waits = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return {row[1].partition(":")[0] for row in waits}


@pytest.mark.timeout(280)
def test_saves_come_to_the_page_and_ctrl_c_ends_it_all(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    people = root / "pipelines/people.yaml"
    with slow_server() as web, factory_dev(root) as (dev, process):
        people.write_text(NIGHTLY)
        (root / "pipelines/web.yaml").write_text(WEB % web.server_port)
        dev.wait_for(lambda: "serves " in dev.log.read_text(), 90, "webserver")
        dev.wait_for(lambda: crons(dev) == {"people": "0 2 * * *"}, 30, "nightly schedule")
        assert listening(root) <= {"0100007F", "0" * 24 + "01000000"}  # this machine only
        assert "0100007F" in listening(root)
        run_id = dev.ask(LAUNCH)["launchRun"]["run"]["id"]
        dev.wait_for(web.asked.is_set, 60, "run that waits for its source")

        people.write_text(NIGHTLY.replace("0 2", "30 6"))
        dev.wait_for(lambda: crons(dev) == {"people": "30 6 * * *"}, 30, "new schedule")
        said = "factory people: schedule 0 2 * * * → 30 6 * * *, next "
        dev.wait_for(lambda: said in dev.log.read_text(), 10, "line about it")

        people.write_text(NIGHTLY.replace("bucket:", "bukket:"))
        dev.wait_for(lambda: checks(dev) == {"pipelines_people_yaml": "FAILED"}, 40, "red check")
        assert crons(dev) == {"people": "30 6 * * *"}
        assert jobs(dev) == {"people", "web"}
        assert '^^^^^^ did you mean "bucket"?' in dev.log.read_text()

        web.may_answer.set()
        question = RUN.replace("ID", run_id)
        dev.wait_for(
            lambda: dev.ask(question)["runOrError"]["status"] == "SUCCESS", 40, "end of the run"
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0, dev.log.read_text()[-3000:]
    end = time.monotonic() + 5  # for the system to take note
    while processes_of(root) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(root) == []
    terminal = dev.log.read_text()
    assert tracebacks(terminal) == []
    assert "loaded registry.web: 1 row in" in terminal  # what a run does
    assert "SensorDaemon" not in terminal  # and not what the daemon looks at


def repository(dev: Dev) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = dev.ask(SHAPE)["repositoryOrError"]
    return found


def crons(dev: Dev) -> dict[str, str]:
    return {each["name"]: each["cronSchedule"] for each in repository(dev)["schedules"]}


def jobs(dev: Dev) -> set[str]:
    return {each["name"] for each in repository(dev)["jobs"]} - {"__ASSET_JOB"}


def checks(dev: Dev) -> dict[str, str | None]:
    """The checks of pipeline_specs with their last verdict."""
    found = dev.ask(CHECKS)["assetNodeOrError"]["assetChecksOrError"].get("checks", [])
    return {
        each["name"]: (each["executionForLatestMaterialization"] or {}).get("status")
        for each in found
    }
