"""The real daemon and queue, killed in the middle of runs: no tick twice, one fetch at a time."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from factory.orchestration.instance import project_instance
from tests.e2e.dagster_dev import FACTORY, make_project
from tests.e2e.service import service

SPEC = """\
source: {http: "%s/%s.csv"}
bucket: people-bucket
table: registry.%s
schedule: "* * * * *"
concurrency: {pool: web}
"""
NAMES = ("ann", "eve")
TICK = ".dagster/scheduled_execution_time"


class Slow(ThreadingHTTPServer):
    """Serves each file slowly, and counts how many it serves at once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.lock = threading.Lock()
        self.at_once = self.most = self.served = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Page(BaseHTTPRequestHandler):
    server: Slow

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.at_once += 1
            self.server.most = max(self.server.most, self.server.at_once)
            self.server.served += 1
        time.sleep(4)
        self._answer(b"name\nAnn\n")
        with self.server.lock:
            self.server.at_once -= 1

    def _answer(self, body: bytes = b"") -> None:
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body) or 9))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Slow]:
    with Slow() as server:
        yield server
        server.shutdown()


@pytest.mark.timeout(290)
def test_a_killed_daemon_doubles_no_tick_and_a_pool_fetches_one_at_a_time(
    tmp_path: Path, web: Slow
) -> None:
    root = make_project(tmp_path / "project")
    (root / "pipelines/people.yaml").unlink()
    (root / "factory.yaml").write_text(FACTORY)
    for name in NAMES:
        (root / f"pipelines/{name}.yaml").write_text(SPEC % (web.url, name, name))
    with service(root, tmp_path / "home") as running:
        daemon = running.start_daemon()
        with project_instance(root) as instance:
            running.wait_for(lambda: web.at_once, 150, "fetch")
            daemon.kill()  # one run fetches, the other waits for its turn
            daemon.wait()
            running.start_daemon()
            running.wait_for(lambda: done(instance, 2), 110, "two good runs")
            runs = instance.get_runs()
    ticks = Counter((run.job_name, run.tags[TICK]) for run in runs)
    assert set(ticks.values()) == {1}, ticks
    first = min(run.tags[TICK] for run in runs)
    assert {name for name, tick in ticks if tick == first} == set(NAMES)
    assert {run.status for run in runs} <= {
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.QUEUED,
    }
    assert web.served >= 2
    assert web.most == 1


def done(instance: dg.DagsterInstance, count: int) -> bool:
    good = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
    return len({run.job_name for run in good}) == count
