"""A run that is launched and terminated in the UI ends where it is, and leaves nothing behind."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.dagster_dev import Dev, dagster_dev, make_project
from tests.e2e.projects import factory

SPEC = """\
source: {http: "%s/people.csv"}
bucket: people-bucket
table: registry.people
concurrency: {pool: web}
"""
LAUNCH = """\
mutation { launchPipelineExecution(executionParams: {mode: "default", selector: {
  repositoryLocationName: "factory", repositoryName: "__repository__", pipelineName: "people"}
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
def test_a_run_that_is_terminated_leaves_nothing_behind(tmp_path: Path, web: Stuck) -> None:
    root = make_project(tmp_path / "project")
    spec = SPEC % f"http://127.0.0.1:{web.server_port}"
    (root / "pipelines/people.yaml").write_text(spec)
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text((root / "dagster.yaml").read_text())
    with dagster_dev(root, DAGSTER_HOME=str(home)) as dev:
        launched = dev.ask(LAUNCH)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        dev.wait_for(web.asked.is_set, 120, "fetch")
        assert list((root / ".factory/work").glob("people/*")) != []
        ended = dev.ask(TERMINATE % run_id)["terminateRun"]
        assert ended["__typename"] == "TerminateRunSuccess", ended
        dev.wait_for(lambda: status(dev, run_id) == "CANCELED", 60, "end of the run")
    assert list((root / ".factory/work").glob("people/*")) == []
    web.go_on.set()
    again = factory(root, "run", "people", env={"DAGSTER_HOME": str(home)})
    assert again.returncode == 0, again.stdout + again.stderr


def status(dev: Dev, run_id: str) -> str:
    return str(dev.ask(STATUS % run_id)["runOrError"]["status"])
