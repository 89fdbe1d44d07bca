"""Dagster's own daemon and pages: a tick of the clock publishes, a termination leaves nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from tests.e2e.dagster_dev import Dev, dagster_dev, make_project, tracebacks
from tests.e2e.projects import factory

RUNS = "{ runsOrError { ... on Runs { results { id status jobName tags { key value } } } } }"
STUCK = """\
source: {http: "%s/stuck.csv"}
bucket: stuck-bucket
table: registry.stuck
concurrency: {pool: web}
"""
LAUNCH = """\
mutation { launchPipelineExecution(executionParams: {mode: "default", selector: {
  repositoryLocationName: "factory", repositoryName: "__repository__", pipelineName: "stuck"}
}) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""
TERMINATE = 'mutation { terminateRun(runId: "%s") { __typename } }'
STATUS = '{ runOrError(runId: "%s") { ... on Run { status } } }'


class Page(BaseHTTPRequestHandler):
    """Half a file, and the rest not before it is told to."""

    server: "Stuck"

    def do_HEAD(self) -> None:
        self._begin()

    def do_GET(self) -> None:
        self._begin()
        self.wfile.write(b"name\n")
        self.wfile.flush()
        self.server.asked.set()
        self.server.go_on.wait(120)
        self.wfile.write(b"Ann\n")

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "9")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Stuck(ThreadingHTTPServer):
    """Serves one file, as slowly as the test wants."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked, self.go_on = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def web() -> Iterator[Stuck]:
    with Stuck() as server:
        yield server
        server.go_on.set()
        server.shutdown()


@pytest.mark.timeout(280)
def test_a_tick_publishes_and_a_run_that_is_terminated_leaves_nothing_behind(
    tmp_path: Path, web: Stuck
) -> None:
    root = make_project(tmp_path / "project")
    spec = STUCK % f"http://127.0.0.1:{web.server_port}"
    (root / "pipelines/stuck.yaml").write_text(spec)
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    with dagster_dev(root, DAGSTER_HOME=str(home)) as dev:
        terminate(dev, root, web)
        run = dev.wait_for(lambda: finished(dev), 150, "finished run")
        assert run["status"] == "SUCCESS", dev.log.read_text()[-6000:]
        assert {"key": "dagster/schedule_name", "value": "people"} in run["tags"]
        assert {"key": "pipeline", "value": "people"} in run["tags"]
    assert rows(root) == [("Ann", 30), ("Eve", 41)]
    said = dev.log.read_text()
    assert "BetaWarning" not in said
    assert tracebacks(said) == []
    web.go_on.set()
    again = factory(root, "run", "stuck", env={"DAGSTER_HOME": str(home)})
    assert again.returncode == 0, again.stdout + again.stderr


def terminate(dev: Dev, root: Path, web: Stuck) -> None:
    """Launch the run that hangs in its fetch, and terminate it, as the pages do."""
    launched = dev.ask(LAUNCH)["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    dev.wait_for(web.asked.is_set, 120, "fetch")
    assert list((root / ".factory/work").glob("stuck/*")) != []
    ended = dev.ask(TERMINATE % run_id)["terminateRun"]
    assert ended["__typename"] == "TerminateRunSuccess", ended
    status = STATUS % run_id
    dev.wait_for(
        lambda: dev.ask(status)["runOrError"]["status"] == "CANCELED", 60, "end of the run"
    )
    assert list((root / ".factory/work").glob("stuck/*")) == []


def finished(dev: Dev) -> dict[str, object] | None:
    runs = dev.ask(RUNS)["runsOrError"]["results"]
    return next((run for run in runs if run["status"] in {"SUCCESS", "FAILURE"}), None)


def rows(root: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(root / ".factory/warehouse.duckdb"), read_only=True) as db:
        return db.execute("SELECT name, age FROM registry.people ORDER BY name").fetchall()
